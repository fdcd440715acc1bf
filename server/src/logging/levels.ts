/** Python's levels with their names, which a program may change (https://docs.python.org/3/library/logging.html#logging-levels). */

export const NOTSET = 0;
export const DEBUG = 10;
export const INFO = 20;
export const WARNING = 30;
export const WARN = WARNING;
export const ERROR = 40;
export const CRITICAL = 50;
export const FATAL = CRITICAL;

/** A level's number or its name. */
export type Level = number | string;

const numbers = new Map<string, number>([
  ['CRITICAL', CRITICAL],
  ['FATAL', FATAL],
  ['ERROR', ERROR],
  ['WARN', WARN],
  ['WARNING', WARNING],
  ['INFO', INFO],
  ['DEBUG', DEBUG],
  ['NOTSET', NOTSET],
]);
const names = new Map<number, string>([
  [CRITICAL, 'CRITICAL'],
  [ERROR, 'ERROR'],
  [WARNING, 'WARNING'],
  [INFO, 'INFO'],
  [DEBUG, 'DEBUG'],
  [NOTSET, 'NOTSET'],
]);

/** Gives a level a name, for both directions. */
export function addLevelName(level: number, name: string): void {
  names.set(level, name);
  numbers.set(name, level);
}

/** The name of a number (`Level 35` where it has none), or the number of a name; `Level NAME` for a name that there is not. */
export function getLevelName(level: number): string;
export function getLevelName(level: string): number | string;
export function getLevelName(level: Level): Level;
export function getLevelName(level: Level): Level {
  const known = typeof level === 'number' ? names.get(level) : numbers.get(level);
  return known ?? `Level ${level}`;
}

/** All names with their numbers. */
export function getLevelNamesMapping(): Map<string, number> {
  return new Map(numbers);
}

/** A level's number. Throws a RangeError for a name that there is not, a TypeError for what is neither. */
export function checkLevel(level: Level): number {
  if (typeof level === 'number' && Number.isInteger(level)) return level;
  if (typeof level !== 'string') throw new TypeError(`the level is not a whole number or a name: ${String(level)}`);
  const known = numbers.get(level);
  if (known === undefined) throw new RangeError(`there is no level ${JSON.stringify(level)}`);
  return known;
}
