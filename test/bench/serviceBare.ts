/** What the service is measured against: the least that a receiver in Node can do. */

import { mkdirSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { formatSafelog } from '../../server/src/record/timestamp.ts';
import {
  decodeClientFrame,
  encodeStored,
  encodeWelcome,
  FrameDecoder,
  MAX_FRAME_BYTES,
  Records,
  STREAM_VERSION,
} from '../../server/src/wire/stream.ts';

export interface BareOptions {
  socket: string;
  folder: string;
}

/** Takes batches and writes both lines of each record, then answers whoever has said hello: no locks, no journal, no identity, no checks. */
export function startBareStream({ socket, folder }: BareOptions): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const master = openSync(join(folder, 'master.log'), 'a');
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    const log = openSync(join(folder, `m${connections++}.log`), 'a');
    const decoder = new FrameDecoder(MAX_FRAME_BYTES);
    let hasSaidHello = false;
    peer.on('data', (chunk) => {
      decoder.push(chunk);
      let lines = '';
      let masterLines = '';
      let last = 0;
      for (let frame = decoder.next(); frame; frame = decoder.next()) {
        const message = decodeClientFrame(frame);
        if (message.kind === 'hello') {
          hasSaidHello = true;
          peer.write(encodeWelcome(WELCOME));
        }
        if (message.kind !== 'records') continue;
        last = message.batch.last;
        const records = new Records(message.batch);
        while (records.next()) {
          const stamp = stampOf(records.time);
          const text = frame.payload.toString('latin1', records.textStart, records.textEnd);
          lines += `${stamp} INFO ${text}\n`;
          masterLines += `${stamp} m.log INFO ${text}\n`;
        }
      }
      if (lines === '') return;
      writeSync(log, lines, null, 'latin1');
      writeSync(master, masterLines, null, 'latin1');
      if (hasSaidHello) peer.write(encodeStored(last));
    });
    peer.on('end', () => peer.end());
    peer.on('error', () => {});
  });
  return new Promise((resolve) => server.listen(socket, resolve));
}

const WELCOME = {
  version: STREAM_VERSION,
  stored: 0,
  user: '',
  windowRecords: 65_536,
  windowBytes: 8 * 2 ** 20,
  frameBytes: MAX_FRAME_BYTES,
  root: '',
};

let second = -1;
let head = '';

/** The second's part is kept. */
function stampOf(time: number): string {
  const its = Math.floor(time / 1e6);
  if (its !== second) {
    second = its;
    head = formatSafelog(its * 1e6).slice(0, 19);
  }
  return `${head}.${String(time - its * 1e6).padStart(6, '0')}+00:00`;
}

/** Accepts, reads to the end, and closes. The port. */
export function startBareEntries(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    const chunks: Buffer[] = [];
    peer.on('data', (chunk) => chunks.push(chunk));
    peer.on('end', () => peer.end());
    peer.on('error', () => {});
  });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
