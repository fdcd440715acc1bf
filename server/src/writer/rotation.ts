/** What a kind of rotation (by size, by time) has to know. All of it happens under the log's lock. */
export interface Rotation {
  /** The lock has just been taken: others may have rotated. Counts for all records that are written before it is given back. */
  refresh(): void;
  /** Whether the log, which has so many bytes, is to be rotated before the next record. */
  isDue(size: number): boolean;
  /** Called once for each rotation: what the names of its generation begin with while it is in flight; a file name's part, or empty. */
  begin(): string;
  /** The log has become a generation, in its place or in flight: the next rotation is for what comes now. */
  advance(): void;
  /** The log itself becomes a generation, in its place; includes `advance`. */
  enterLog(log: string, mark: string): void;
  /** A generation that was in flight, marked so, takes its place among the others by its age, which is its time of modification. */
  enterInFlight(path: string, form: Form, mark: string): void;
  /** False: the log is emptied instead of becoming a generation. */
  readonly keeps: boolean;
  /** Other writers of the log keep so many generations (Infinity: all): none of these is deleted. */
  keepAtLeast(generations: number): void;
}

/** Moves a log or a generation to its place in the chain; a rename, where the program gives no function of its own. */
export type Rotator = (source: string, destination: string) => void;

/** What a generation's name ends with: nothing, or `.gz` when it is compressed. */
export type Form = '' | '.gz';
export const FORMS: readonly Form[] = ['', '.gz'];
