/**
 * Layouts: how a line says when and how severe. A file's layout is detected once, or given, and read by one compiled reader of bytes; no
 * regex per line. Each family of layouts is a file in layouts/.
 */
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

const LF = 0x0a;
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

  /** @param master the file is a user's master.log, whose lines may name modules: `STAMP MODULE.log LEVEL message` */
  constructor(
    private readonly master: boolean,
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
      const { layout, uncertain } = detectLayout(sample, this.own, this.context, this.candidates);
      this.choose(layout);
      this.isUncertain = uncertain;
    }
    return this.layout?.name ?? (this.own instanceof PublishedLayout ? this.own.name : null);
  }

  /** Takes the layout that `detect` found earlier. */
  use(name: string | null): void {
    if (this.given !== undefined) return;
    this.choose(name === null || isPublished(name) ? undefined : createLayout(name, this.context, false));
  }

  private namesModule(sample: Uint8Array): boolean {
    for (let start = 0; start < sample.length; ) {
      const lf = sample.indexOf(LF, start);
      const end = lf === -1 ? sample.length : lf;
      if (this.own.read(sample, start, end, this.head) && this.head.nameEnd > 0) return true;
      start = end + 1;
    }
    return false;
  }

  private choose(layout: Layout | undefined): void {
    this.layout = layout;
    this.fallback = undefined;
    // Not every layout tells it.
    this.head.trace = false;
    if (!(layout instanceof FormatLayout) || layout.timeless) return;
    const { datefmt } = splitFormat(layout.name);
    this.fallback = datefmt === undefined ? this.own : new StampedLayout('', createStamp(datefmt, this.context), false, false);
  }

  /** True where the line [start, end) begins a record; what it says is then in `this.head`. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
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
    return (this.layout ?? this.own).source?.(bytes);
  }

  /** The message of the line that was read last, up to `end`; the lines which follow it are not looked at. */
  text(bytes: Uint8Array, end: number): string {
    const { layout, head } = this;
    if (layout?.text !== undefined) return layout.text(bytes, end, head);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', head.message, end);
  }
}
