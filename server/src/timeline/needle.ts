/** What has to stand in the bytes of every record that passes: most records are then never decoded. */

export interface Needle {
  /** In bytes: of two, the longer one is rarer. */
  readonly length: number;
  /** The first place in the span at or after `from`; -1 for none. There may be a few places too many, never one too few. */
  in(span: Buffer): (from: number) => number;
}

/** For texts in which the text stands, in the same case or, with `ignoreCase`, as a regex with the flags `iu` sees it. */
export function needleOf(text: string, ignoreCase: boolean): Needle | undefined {
  return ignoreCase ? folded(text) : exact(text);
}

const longest = (parts: readonly string[]): string => parts.reduce((best, part) => (part.length > best.length ? part : best), '');

/** Line ends may be CRLF in the file, and U+FFFD may be any byte there. */
function exact(text: string): Needle | undefined {
  const bytes = Buffer.from(longest(text.split(/[\n\uFFFD]/)));
  if (bytes.length === 0) return undefined;
  return { length: bytes.length, in: (span) => (from) => span.indexOf(bytes, from) };
}

/** Only ASCII has the same length in either case. Two of its letters have a third form: ſ and K (the Kelvin sign). */
function folded(text: string): Needle | undefined {
  const ascii = longest(text.split(/[^\x20-\x7e]+/));
  if (ascii === '') return undefined;
  const source = ascii
    .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    .replaceAll(/s/gi, '(?:s|\xc5\xbf)')
    .replaceAll(/k/gi, '(?:k|\xe2\x84\xaa)');
  const pattern = new RegExp(source, 'gi');
  return {
    length: ascii.length,
    in: (span) => {
      const text = span.toString('latin1');
      return (from) => {
        pattern.lastIndex = from;
        return pattern.exec(text)?.index ?? -1;
      };
    },
  };
}
