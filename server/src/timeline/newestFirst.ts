/** In which order the files of a source are indexed while somebody looks: the newest first, in steps that grow. */
import type { LogFile } from '../tree/scan.ts';

/** Bytes of each log's end that are looked at before anything is indexed. */
export const END_BYTES = 32 * 1024;
/** So many logs' ends are looked at: those that were written to last. */
const ENDS = 48;
/** Bytes of the first step. Each one after it has as many as all before it together: putting all in order again costs twice the whole at most. */
const FIRST_STEP = 8 << 20;
/** What compressed files mostly hold for each of their bytes. */
const COMPRESSED = 8;

const keyOf = ({ dev, ino }: LogFile): string => `${dev}:${ino}`;
const chainOf = ({ user, module }: LogFile): string => `${user}\0${module}`;

export class NewestFirst {
  /** The newest first. */
  private readonly files: LogFile[];
  private waiting = new Map<string, LogFile>();
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

  /** Has some more files wanted. @returns false where none was waiting */
  next(): boolean {
    if (this.waiting.size === 0) return false;
    const room = Math.max(FIRST_STEP, this.bytes);
    let taken = 0;
    for (const [key, { name, size }] of this.waiting) {
      const bytes = name.compressed ? size * COMPRESSED : size;
      if (taken > 0 && taken + bytes > room) break;
      taken += bytes;
      this.waiting.delete(key);
    }
    this.bytes += taken;
    return true;
  }
}
