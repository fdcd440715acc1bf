/**
 * A format string of Python's logging with which the service writes, and which the index reads back. What a format cannot say so that it is
 * read back (a thread's name with a blank in it in front of a blank, an hour that a clock has twice) is for Safelog's own layout.
 */

import { Format, type Values } from './formatStyle.ts';
import { type Head, newHead } from './head.ts';
import { joinFormat, splitFormat, styleOf } from './layouts/format.ts';
import { PublishedLayout } from './layouts/published.ts';
import type { Source } from './layouts/sourceBlock.ts';
import { StampedLayout } from './layouts/stamped.ts';
import { levelName, parseLevel } from './level.ts';
import { localtime, writeClock } from './strftime.ts';
import { StampReader } from './timestamp.ts';

/** The message stands last: what follows it could not be told from it. */
const MESSAGE_LAST = { '%': /%\(message\)s$/, '{': /\{message\}$/, $: /\$(?:message|\{message\})$/ };
/** A record's attributes of which Safelog's own lines have nothing. */
const OTHERS = ['funcName', 'processName', 'taskName', 'thread', 'relativeCreated'];
const NUMBERS = new Set(['thread', 'relativeCreated']);
const SECOND = 1_000_000;
/** Half a day apart, in different years and halves of the year, µs since the epoch. */
const PROBED_TIMES = [981_173_106_789_012, 981_216_306_789_012, 1_784_540_106_000_000, 1_784_583_306_000_000];
const PROBED_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
const PROBED_SOURCES: readonly Source[] = [{ logger: 'web.db', pid: 4711, thread: 'MainThread', file: '/opt/app/db.py', line: 42 }, {}];
const PROBED_TEXTS = ['one two: [three] 4', ' INFO', '2026-11-20 22:56:00 ERROR x'];

export class LineFormat {
  /** As FORMAT or FORMAT;datefmt=DATEFMT. */
  readonly name: string;
  /** Attributes that it names, and for which Safelog's own line has no place of its own: they go into the extras. */
  readonly attributes: readonly string[];
  readonly #datefmt: string | undefined;
  readonly #head: Format;
  readonly #names: readonly string[];
  readonly #usesTime: boolean;
  readonly #tellsLevel: boolean;
  readonly #reader: PublishedLayout;
  readonly #read: Head = newHead();
  #written = { second: Number.NaN, text: '' };

  /**
   * @param name FORMAT or FORMAT;datefmt=DATEFMT, in any of Python's three styles
   * @throws RangeError where it is no format, or its lines could not be read back
   */
  constructor(name: string) {
    const { format, datefmt } = splitFormat(name);
    const style = styleOf(format);
    const end = format.search(MESSAGE_LAST[style]);
    if (end === -1)
      throw new RangeError(`${JSON.stringify(format)} does not end with the message, which could not be told from what follows it`);
    const whole = new Format(format, style);
    whole.validate();
    this.#names = whole.keys;
    this.#usesTime = this.#names.includes('asctime');
    this.#tellsLevel = this.#names.includes('levelname') || this.#names.includes('levelno');
    if (!this.#usesTime && !this.#names.includes('created'))
      throw new RangeError(`${JSON.stringify(format)} has no time: it lacks asctime`);
    this.name = joinFormat(format, datefmt);
    this.attributes = OTHERS.filter((each) => this.#names.includes(each));
    this.#datefmt = datefmt;
    this.#head = new Format(format.slice(0, end), style);
    const own = new StampedLayout('safelog', new StampReader(), true, false);
    this.#reader = new PublishedLayout(own, [this.name], { modified: () => Date.now() * 1000 });
    this.#probe();
  }

  /** What stands before a message; undefined where the format cannot say that. */
  head(time: number, level: string, source: Source): string | undefined {
    try {
      const text = this.#head.fill(this.#values(time, level, source));
      return /[\n\r]/.test(text) ? undefined : text;
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Whether the line [start, end) reads as what was written: a record of that time and level (-1: not known) whose message begins at `message`. */
  readsBack(bytes: Uint8Array, start: number, end: number, time: number, level: number, message: number): boolean {
    const read = this.#read;
    if (!this.#reader.read(bytes, start, end, read) || read.message !== Math.min(message, end)) return false;
    if (this.#tellsLevel && read.level !== level) return false;
    const late = time - read.time;
    return late >= 0 && late < SECOND;
  }

  #values(time: number, level: string, { logger = '-', pid = 0, thread = '-', file = '-', line = 0, extras = {} }: Source): Values {
    const filename = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    const values: Record<string, unknown> = {};
    for (const name of this.#names) {
      const extra = extras[name];
      const text = typeof extra === 'object' && extra !== null ? JSON.stringify(extra) : extra;
      values[name] = text === undefined || text === null || text === '' ? (NUMBERS.has(name) ? 0 : '-') : text;
    }
    return Object.assign(values, {
      name: logger,
      levelname: level,
      levelno: parseLevel(level) ?? 0,
      pathname: file,
      filename,
      module: filename.replace(/(?<=.)\.[^.]*$/, ''),
      lineno: line,
      process: pid,
      threadName: thread,
      created: time / 1e6,
      msecs: Math.floor((time % SECOND) / 1000),
      asctime: this.#usesTime ? this.#date(time) : '',
    });
  }

  /** As Formatter.formatTime. */
  #date(time: number): string {
    const second = Math.floor(time / SECOND);
    if (this.#written.second !== second)
      this.#written = { second, text: writeClock(this.#datefmt ?? '%Y-%m-%d %H:%M:%S', localtime(second)) };
    const { text } = this.#written;
    return this.#datefmt === undefined ? `${text},${String(Math.floor((time % SECOND) / 1000)).padStart(3, '0')}` : text;
  }

  /** Writes records of all kinds and reads them. Throws a RangeError for what is read as something else. */
  #probe(): void {
    for (const time of PROBED_TIMES)
      for (const level of PROBED_LEVELS)
        for (const source of PROBED_SOURCES)
          for (const text of PROBED_TEXTS) {
            const head = Buffer.from(this.head(time, level, source) ?? '');
            const line = Buffer.concat([head, Buffer.from(text)]);
            if (head.length > 0 && this.readsBack(line, 0, line.length, time, parseLevel(level) ?? -1, head.length)) continue;
            throw new RangeError(`${JSON.stringify(this.name)} cannot be read back: ${this.#misreading(line, head.length, time, level)}`);
          }
  }

  #misreading(line: Buffer, message: number, time: number, level: string): string {
    const shown = JSON.stringify(line.toString());
    if (message === 0) return 'it names what a record does not have, or as what it is not';
    const read = this.#read;
    if (!this.#reader.read(line, 0, line.length, read)) return `${shown} would be no record`;
    if (read.message !== message) return `the message of ${shown} would be ${JSON.stringify(line.toString('utf8', read.message))}`;
    if (Math.abs(read.time - time) >= SECOND) return `the date of ${shown} does not tell the day and the second`;
    return `the level of ${shown} would be ${levelName(read.level)}, not ${level}`;
  }
}
