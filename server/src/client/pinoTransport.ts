/**
 * A transport for pino (https://getpino.io/#/docs/transports): `pino({ transport: { target: 'safelog/pino' } })`. pino runs it in a worker
 * thread, and writes its lines to the stream.
 */

import { Writable } from 'node:stream';
import { LineSplitter } from '../wire/jsonLines.ts';
import { JsonDelivery, type JsonDeliveryOptions } from './jsonDelivery.ts';

const MAX_LINE_BYTES = 64 * 2 ** 20;

export type SafelogPinoOptions = JsonDeliveryOptions;

export default function safelogPino(options: SafelogPinoOptions = {}): Writable {
  const delivery = new JsonDelivery(options);
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const take = (line: string): void => {
    if (line !== '') delivery.line(line);
  };
  return new Writable({
    write(chunk: Buffer, _, done) {
      try {
        for (const line of splitter.push(chunk)) take(line);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    final(done) {
      take(splitter.end());
      delivery.close();
      done();
    },
  });
}
