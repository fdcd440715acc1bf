/** Finds the entries in a text that has just been written which are errors, as the index does. */
import { HeadReader } from '../record/layout.ts';
import { ERROR } from '../record/level.ts';

const LF = 0x0a;
const TRACEBACK = /^\s*(?:\S+ )*Traceback \(most recent call last\):/;

export class ErrorLines {
  private readonly heads: HeadReader;
  private isKnown = false;
  /** The entry that is being written counts already. */
  private counted = false;

  /**
   * @param layout one that was given for the log, by name or format
   * @param published formats with which the service of its tree has written
   */
  constructor(layout: string | undefined, published: readonly string[], master: boolean) {
    this.heads = new HeadReader(master, { layout, published });
  }

  /**
   * What comes next in the log, from a line's beginning on.
   * @returns how many entries in it are at ERROR or above or have a traceback, and the line (0-based) of the last; -1: none
   */
  look(text: string): { errors: number; lastError: number } {
    const bytes = Buffer.from(text);
    if (!this.isKnown && bytes.length > 0) {
      this.heads.detect(bytes);
      this.isKnown = !this.heads.uncertain;
    }
    let errors = 0;
    let lastError = -1;
    const count = (line: number): void => {
      this.counted = true;
      errors++;
      lastError = line;
    };
    for (let line = 0, start = 0, begin = 0; start < bytes.length; line++) {
      const lf = bytes.indexOf(LF, start);
      const end = lf === -1 ? bytes.length : lf;
      if (this.heads.read(bytes, start, end)) {
        this.counted = false;
        begin = line;
        if (this.heads.head.level >= ERROR) count(line);
      }
      if (!this.counted && TRACEBACK.test(bytes.toString('latin1', start, Math.min(end, start + 512)))) count(begin);
      start = end + 1;
    }
    return { errors, lastError };
  }
}
