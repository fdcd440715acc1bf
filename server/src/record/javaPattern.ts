/**
 * The patterns of Java's logging libraries as format strings of Python: logback's and log4j's PatternLayout
 * (https://logback.qos.ch/manual/layouts.html, https://logging.apache.org/log4j/2.x/manual/pattern-layout.html) with dates of
 * java.time.format.DateTimeFormatter.
 */
import { joinFormat } from './layouts/format.ts';

const NAMES: Record<string, string> = {
  p: 'levelname',
  le: 'levelname',
  level: 'levelname',
  t: 'threadName',
  tn: 'threadName',
  thread: 'threadName',
  c: 'name',
  lo: 'name',
  logger: 'name',
  C: 'module',
  class: 'module',
  F: 'filename',
  file: 'filename',
  L: 'lineno',
  line: 'lineno',
  M: 'funcName',
  method: 'funcName',
  pid: 'process',
};

/** Letters of a date's pattern → strftime. A fraction behind the seconds is read without being named. */
const DATE_LETTERS: Record<string, string> = {
  yyyy: '%Y',
  uuuu: '%Y',
  yy: '%y',
  MM: '%m',
  MMM: '%b',
  dd: '%d',
  HH: '%H',
  hh: '%I',
  mm: '%M',
  ss: '%S',
  a: '%p',
  EEE: '%a',
  XXX: '%z',
  XX: '%z',
  Z: '%z',
};

const CONVERSION = /%(?<left>-?)(?<width>\d*)(?:\.-?\d+)?(?<word>[A-Za-z]+)(?<options>(?:\{[^{}]*\})*)|%%/g;

/** @returns undefined where a part of it has no counterpart */
export function formatOfJavaPattern(pattern: string): string | undefined {
  let format = '';
  let datefmt: string | undefined;
  let from = 0;
  for (const match of pattern.matchAll(CONVERSION)) {
    format += literal(pattern.slice(from, match.index));
    from = match.index + match[0].length;
    const { left, width, word, options = '' } = match.groups ?? {};
    if (word === undefined) {
      format += '%%';
      continue;
    }
    const lower = word.toLowerCase();
    // What follows the message, the line's end among it, is the message's for a reader.
    if (word === 'm' || lower === 'msg' || lower === 'message') return joinFormat(`${format}%(message)s`, datefmt);
    if (word === 'd' || lower === 'date') {
      const date = dateOf(/^\{([^{}]*)\}/.exec(options)?.[1] ?? '');
      if (date === undefined) return undefined;
      datefmt = date === '' ? undefined : date;
      format += '%(asctime)s';
      continue;
    }
    const name = NAMES[word];
    if (name === undefined) return undefined;
    format += `%(${name})${left && width ? `-${width}` : ''}s`;
  }
  return undefined;
}

const literal = (text: string): string => text.replaceAll('%', '%%');

/** Empty for Python's own date, which is log4j's default, too. */
function dateOf(pattern: string): string | undefined {
  // A zone may stand behind it.
  const date = (/^\s*"([^"]*)"/.exec(pattern)?.[1] ?? pattern.replace(/,\s*(?:[A-Z]\w*\/.*|[A-Z]{3,4}[+-]?\d*)$/, '')).trim();
  if (/^(ISO8601|DEFAULT)?$/.test(date)) return '';
  if (date === 'ABSOLUTE') return '%H:%M:%S';
  const parts = date.match(/'[^']*'|([A-Za-z])\1*|[^A-Za-z']+/g) ?? [];
  let strftime = '';
  for (const part of parts) {
    if (part.startsWith("'")) strftime += part === "''" ? "'" : part.slice(1, -1).replaceAll('%', '%%');
    else if (/^[Sn]+$/.test(part)) strftime = strftime.replace(/[.,]$/, '');
    else if (/^[A-Za-z]/.test(part)) {
      const directive = DATE_LETTERS[part];
      if (directive === undefined) return undefined;
      strftime += directive;
    } else strftime += part.replaceAll('%', '%%');
  }
  return strftime;
}
