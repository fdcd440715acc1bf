/**
 * Syslog: RFC 5424 (with structured data), RFC 3164 as it is really sent (libc's, without a host; ISO stamps; none at all, as Python's
 * SysLogHandler), and what parts messages on a stream: octet counting and line feeds (RFC 6587), and Python's NUL. Pure.
 */

import { levelName, levelOfSeverity, parseLevel } from '../record/level.ts';
import { StampReader } from '../record/timestamp.ts';
import { NewRecord, setExtras, validTime, WireError, type WireRecord } from './wireRecord.ts';

const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'security', 'console'],
  ...['solaris-cron', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const USER = 1;
/** Severities that levels have no word for. */
const SEVERITIES: Readonly<Record<number, string>> = { 0: 'emergency', 1: 'alert', 5: 'notice' };
/** What counts where a message names no priority: user.notice (RFC 3164, 4.3.3). */
const DEFAULT_PRIORITY = 13;
const MAX_PARAMETERS = 1000;

export interface SyslogContext {
  /** µs since the epoch: stamps of RFC 3164 have no year. */
  now: number;
  /** The machine's own name: a message from it does not say so. */
  host: string;
}

type Extras = Record<string, unknown>;

/** What a message says. Any text is one; trailing line ends and NULs are not its own. */
export function decodeSyslog(message: Buffer, { now, host }: SyslogContext, start = 0, messageEnd = message.length): WireRecord {
  let end = messageEnd;
  while (end > start && (message[end - 1] === 0 || message[end - 1] === 0x0a || message[end - 1] === 0x0d)) end--;
  const text = message.toString('utf8', start, end);
  const pri = /^<(\d{1,3})>/.exec(text);
  const priority = pri && Number(pri[1]) < 192 ? Number(pri[1]) : DEFAULT_PRIORITY;
  const rest = pri && Number(pri[1]) < 192 ? text.slice(pri[0].length) : text;
  const extras: Extras = {};
  const facility = priority >> 3;
  const severity = priority & 7;
  if (facility !== USER) extras.facility = FACILITIES[facility];
  const record: WireRecord = new NewRecord(levelName(levelOfSeverity(severity)), 0, '', '');
  if (SEVERITIES[severity]) extras.severity = SEVERITIES[severity];
  if (!rest.startsWith('1 ') || !readModern(rest, record, extras, host)) readLegacy(rest, record, extras, { now, host });
  if (record.text.includes('\r')) record.text = record.text.replaceAll('\r\n', '\n');
  return setExtras(record, extras);
}

/** RFC 5424, from the version on; false for anything else. */
function readModern(text: string, record: WireRecord, extras: Extras, ownHost: string): boolean {
  const head = /^1 (\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64})(?: |$)/.exec(text);
  if (!head) return false;
  const [whole, stamp = '-', host = '-', app = '-', process = '-', message = '-'] = head;
  const time = stamp === '-' ? 0 : isoTime(stamp);
  if (time === null) return false;
  const data = readData(text, whole.length);
  if (!data) return false;
  record.time = validTime(time);
  if (host !== '-' && host !== ownHost) extras.host = host;
  if (app !== '-') record.module = record.logger = app;
  if (/^\d{1,15}$/.test(process)) record.pid = Number(process);
  else if (process !== '-') extras.procid = process;
  if (message !== '-') extras.msgid = message;
  if (Object.keys(data.elements).length > 0) extras.data = data.elements;
  record.text = text.slice(data.end).replace(/^ ?\ufeff?/, '');
  return true;
}

