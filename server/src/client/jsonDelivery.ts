/** Records of other loggers on their way to the tree, as a program's own entries go: to the service, or into the files. */

import { hostname } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { cleanModule } from '../record/treeName.ts';
import { decodeJsonLine, fromJson, type JsonContext } from '../wire/jsonLines.ts';
import { toEntry } from '../wire/recordEntry.ts';
import { WireError, type WireRecord } from '../wire/wireRecord.ts';
import { nowMicros } from '../writer/clock.ts';
import { Delivery } from './delivery.ts';
import { moduleOfFile } from './moduleName.ts';
import { readSettings } from './settings.ts';

export interface JsonDeliveryOptions {
  /** For records that name no logger; by default the program's file, or, in a worker thread, `unnamed`. */
  module?: string;
  /** The log tree; a service that serves another one is left alone. */
  root?: string;
}

/** Longest wait for a service or another writer at the end, ms. */
const CLOSE_MS = 10_000;

export class JsonDelivery {
  readonly #delivery: Delivery;
  readonly #module: string;
  readonly #context: JsonContext = { host: hostname() };

  constructor({ module, root }: JsonDeliveryOptions = {}) {
    const { SAFELOG_SOCKET, ...others } = process.env;
    const settings = readSettings(
      root === undefined ? process.env : { ...others, SAFELOG_SOCKET: SAFELOG_SOCKET === '-' ? '-' : undefined, SAFELOG_ROOT: root },
    );
    const [, script] = process.argv;
    // A worker's script is the logger's own.
    const own = isMainThread && script !== undefined ? cleanModule(moduleOfFile(script)) : 'unnamed';
    this.#module = module ? cleanModule(module) : (settings.module ?? own);
    this.#delivery = new Delivery({
      ...settings,
      program: `${this.#module} ${process.pid}`,
      onProblem: (text: string) => process.stderr.write(`safelog: ${text}\n`),
    });
  }

  /** A line of JSON, or any text, which is a record of its own. */
  line(line: string): void {
    let record: WireRecord;
    try {
      record = decodeJsonLine(line, this.#context);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      record = { level: 'INFO', time: 0, text: line, module: '' };
    }
    this.#log(record);
  }

  /** A record as JSON has it. */
  json(value: unknown): void {
    this.#log(fromJson(value, this.#context));
  }

  /** On return everything is written, or told to be lost. */
  close(): void {
    this.#delivery.close(CLOSE_MS);
  }

  #log(record: WireRecord): void {
    const entry = toEntry({ ...record, pid: record.pid ?? process.pid }, this.#module);
    this.#delivery.log({ ...entry, time: entry.time || nowMicros() });
  }
}
