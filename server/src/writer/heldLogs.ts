/** The logs of a user's folder that a transaction goes to: held, so that nobody else writes them meanwhile, with the lines for each. */

import { join } from 'node:path';
import { ConcurrentFile } from './concurrentFile.ts';
import type { Append } from './journal.ts';
import { LineBuffer } from './lineBuffer.ts';
import { loadFlock } from './loadFlock.ts';
import type { TreeRotation } from './treeRotation.ts';
import { UnlockedFile } from './unlockedFile.ts';

export interface HeldLogsOptions {
  /** Absolute. */
  folder: string;
  rotation?: TreeRotation | undefined;
  /** Longest wait for a log's lock, ms. */
  lockLimitMs: number;
  /** Logs that are kept open. */
  maxOpenFiles: number;
  /** A buffer of lines that has become larger is not kept, bytes. */
  maxLineBytes: number;
}

type LogHandle = Pick<ConcurrentFile, 'hold' | 'appendHeld' | 'release' | 'closeSync'>;

const MAX_SPARE = 16;

export class HeldLogs {
  readonly #options: HeldLogsOptions;
  readonly #hasLocks = loadFlock() !== null;
  /** By basename; the one used last comes last. */
  readonly #files = new Map<string, LogHandle>();
  readonly #held = new Map<string, { file: LogHandle; append: Append }>();
  readonly #lines = new Map<string, LineBuffer>();
  readonly #spare: LineBuffer[] = [];

  constructor(options: HeldLogsOptions) {
    this.#options = options;
  }

  has(basename: string): boolean {
    return this.#held.has(basename);
  }

  /** Takes a log, which is rotated where that is due. Throws LockTimeoutError after `limitMs`, or the system's error. */
  hold(basename: string, limitMs = this.#options.lockLimitMs): void {
    const file = this.#files.get(basename) ?? this.#open(basename);
    this.#files.delete(basename);
    this.#files.set(basename, file);
    this.#held.set(basename, { file, append: { basename, ...file.hold(limitMs), bytes: NOTHING } });
  }

  /** The lines for a held log. */
  lines(basename: string): LineBuffer {
    let lines = this.#lines.get(basename);
    if (!lines) {
      lines = this.#spare.pop() ?? new LineBuffer();
      this.#lines.set(basename, lines);
    }
    return lines;
  }

  /** What goes where. The bytes are valid until the release. */
  appends(): Append[] {
    const appends: Append[] = [];
    for (const [basename, lines] of this.#lines) {
      const held = this.#held.get(basename);
      if (!held || lines.length === 0) continue;
      held.append.bytes = lines.view();
      appends.push(held.append);
    }
    return appends;
  }

  /** All or nothing. Throws the system's error. */
  write({ basename, bytes }: Append): void {
    this.#held.get(basename)?.file.appendHeld(bytes);
  }

  /** Gives all of them back, without their lines. */
  release(): void {
    for (const { file } of this.#held.values()) file.release();
    this.#held.clear();
    for (const lines of this.#lines.values()) {
      lines.clear(this.#options.maxLineBytes);
      if (this.#spare.length < MAX_SPARE) this.#spare.push(lines);
    }
    this.#lines.clear();
    for (const [basename, file] of this.#files) {
      if (this.#files.size <= this.#options.maxOpenFiles) break;
      file.closeSync();
      this.#files.delete(basename);
    }
  }

  /** Opened again when something is held. */
  close(): void {
    for (const file of this.#files.values()) file.closeSync();
    this.#files.clear();
  }

  #open(basename: string): LogHandle {
    const { folder, rotation, lockLimitMs } = this.#options;
    const path = join(folder, basename);
    return this.#hasLocks ? new ConcurrentFile({ path, ...rotation, noFollow: true, lockLimitMs }) : new UnlockedFile(path);
  }
}

const NOTHING = Buffer.alloc(0);