/** STRUCTURED-DATA (6.3) at `from`; null where there is none. */
function readData(text: string, from: number): { elements: Record<string, Record<string, string>>; end: number } | null {
  if (text[from] === '-') return { elements: {}, end: from + 1 };
  const elements: Record<string, Record<string, string>> = Object.create(null);
  let at = from;
  let count = 0;
  while (text[at] === '[') {
    const id = /\[([^\s="\]]{1,64})/y;
    id.lastIndex = at;
    const [opening, name] = id.exec(text) ?? [];
    if (opening === undefined || name === undefined) return null;
    at += opening.length;
    elements[name] ??= Object.create(null) as Record<string, string>;
    const element = elements[name];
    for (;;) {
      if (text[at] === ']') break;
      const parameter = / +([^\s="\]]{1,255})="((?:[^"\\\]]|\\.)*)"/sy;
      parameter.lastIndex = at;
      const [all, key, value = ''] = parameter.exec(text) ?? [];
      if (all === undefined || key === undefined || ++count > MAX_PARAMETERS) return null;
      element[key] = value.replace(/\\(["\\\]])/g, '$1');
      at += all.length;
    }
    at++;
  }
  return at === from || (at < text.length && text[at] !== ' ') ? null : { elements, end: at };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LEVEL_WORD = /^(trace|debug|info|notice|warn(ing)?|err(or)?|crit(ical)?|fatal|exception|traceback|note|todo|http|https)$/i;

function readLegacy(text: string, record: WireRecord, extras: Extras, { now, host }: SyslogContext): void {
  let rest = text;
  // Most have no stamp: these are told apart by a letter.
  const dated = text[3] !== ' ' ? null : /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(\.\d{1,6})? /.exec(text);
  const month = MONTHS.indexOf(dated?.[1] ?? '');
  const iso = dated || text[4] !== '-' ? null : /^(\d{4}-\d\d-\d\dT\S{8,26}) /.exec(text);
  const isoMicros = iso ? isoTime(iso[1] ?? '') : null;
  let hasStamp = false;
  if (dated && month >= 0) {
    const [whole, , day, hour, minute, second, fraction = ''] = dated;
    record.time = validTime(
      timeOfYear(now, [month, Number(day), Number(hour), Number(minute), Number(second)]) + Math.round(Number(fraction) * 1e6),
    );
    rest = text.slice(whole.length);
    hasStamp = true;
  } else if (iso && isoMicros !== null) {
    record.time = validTime(isoMicros);
    rest = text.slice(iso[0].length);
    hasStamp = true;
  }
  if (hasStamp && !TAG.test(rest)) {
    // A host, which libc and Python leave out, is a word before the tag.
    const [word = ''] = /^[\w.:-]{1,255}(?= )/.exec(rest) ?? [];
    if (word !== '') {
      if (word !== host) extras.host = word;
      rest = rest.slice(word.length + 1);
    }
  }
  const tag = TAG.exec(rest);
  const [whole = '', name = '', pid] = tag ?? [];
  if (tag && (hasStamp || pid !== undefined || !LEVEL_WORD.test(name))) {
    record.module = record.logger = name;
    if (pid !== undefined) record.pid = Number(pid);
    rest = rest.slice(whole.length);
  }
  record.text = rest;
}

/** `app[123]: `, `app: `. */
const TAG = /^([A-Za-z_][\w./@+-]{0,63})(?:\[(\d{1,10})\])?: ?/;

const stamps = new StampReader();

function isoTime(text: string): number | null {
  const bytes = Buffer.from(text, 'latin1');
  return stamps.read(bytes, 0, bytes.length) && stamps.stamp.end === bytes.length ? stamps.stamp.time : null;
}

/** A local time without a year: the latest that is no more than a day from now. */
function timeOfYear(now: number, [month, day, hour, minute, second]: [number, number, number, number, number]): number {
  const year = new Date(now / 1e3).getFullYear();
  const in_ = (each: number): number => new Date(each, month, day, hour, minute, second).getTime() * 1e3;
  const next = in_(year + 1);
  if (next <= now + 86_400e6) return next;
  const same = in_(year);
  return same <= now + 86_400e6 ? same : in_(year - 1);
}

const [NUL, LF, SPACE, OPENING] = [0x00, 0x0a, 0x20, 0x3c];
const NOTHING = Buffer.alloc(0);

/** Cuts a stream into messages, which are only valid until the next chunk. What parts them is seen from the stream: a count before a message, else NUL once there has been one, else LF. */
export class SyslogFramer {
  readonly #maxBytes: number;
  #held: Buffer = NOTHING;
  /** Where the first message begins that has not been handed out. */
  #from = 0;
  /** In `#held` there is no end of that message before here. */
  #seen = 0;
  #endsWithNul = false;
  #isFirst = true;

  /** Longest message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a message that is not whole yet. */
  get heldBytes(): number {
    return this.#held.length - this.#from;
  }

  /** The messages that are whole now. Throws a WireError for one that is too long, and for a stream that does not begin as one of syslog. */
  push(chunk: Buffer): Buffer[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#endsWithNul ||= chunk.includes(NUL);
    const messages = this.#cut(false);
    this.#keep();
    return messages;
  }

  /** Nothing has come for a moment: what ends with a line feed is whole. At the end of the stream everything is. */
  pause(isEnd: boolean): Buffer[] {
    const messages = this.#endsWithNul && !isEnd ? [] : this.#cut(true);
    this.#keep();
    if (!isEnd || this.#held.length === 0) return messages;
    // A message that its sender counted and did not finish is none.
    if (this.#counted() === null) messages.push(this.#held);
    this.#held = NOTHING;
    this.#seen = 0;
    return messages;
  }

  #cut(hasPaused: boolean): Buffer[] {
    const messages: Buffer[] = [];
    const held = this.#held;
    while (this.#from < held.length) {
      const first = held[this.#from] ?? 0;
      if (this.#isFirst && first !== OPENING && !(first >= 0x31 && first <= 0x39)) throw new WireError('not syslog');
      const counted = this.#counted();
      if (counted === 'more') break;
      let end: number;
      let next: number;
      if (counted) {
        end = counted.end;
        next = end;
        if (end > held.length) break;
        this.#take(counted.start, end, messages);
      } else {
        end = this.#endOf(held, hasPaused);
        if (end < 0) {
          if (this.heldBytes > this.#maxBytes) throw new WireError('a message that is too long');
          break;
        }
        next = end + 1;
        this.#take(this.#from, end, messages);
      }
      this.#from = next;
      this.#seen = next;
      this.#isFirst = false;
    }
    return messages;
  }

  /** What has not been handed out, in memory of its own. */
  #keep(): void {
    this.#held = this.heldBytes === 0 ? NOTHING : Buffer.from(this.#held.subarray(this.#from));
    this.#seen = Math.max(0, this.#seen - this.#from);
    this.#from = 0;
  }

  #take(start: number, end: number, messages: Buffer[]): void {
    if (end - start > this.#maxBytes) throw new WireError('a message that is too long');
    if (end > start && !(end === start + 1 && this.#held[start] === 0x0d)) messages.push(this.#held.subarray(start, end));
  }

  /** Where the counted message stands that begins here; null: it is not counted. */
  #counted(): { start: number; end: number } | 'more' | null {
    const held = this.#held;
    const from = this.#from;
    let at = from;
    let length = 0;
    for (; at < from + 10 && at < held.length; at++) {
      const digit = (held[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    if (at === from || held[from] === 0x30) return null;
    if (at === held.length && at < from + 10) return 'more';
    if (held[at] !== SPACE) return null;
    if (at + 1 === held.length) return 'more';
    if (held[at + 1] !== OPENING) return null;
    if (length > this.#maxBytes) throw new WireError('a message that is too long');
    return { start: at + 1, end: at + 1 + length };
  }

  #endOf(held: Buffer, hasPaused: boolean): number {
    const seen = Math.max(this.#seen, this.#from);
    if (this.#endsWithNul) {
      const end = held.indexOf(NUL, seen);
      this.#seen = held.length;
      return end;
    }
    // A line that does not begin a message goes on with the last one.
    for (let end = held.indexOf(LF, seen); end >= 0; end = held.indexOf(LF, end + 1)) {
      const next = held[end + 1];
      if (next === undefined ? hasPaused : next === OPENING || (next >= 0x31 && next <= 0x39 && hasPaused)) return end;
      this.#seen = next === undefined ? end : end + 1;
    }
    return -1;
  }
}

export interface SyslogOptions {
  /** By number, 0 to 23. */
  facility?: number;
  host?: string;
}

/** A message of RFC 5424; extras become structured data. Lines of the text stay: a stream counts octets (`frameSyslog`). */
export function encodeSyslog(record: WireRecord, { facility = USER, host = '-' }: SyslogOptions = {}): Buffer {
  const level = parseLevel(record.level) ?? 20;
  const severity = level >= 50 ? 2 : level >= 40 ? 3 : level >= 30 ? 4 : level >= 20 ? 6 : 7;
  const name = (text: string | undefined, length: number): string => (text ?? '').replace(/[^\x21-\x7e]/g, '_').slice(0, length) || '-';
  const millis = Math.floor(record.time / 1e3);
  const stamp = record.time > 0 ? `${new Date(millis).toISOString().slice(0, 19)}.${String(record.time % 1e6).padStart(6, '0')}Z` : '-';
  const parameters = Object.entries({
    ...record.extras,
    ...(record.file && { file: record.file, line: record.line ?? 0 }),
    ...(record.thread && { thread: record.thread }),
  })
    .map(
      ([key, value]) =>
        ` ${name(key, 32).replace(/[="\]]/g, '_')}="${(typeof value === 'string' ? value : JSON.stringify(value)).replace(/["\\\]]/g, '\\$&')}"`,
    )
    .join('');
  const data = parameters === '' ? '-' : `[safelog@32473${parameters}]`;
  const app = name(record.logger || record.module, 48);
  return Buffer.from(`<${facility * 8 + severity}>1 ${stamp} ${name(host, 255)} ${app} ${record.pid ?? '-'} - ${data} ${record.text}`);
}

/** With its count before it, for a stream. */
export function frameSyslog(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
