/** What every sub-command shares: how it is called, and how it says that it was called wrongly. */

export interface Command {
  /** What `safelog NAME --help` prints. */
  help: string;
  /** Takes the arguments after the command's name and gives the exit code. Throws UsageError, or any error: exit code 1. */
  run(args: string[]): Promise<number>;
}

/** Bad usage: exit code 2 and the message. The errors of node:util's parseArgs are treated alike. */
export class UsageError extends Error {
  override name = 'UsageError';
  /** @param detail lines to print below the message */
  constructor(
    message: string,
    readonly detail: readonly string[] = [],
  ) {
    super(message);
  }
}

export function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS');
}

/** A TCP port out of an option or a variable: 0 to 65535. Throws UsageError; `source` is named in it. */
export function parsePort(text: string, source: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) throw new UsageError(`${source}: ${JSON.stringify(text)} is not a port (0 to 65535)`);
  return port;
}

/** Text for a terminal: control characters, which it would obey, as `\xNN`. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A text, and below it a mark under a part of it. Both are fit for a terminal. */
export function pointAt(text: string, start: number, length: number): string[] {
  const width = (part: string): number => [...printable(part)].length;
  const mark = `^${'~'.repeat(Math.max(0, width(text.slice(start, start + length)) - 1))}`;
  return [printable(text), `${' '.repeat(width(text.slice(0, start)))}${mark}`];
}
