/**
 * What a program can neither send nor write waits in a spool (generation/spoolPath.ts), until a service of its tree takes it in: as a
 * recorded connection, a hello and batches (docs/protocol.md), and as logs, for those who look at the tree meanwhile. The recording is
 * played back as it is, so that the service writes no record twice that it has had from the program itself, and believes it no more than
 * it believes the user who plays it back.
 */

import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { SPOOLED_TREE } from '../generation/spoolPath.ts';
import { BatchEncoder, encodeHello, STREAM_VERSION } from '../wire/stream.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { makeFolder } from '../writer/makeFolder.ts';
import { TreeWriter } from '../writer/treeWriter.ts';
import { writeWhole } from '../writer/writeWhole.ts';
import { type ClientEntry, linesOf } from './treeFiles.ts';

/** A program spools so much; what comes then is dropped, and counted in the log when that is possible again. */
export const MAX_SPOOL_BYTES = 64 * 2 ** 20;
const BATCH_BYTES = 256 * 1024;
/** Larger than any record that is taken. */
const MAX_BATCH_BYTES = 16 * 2 ** 20;

/** Within a program's spool: the recorded connection. */
export const RECORDS = 'records';
export interface SpoolOptions {
  /** As spoolFolder gives it. */
  folder: string;
  /** 32 hex digits: who numbers the records. */
  client: string;
  user: string;
  program: string;
  maxBytes?: number;
}

/** The spool of one program, while it is written. It is locked, so that nobody plays it back before it is whole. */
export class Spool {
  readonly folder: string;
  readonly #fd: number;
  readonly #user: string;
  readonly #maxBytes: number;
  readonly #logs: TreeWriter;
  #bytes = 0;
  #next = 1;

  /** Begins one. Throws the system's error. */
  constructor({ folder, client, user, program, maxBytes = MAX_SPOOL_BYTES }: SpoolOptions) {
    this.folder = join(folder, client);
    this.#user = user;
    this.#maxBytes = maxBytes;
    makeFolder(this.folder);
    this.#fd = openSync(join(this.folder, RECORDS), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600);
    loadFlock()?.tryLock(this.#fd);
    this.#logs = new TreeWriter({ root: join(this.folder, SPOOLED_TREE) });
    this.#write(encodeHello({ version: STREAM_VERSION, client, program: program.slice(0, 80), user, module: '' }));
  }

  /**
   * Appends new records, with the sequences that follow; one that is larger than any batch is left out. Throws the system's error, or
   * ENOSPC where the spool is full: none of them is in it then.
   */
  append(entries: readonly ClientEntry[]): void {
    const encoder = new BatchEncoder(MAX_BATCH_BYTES);
    const frames: Buffer[] = [];
    let next = this.#next;
    const finish = (): void => {
      if (encoder.count === 0) return;
      const first = next;
      next += encoder.count;
      frames.push(encoder.finish(first));
    };
    for (const { module, level, text, source, time } of entries) {
      const record = { user: '', module, level, text, source, time };
      if (encoder.bytes > BATCH_BYTES) finish();
      if (encoder.add(record)) continue;
      finish();
      encoder.add(record);
    }
    finish();
    this.appendFrames(frames, entries);
    this.#next = next;
  }

  /** Appends batches as they were sent, with the records that are in them. Throws as append does. */
  appendFrames(frames: readonly Uint8Array[], entries: readonly ClientEntry[]): void {
    this.#write(Buffer.concat(frames));
    for (const entry of entries) for (const [name, line] of linesOf(entry)) this.#logs.append(this.#user, name, Buffer.from(line));
  }

  /** It is whole: it may be played back. */
  close(): void {
    this.#logs.close();
    closeSync(this.#fd);
  }

  #write(bytes: Uint8Array): void {
    if (this.#bytes + bytes.length > this.#maxBytes) throw Object.assign(new Error('the spool is full'), { code: 'ENOSPC' });
    writeWhole(this.#fd, bytes);
    this.#bytes += bytes.length;
  }
}
