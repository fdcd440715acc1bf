import { errorCode } from '../tree/scan.ts';

/** The path leads to another file, or other content, than what was indexed: it was rotated meanwhile. Scan again, then ask again. */
export class Moved extends Error {
  /** @param holdsOther the file is there, and its content is another */
  constructor(
    readonly path: string,
    readonly holdsOther = false,
  ) {
    super(`${path} was rotated meanwhile`);
    this.name = 'Moved';
  }
}

/** The path leads to another file now, or to none. */
export const isMoved = (error: unknown): boolean => error instanceof Moved || errorCode(error) === 'ENOENT';
