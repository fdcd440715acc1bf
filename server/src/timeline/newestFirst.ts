/** In which order the files of a source are indexed while somebody looks: the newest first, in steps that grow; what somebody waits for before all. */
import type { Micros } from '../protocol.ts';
import type { LogFile } from '../tree/scan.ts';

/** Bytes of each log's end that are looked at before anything is indexed. */
export const END_BYTES = 32 * 1024;
/** So many logs' ends are looked at: those that were written to last. */
const ENDS = 48;
/** Bytes of the first step. Each one after it has as many as all before it together: putting all in order again costs twice the whole at most. */
const FIRST_STEP = 8 << 20;
/** What compressed files mostly hold for each of their bytes. */
const COMPRESSED = 8;

const contentBytes = ({ name, size }: LogFile): number => (name.compressed ? size * COMPRESSED : size);
const keyOf = ({ dev, ino }: LogFile): string => `${dev}:${ino}`;
/** A file's newest entry is hardly newer than its last change. */
export const newestOf = ({ mtimeMs }: LogFile): Micros => mtimeMs * 1000;
const chainOf = ({ user, module }: LogFile): string => `${user}\0${module}`;

/** What a page waits for while files are still being indexed. */
export interface Missing {
  /** All rows from this time on. */
  from?: Micros;
  /** The generation with this identity. */
  identity?: string;
}

export class NewestFirst {
  /** All that were there at the start, the newest first. */
  readonly files: readonly LogFile[];
  private waiting = new Map<string, LogFile>();
  /** Taken by the step that is under way. */
  private readonly step = new Map<string, LogFile>();
  /** Somebody waits for the rows from these times on, and for what is in these files. */
  private asked: Micros[] = [];
  private askedFiles: string[] = [];
  private bytes = 0;

  constructor(files: readonly LogFile[]) {
    this.files = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs);
    for (const file of this.files) this.waiting.set(keyOf(file), file);
  }

  /** The logs that were written to last; where one has just been rotated, the rotation too. */
  get ends(): LogFile[] {
    const ends: LogFile[] = [];
    const short = new Set<string>();
    for (const file of this.files) {
      if (ends.length === ENDS) break;
      const chain = chainOf(file);
      if (file.name.live && file.size < END_BYTES) short.add(chain);
      if (file.name.live || short.delete(chain)) ends.push(file);
    }
    return ends;
  }

  /** False for files whose turn has not come. */
  readonly wanted = (file: LogFile): boolean => !this.waiting.has(keyOf(file));

  /** Files that wait for their turn. */
  get rest(): Iterable<LogFile> {
    return this.waiting.values();
  }

  /** Has just the files read next that may have entries from a time on. */
  hurry(from: Micros): void {
    if (this.asked.includes(from)) return;
    this.asked.push(from);
    this.postpone((file) => newestOf(file) < from);
  }

  /** Has one file read next. */
  hurryFile(file: LogFile): void {
    const key = keyOf(file);
    this.askedFiles.push(key);
    this.postpone((other) => keyOf(other) !== key);
  }

  /** Has nothing more begun until the next step. */
  pause(): void {
    this.postpone(() => true);
  }

  /** What the step under way has not begun yet is not wanted for now. */
  private postpone(isLess: (file: LogFile) => boolean): void {
    for (const [key, file] of this.step) if (isLess(file)) this.waiting.set(key, file);
    this.waiting = new Map([...this.waiting].sort(([, a], [, b]) => b.mtimeMs - a.mtimeMs));
  }

  /** Has some more files wanted. @returns false where none was waiting */
  next(): boolean {
    this.step.clear();
    for (const file of this.due()) this.step.set(keyOf(file), file);
    for (const [key, file] of this.step) {
      this.waiting.delete(key);
      this.bytes += contentBytes(file);
    }
    return this.step.size > 0;
  }

  /** What the next step takes. */
  private due(): LogFile[] {
    const waiting = [...this.waiting.values()];
    const file = this.waiting.get(this.askedFiles.pop() ?? '');
    if (file !== undefined) return [file];
    this.asked = this.asked.filter((from) => waiting[0] !== undefined && newestOf(waiting[0]) >= from);
    if (this.asked.length > 0) {
      // The latest: the least has to be read for it.
      const from = Math.max(...this.asked);
      return waiting.filter((file) => newestOf(file) >= from);
    }
    const room = Math.max(FIRST_STEP, this.bytes);
    let bytes = 0;
    return waiting.filter((file, index) => {
      bytes += contentBytes(file);
      return index === 0 || bytes <= room;
    });
  }
}
