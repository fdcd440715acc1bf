import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { EncodingError, makeEncoder, type UnicodeErrorPolicy } from './encoding.ts';

const TEXT = 'plain ? äöü € 中文 あ я ñ 😀 \ud800 \ufeff end\n';
const ENCODINGS = [
  ...[
    'utf-8',
    'utf_8',
    'UTF8',
    'U8',
    'ascii',
    'us-ascii',
    '646',
    'latin-1',
    'latin_1',
    'iso-8859-1',
    'iso8859-15',
    'L1',
    'cp1252',
    'cp437',
  ],
  ...['windows-1251', 'koi8-r', 'utf-16-le', 'utf_16_be', 'utf-32-le', 'gb18030', 'euc_jp', 'euc_kr', 'cp949'],
];
/** Their tables differ in rare characters: Node's follow the WHATWG's, which has the euro sign in all of them. */
const OTHERS = ['gbk', 'mac_roman', 'shift_jis'];
const SHORT = 'plain ? 中文 ü 😀 \ud800 \ufeff end\n';
const POLICIES: UnicodeErrorPolicy[] = ['ignore', 'replace', 'backslashreplace', 'strict'];

describe("Python's names and policies", () => {
  const script = `
import json, sys
cases, policies = json.load(sys.stdin)
def encode(text, encoding, policy):
    try:
        return text.encode(encoding, policy).hex()
    except UnicodeEncodeError:
        return 'error'
print(json.dumps([[encode(t, e, p) for p in policies] for e, t in cases]))`;
  const cases = [...ENCODINGS.map((encoding) => [encoding, TEXT]), ...OTHERS.map((encoding) => [encoding, SHORT])];
  const input = JSON.stringify([cases, POLICIES]);
  const expected = JSON.parse(execFileSync('python3', ['-c', script], { input }).toString()) as string[][];

  test.each(cases.map(([encoding = '', text = ''], i) => ({ encoding, text, results: expected[i] })))(
    '$encoding',
    ({ encoding, text, results }) => {
      const ours = POLICIES.map((policy) => {
        try {
          return makeEncoder(encoding, policy).encode(text).toString('hex');
        } catch (error) {
          expect(error).toBeInstanceOf(EncodingError);
          return 'error';
        }
      });
      expect(ours).toEqual(results);
    },
  );
});

test.each([
  ['utf-8', undefined],
  ['utf-8-sig', [0xef, 0xbb, 0xbf]],
  ['utf_16', [0xff, 0xfe]],
  ['utf-16-le', undefined],
  ['UTF-32', [0xff, 0xfe, 0, 0]],
])('%s begins a file with %j', (encoding, preamble) => {
  const encoder = makeEncoder(encoding);
  expect(encoder.preamble && [...encoder.preamble]).toEqual(preamble);
  expect(encoder.encode('a')[0]).toBe(0x61);
});

test.each(['base64', 'hex', 'nonsense'])('%s is no encoding', (encoding) => {
  expect(() => makeEncoder(encoding)).toThrow(RangeError);
});

test('a policy that there is not', () => {
  expect(() => makeEncoder('utf-8', 'xmlcharrefreplace' as UnicodeErrorPolicy)).toThrow(RangeError);
});
