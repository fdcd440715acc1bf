/**
 * Layouts: how a line says when and how severe. A file's layout is detected once, or given, and read by one compiled reader of bytes; no
 * regex per line. Each family of layouts is a file in layouts/.
 */
import { linesIn } from './bytes.ts';
import { hasColours, Uncoloured } from './colours.ts';
import { createStamp } from './dateFormat.ts';
import { detectLayout, STAMPED } from './detect.ts';
import type { FileContext, Head, Layout } from './head.ts';
import { MAX_HEAD_BYTES, newHead } from './head.ts';
import { AccessLayout } from './layouts/access.ts';
import { FormatLayout, splitFormat } from './layouts/format.ts';
import { JsonLayout } from './layouts/json.ts';
import { LogfmtLayout } from './layouts/logfmt.ts';
import { isPublished, PublishedLayout } from './layouts/published.ts';
import { parseSource, type Source } from './layouts/sourceBlock.ts';
import { StampedLayout } from './layouts/stamped.ts';
import { SyslogLayout } from './layouts/syslog.ts';
import { findAnyLevel } from './level.ts';
import { StampReader } from './timestamp.ts';

export type { Head } from './head.ts';
export { MAX_HEAD_BYTES } from './head.ts';

/** Layouts that are named rather than described. */
export const layoutNames = ['safelog', 'json', 'logfmt', 'syslog', 'access'] as const;

/**
 * A layout from what names it: one of layoutNames, or a format string of Python, with `;datefmt=` and a strftime format behind it.
 * Undefined for Safelog's own.
 * @param strict it was given by a person: lines that do not fit continue a record
 * @throws RangeError where it names nothing that can be read
 */
function createLayout(name: string, context: FileContext, strict: boolean): Layout | undefined {
  switch (name) {
    case 'safelog':
    case 'safelog+source':
      return undefined;
    case 'json':
      return new JsonLayout();
    case 'logfmt':
      return new LogfmtLayout();
    case 'syslog':
      return new SyslogLayout(context);
    case 'access':
      return new AccessLayout(context);
  }
  const { format, datefmt } = splitFormat(name);
  if (format === STAMPED) return new StampedLayout(name, createStamp(datefmt, context), false, false);
  if (!/%\(\w+\)|\{\w+[^}]*\}|\$\w/.test(format)) {
    throw new RangeError(
      `${JSON.stringify(name)} is no layout: it is one of ${layoutNames.join(', ')}, or a format string such as %(asctime)s %(message)s`,
    );
  }
  return new FormatLayout(format, datefmt, context, strict);
}

/**
 * Says what is wrong with a layout that a person gave.
 * @throws RangeError with the reason
 */
export function checkLayout(name: string): void {
  createLayout(name, { modified: () => 0 }, true);
}

export interface HeadReaderOptions {
  /** The layout as it was given; it is then not detected. One that cannot be read counts as not given. */
  layout?: string | undefined;
  /** Formats that are expected in this file, as `FORMAT` or `FORMAT;datefmt=DATEFMT`. */
  candidates?: readonly string[];
  /** Formats with which the service of this tree has written. */
  published?: readonly string[] | undefined;
  /** µs: when the file was last changed; now where absent. */
  modified?: () => number;
}

/** In front of the name of a layout whose lines are coloured. */
const COLOURED = 'coloured;';
const COLON = 0x3a;

/** Reads the heads of one file's lines. */
export class HeadReader {
  readonly head: Head = newHead();
  /** Safelog's own, and what the service of the tree writes besides. */
  private readonly own: Layout;
  private readonly context: FileContext;
  private readonly given: string | undefined;
  private readonly candidates: readonly string[];
  readonly published: readonly string[];
  /** Undefined: Safelog's own. */
  private layout: Layout | undefined;
  /** Reads stamped lines that do not fit a layout which was found: a level that is not known, another writer. */
  private fallback: Layout | undefined;
  private isUncertain = false;
  /** Where the lines are coloured. */
  private uncoloured: Uncoloured | undefined;

  /** @param master the file is a user's master.log, whose lines may name modules: `STAMP MODULE.log LEVEL message` */
  constructor(
    readonly master: boolean,
    options: HeadReaderOptions = {},
  ) {
    this.context = { modified: options.modified ?? (() => Date.now() * 1000) };
    const own = new StampedLayout('safelog', new StampReader(), true, master);
    const { published = [] } = options;
    this.published = published;
    this.own = master || published.length === 0 ? own : new PublishedLayout(own, published, this.context);
    this.candidates = options.candidates ?? [];
    if (options.layout !== undefined && !master) {
      try {
        this.layout = createLayout(options.layout, this.context, true);
        this.given = options.layout;
      } catch {
        // Whoever takes it from a person has said so (checkLayout).
      }
    }
  }

  /** Lines up to this many bytes have to be there as a whole for their heads to be read. */
  get headBytes(): number {
    return this.layout?.headBytes ?? MAX_HEAD_BYTES;
  }

  /** Messages are decoded: what stands in one need not stand so in the line's bytes. */
  get decodes(): boolean {
    return this.layout?.text !== undefined;
  }

