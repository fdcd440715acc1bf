/**
 * Connections of JSON lines. The first line has to be a record: a web page can send a form to any port, whose lines begin with a request.
 * A later line that is none, as what a program prints when it crashes, is a record of its own with that text.
 */

import { decodeJsonLine, type JsonContext, LineSplitter } from '../wire/jsonLines.ts';
import { WireError, type WireRecord } from '../wire/wireRecord.ts';
import type { Decoder } from './connectionReceiver.ts';

export class JsonDecoder implements Decoder {
  readonly #splitter: LineSplitter;
  readonly #context: JsonContext;
  #isFirst = true;
  /** Plain lines of this connection go where its last record went. */
  #module = '';

  constructor(maxBytes: number, context: JsonContext) {
    this.#splitter = new LineSplitter(maxBytes);
    this.#context = context;
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): WireRecord[] {
    return this.#decode(this.#splitter.push(chunk));
  }

  end(): WireRecord[] {
    return this.#decode([this.#splitter.end()]);
  }

  #decode(lines: readonly string[]): WireRecord[] {
    const records: WireRecord[] = [];
    for (const line of lines) {
      if (line.trim() === '') continue;
      try {
        const record = decodeJsonLine(line, this.#context);
        this.#isFirst = false;
        this.#module = record.module;
        records.push(record);
      } catch (error) {
        if (!(error instanceof WireError) || this.#isFirst) throw error;
        records.push({ level: 'INFO', time: 0, text: line, module: this.#module });
      }
    }
    return records;
  }
}
