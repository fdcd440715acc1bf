/**
 * The lines of a tree into which a service writes with format strings, which it has published there: Safelog's own lines and those of the
 * formats, line by line.
 */
import { skipDigits, TAB } from '../bytes.ts';
import type { FileContext, Head, Layout } from '../head.ts';
import { FormatLayout, splitFormat } from './format.ts';
import type { Source } from './sourceBlock.ts';

const NAME = 'published\n';
const POINT = 0x2e;
/** `YYYY-MM-DD HH:MM:SS` */
const SECONDS_END = 19;

/** What names the layout of a tree with these formats; null where it has none. */
export const publishedName = (formats: readonly string[]): string | null => (formats.length === 0 ? null : NAME + formats.join('\n'));
/** Whether a layout's name is such a one. */
export const isPublished = (name: string): boolean => name.startsWith(NAME);
/** The layouts that a layout's name stands for: several where it is such a one. */
export const namesOf = (name: string): string[] => (isPublished(name) ? ['safelog', ...name.slice(NAME.length).split('\n')] : [name]);

export class PublishedLayout implements Layout {
  readonly name: string;
  private readonly formats: readonly FormatLayout[];
  /** Of the line that was read last; undefined where it is Safelog's own. */
  private found: FormatLayout | undefined;
  private sure = false;

  /**
   * @param own reads Safelog's own lines
   * @param formats as FORMAT or FORMAT;datefmt=DATEFMT; of two that fit the first counts
   * @throws RangeError where one cannot be read
   */
  constructor(
    private readonly own: Layout,
    formats: readonly string[],
    context: FileContext,
  ) {
    this.name = publishedName(formats) ?? '';
    this.formats = formats.map((text) => {
      const { format, datefmt } = splitFormat(text);
      return new FormatLayout(format, datefmt, context);
    });
  }

  /** The line that was read last is no program's but the service's. */
  get isSure(): boolean {
    return this.sure;
  }

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    this.found = undefined;
    this.sure = false;
    // A line that continues an entry.
    if (bytes[start] === TAB) return false;
    if (hasOwnStamp(bytes, start, end) && this.own.read(bytes, start, end, head)) {
      this.sure = true;
      return true;
    }
    for (const format of this.formats) {
      if (!format.read(bytes, start, end, head)) continue;
      // In master.log the same entry has other words before its message.
      head.body = head.message;
      this.found = format;
      this.sure = true;
      return true;
    }
    return this.own.read(bytes, start, end, head);
  }

  /** What the line that was read last names besides time, level and message; undefined where it is Safelog's own, which has a block for that. */
  source(bytes: Uint8Array): Source | undefined {
    return this.found?.source(bytes);
  }
}

/** The stamp of Safelog's own lines: its offset has a colon, which no strftime writes. */
function hasOwnStamp(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start + SECONDS_END;
  if (bytes[at] === POINT) at = skipDigits(bytes, at + 1, end);
  return at + 5 < end && (bytes[at] === 0x2b || bytes[at] === 0x2d) && bytes[at + 3] === 0x3a;
}