  /** Safelog's own lines are read as such. */
  get isOwn(): boolean {
    return this.layout === undefined && this.uncoloured === undefined;
  }

  /** Lines name no time. */
  get timeless(): boolean {
    return this.layout?.timeless === true;
  }

  /** The sample did not settle the layout: detect again when there is more. */
  get uncertain(): boolean {
    return this.isUncertain;
  }

  /**
   * Chooses the layout from a sample of the file's beginning, unless it was given.
   * @returns its name, for `use`; null for Safelog's own
   */
  detect(sample: Uint8Array): string | null {
    // A master.log whose lines name no module is an ordinary log.
    if (this.master && this.namesModule(sample)) return null;
    if (this.given === undefined) {
      this.detectPlain(sample);
      if (hasColours(sample)) this.detectColoured(sample);
    }
    const name = this.layout?.name ?? (this.own instanceof PublishedLayout ? this.own.name : null);
    return this.uncoloured === undefined ? name : `${COLOURED}${name ?? this.own.name}`;
  }

  private detectPlain(sample: Uint8Array): void {
    const { layout, uncertain } = detectLayout(sample, this.own, this.context, this.candidates);
    this.choose(layout);
    this.isUncertain = uncertain;
  }

  /** Whether more is told of the lines without their colours: those of messages alone are left to them. */
  private detectColoured(sample: Uint8Array): void {
    const told = this.countTold(sample);
    const uncoloured = new Uncoloured();
    const length = uncoloured.strip(sample, 0, sample.length);
    this.detectPlain(uncoloured.bytes.subarray(0, length));
    if (!this.decodes) {
      this.uncoloured = uncoloured;
      if (this.countTold(sample) > told) return;
    }
    this.detectPlain(sample);
  }

  /** How many of the sample's lines tell a time, and how many a level. */
  private countTold(sample: Uint8Array): number {
    let told = 0;
    for (const [start, end] of linesIn(sample)) {
      if (this.read(sample, start, end)) told += Number(!Number.isNaN(this.head.time)) + Number(this.head.level !== -1);
    }
    return told;
  }

  /** Takes the layout that `detect` found earlier. */
  use(name: string | null): void {
    if (this.given !== undefined) return;
    const isColoured = name?.startsWith(COLOURED) === true;
    const plain = isColoured ? name.slice(COLOURED.length) : name;
    this.choose(plain === null || isPublished(plain) ? undefined : createLayout(plain, this.context, false));
    if (isColoured) this.uncoloured = new Uncoloured();
  }

  private namesModule(sample: Uint8Array): boolean {
    for (const [start, end] of linesIn(sample)) if (this.own.read(sample, start, end, this.head) && this.head.nameEnd > 0) return true;
    return false;
  }

  private choose(layout: Layout | undefined): void {
    this.layout = layout;
    this.uncoloured = undefined;
    this.fallback = undefined;
    // Not every layout tells it.
    this.head.trace = false;
    if (!(layout instanceof FormatLayout) || layout.timeless) return;
    const { datefmt } = splitFormat(layout.name);
    this.fallback = datefmt === undefined ? this.own : new StampedLayout('', createStamp(datefmt, this.context), false, false);
  }

  /** True where the line [start, end) begins a record; what it says is then in `this.head`. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const { uncoloured } = this;
    if (uncoloured === undefined) return this.readPlain(bytes, start, end);
    const length = uncoloured.strip(bytes, start, Math.min(end, start + MAX_HEAD_BYTES));
    if (!this.readPlain(uncoloured.bytes, 0, length)) return false;
    uncoloured.restore(this.head, start);
    return true;
  }

  private readPlain(bytes: Uint8Array, start: number, end: number): boolean {
    const { layout, head } = this;
    if (layout === undefined) return this.own.read(bytes, start, end, head);
    return layout.read(bytes, start, end, head) || (this.fallback?.read(bytes, start, end, head) ?? false);
  }

  /** The level stands at the beginning of a record's second line: `secondLevel` finds it. */
  get levelFollows(): boolean {
    return this.layout?.levelFollows === true;
  }

  /** -1 where the line [start, end), a record's second, names none. */
  secondLevel(bytes: Uint8Array, start: number, end: number): number {
    const word = findAnyLevel(bytes, start, end);
    return word !== undefined && word.end < end && bytes[word.end] === COLON ? word.level : -1;
  }

  /** What the line that was read last tells of where it comes from, in its block or its fields; undefined where nothing. */
  source(bytes: Uint8Array): Source | undefined {
    const { blockStart, blockEnd } = this.head;
    if (blockEnd > blockStart) return parseSource(bytes, blockStart, blockEnd);
    return (this.layout ?? this.own).source?.(this.uncoloured?.bytes ?? bytes);
  }

  /** The message of the line that was read last, up to `end`; the lines which follow it are not looked at. */
  text(bytes: Uint8Array, end: number): string {
    const { layout, head } = this;
    if (layout?.text !== undefined) return layout.text(bytes, end, head);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', head.message, end);
  }
}
