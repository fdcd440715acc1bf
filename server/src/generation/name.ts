/**
 * Names of the files of a rotation chain: `demo.log`, `demo.log.1`, `demo.log.2.gz`, `demo.log.2026-11-20_10.gz`, `demo.log-20261120.gz`,
 * `demo.20261120.log`, and `demo.log.rotate.k3j9` (a rotation in flight).
 */

/** The log that has every entry of a user. */
export const MASTER_LOG = 'master.log';

/** What a base name says of its file. */
export interface GenerationName {
  /** The chain's live file: `demo.log`. */
  log: string;
  /** The log's name without `.log`. */
  module: string;
  compressed: boolean;
  /** Sorts the files of one chain, oldest first, by comparing element by element. The live file is the newest. */
  age: readonly number[];
  live: boolean;
  /** A rotation in flight: the name does not tell whether it is compressed already. */
  inFlight?: true;
}

/** Ages begin with their kind: a live file is newer than a rotation in flight, that is newer than numbered and dated ones. */
const LIVE = 3;
const IN_FLIGHT = 2;
const ROTATED = 1;

const date = String.raw`(\d{4})-?(\d\d)-?(\d\d)(?:[T_-]?(\d\d)(?:[-:]?(\d\d)(?:[-:]?(\d\d))?)?)?`;
const rotateInFlight = /^(.+)\.rotate\.[\w.-]+$/;
const numbered = /^(.+?)\.(\d{1,5})$/;
/** A number, or logrotate's `-%Y%m%d-%s`. */
const dated = new RegExp(String.raw`^(.+?)[.-]${date}(?:[.-](\d{1,5}|\d{10}))?$`);
const datedInside = new RegExp(String.raw`^(.+?)[.-]${date}(?:[.-](\d{1,5}|\d{10}))?\.log$`);
/** logrotate's `-%s`: seconds since the epoch, until 2100; what begins like a year is a date. */
const epoch = /^(.+?)[.-]([1-4]\d{9})(\.log)?$/;

/** Names that are no logs: hidden files, locks, editors' and writers' temporary files. */
const ignored = /^\.|~$|\.(?:lock|lck|pid|swp|swx|tmp|part|offset|state)$/i;

/** What a file's base name says; undefined for files that are no logs. Every other name is a log of its own: anyone may put files there. */
export function parseName(basename: string): GenerationName | undefined {
  if (basename === '' || ignored.test(basename)) return undefined;
  const compressed = /\.gz$/i.test(basename);
  const plain = compressed ? basename.slice(0, -3) : basename;
  if (plain === '') return undefined;
  const inFlight = rotateInFlight.exec(plain);
  if (inFlight !== null) return { ...generation(inFlight[1] ?? plain, compressed, [IN_FLIGHT]), inFlight: true };
  const inside = datedInside.exec(plain);
  if (inside !== null && isDate(inside)) return generation(`${inside[1]}.log`, compressed, [ROTATED, ...dateAge(inside)]);
  const byDate = dated.exec(plain);
  if (byDate !== null && isDate(byDate)) return generation(byDate[1] ?? plain, compressed, [ROTATED, ...dateAge(byDate)]);
  const bySecond = epoch.exec(plain);
  if (bySecond !== null) {
    return generation(`${bySecond[1]}${bySecond[3] ?? ''}`, compressed, [ROTATED, Number(bySecond[2]) * 1000, 0]);
  }
  const byNumber = numbered.exec(plain);
  // Without a date the time of a numbered generation is unknown: it sorts between the dated ones and the live file, `.1` the newest.
  if (byNumber !== null) return generation(byNumber[1] ?? plain, compressed, [ROTATED, Number.MAX_SAFE_INTEGER, -Number(byNumber[2])]);
  if (compressed) return generation(plain, true, [ROTATED, Number.MAX_SAFE_INTEGER, 0]);
  return { ...generation(plain, false, [LIVE]), live: true };
}

function generation(log: string, compressed: boolean, age: readonly number[]): GenerationName {
  return { log, module: moduleOfLog(log), compressed, age, live: false };
}

/** What a log's file name, without any rotation in it, says of its module. */
export const moduleOfLog = (log: string): string => (log.endsWith('.log') && log.length > 4 ? log.slice(0, -4) : log);

const group = (match: RegExpExecArray, index: number): number => Number(match[index] ?? 0);

function isDate(match: RegExpExecArray): boolean {
  return (
    group(match, 2) >= 1970 &&
    group(match, 3) >= 1 &&
    group(match, 3) <= 12 &&
    group(match, 4) >= 1 &&
    group(match, 4) <= 31 &&
    group(match, 5) <= 23
  );
}

/** By date, then, within one period, as they were numbered: the one without a number is the oldest (concurrent-log-handler). */
function dateAge(match: RegExpExecArray): number[] {
  const time = Date.UTC(group(match, 2), group(match, 3) - 1, group(match, 4), group(match, 5), group(match, 6), group(match, 7));
  return [time, Number(match[8] ?? 0)];
}

/** By UTF-16 units, the same on every machine: for names that are shown in order. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Negative where `a` is older. */
export function compareAge(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
