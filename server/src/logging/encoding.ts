/** Text to bytes, by the names of Python's codecs, with a policy for what an encoding has no bytes for. */

import iconv from 'iconv-lite';
import { escapeCode } from '../record/pythonText.ts';

/** What becomes of a character that the encoding does not have: left out, `?`, an error, or Python's escape (`\xe9`). */
export type UnicodeErrorPolicy = 'ignore' | 'replace' | 'strict' | 'backslashreplace';

export interface Encoder {
  /** Throws an EncodingError where the policy is strict. */
  encode(text: string): Buffer;
  /** What a file begins with. */
  preamble: Uint8Array | undefined;
}

export class EncodingError extends Error {
  override name = 'EncodingError';
}

const POLICIES: readonly string[] = ['ignore', 'replace', 'strict', 'backslashreplace'] satisfies UnicodeErrorPolicy[];
/** Those that Python has under other names, or that begin with a mark of their own. The machine's byte order is taken for little-endian. */
const ALIASES: Record<string, [name: string, preamble?: number[]]> = {
  u8: ['utf-8'],
  utf: ['utf-8'],
  cp65001: ['utf-8'],
  utf8sig: ['utf-8', [0xef, 0xbb, 0xbf]],
  utf16: ['utf-16le', [0xff, 0xfe]],
  u16: ['utf-16le', [0xff, 0xfe]],
  utf32: ['utf-32le', [0xff, 0xfe, 0, 0]],
  u32: ['utf-32le', [0xff, 0xfe, 0, 0]],
  l1: ['latin1'],
  l2: ['latin2'],
  '646': ['ascii'],
  sjis: ['shift_jis'],
  euckr: ['euc-kr'],
  ksc5601: ['euc-kr'],
};
/** iconv-lite knows these, but they are no encodings of text. */
const NO_TEXT: readonly string[] = ['base64', 'hex', 'binary', 'unicode11utf8'];

/** Throws a RangeError for an encoding or a policy that there is not. */
export function makeEncoder(encoding = 'utf-8', policy: UnicodeErrorPolicy = 'ignore'): Encoder {
  if (!POLICIES.includes(policy)) throw new RangeError(`unicodeErrorPolicy: there is no ${JSON.stringify(policy)}: ${POLICIES.join(', ')}`);
  const plain = encoding.toLowerCase().replace(/[^a-z0-9]/g, '');
  const [name, preamble] = ALIASES[plain] ?? [encoding];
  if (NO_TEXT.includes(plain) || !iconv.encodingExists(name)) throw new RangeError(`encoding: there is no ${JSON.stringify(encoding)}`);
  const isUtf8 = /^utf-?_?8$/i.test(name);
  const codec = isUtf8 ? (text: string) => Buffer.from(text) : (text: string) => iconv.encode(text, name);
  // What an encoding has no bytes for becomes a question mark, for each half of a pair of surrogates.
  const substitutes = ['', '?', '??'].map(codec);

  const encodeEach = (text: string): Buffer => {
    let kept = '';
    for (const character of text) {
      const hasBytes =
        !isLoneSurrogate(character) && (isUtf8 || character === '?' || !substitutes.some((bytes) => bytes.equals(codec(character))));
      kept += hasBytes ? character : instead(character, policy, encoding);
    }
    return codec(kept);
  };
  return {
    preamble: preamble && Uint8Array.from(preamble),
    encode: (text) => {
      if (SURROGATE.test(text) && LONE_SURROGATE.test(text)) return encodeEach(text);
      const bytes = codec(text);
      return isUtf8 || iconv.decode(bytes, name, { stripBOM: false }) === text ? bytes : encodeEach(text);
    },
  };
}

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

function isLoneSurrogate(character: string): boolean {
  return character.length === 1 && SURROGATE.test(character);
}

function instead(character: string, policy: UnicodeErrorPolicy, encoding: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (policy === 'ignore') return '';
  if (policy === 'replace') return '?';
  if (policy === 'backslashreplace') return escapeCode(code);
  throw new EncodingError(`the encoding ${encoding} has no character ${escapeCode(code)}`);
}
