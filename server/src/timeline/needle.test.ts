import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { textMatcher } from './match.ts';
import { needleOf, regexNeedle } from './needle.ts';

const text = fc.array(
  fc.constantFrom('k', 'K', '\u212a', 's', 'ſ', 'S', 'a', 'Å', 'å', 'ß', 'İ', 'i', '\n', '\r', '\uFFFD', '.', '(', '😀', ' '),
  {
    minLength: 1,
    maxLength: 4,
  },
);

it('is in every text in which a match is', () => {
  fc.assert(
    fc.property(text, text, text, fc.boolean(), (before, word, after, ignoreCase) => {
      const needle = needleOf(word.join(''), ignoreCase);
      const swapped = word.map((letter) => (ignoreCase && letter.toLowerCase().length === 1 ? letter.toLowerCase() : letter));
      const message = [...before, ...swapped, ...after].join('');
      if (textMatcher(word.join(''), false, ignoreCase)(message)) {
        expect(needle?.in(Buffer.from(message.replaceAll('\n', '\r\n')))(0)).not.toBe(-1);
      }
    }),
    { numRuns: 1500 },
  );
});
it('finds place after place', () => {
  for (const ignoreCase of [false, true]) {
    const from = needleOf('web', ignoreCase)?.in(Buffer.from('web WEB web'));
    expect([from?.(0), from?.(1), from?.(5), from?.(9)]).toEqual([0, ignoreCase ? 4 : 8, 8, -1]);
  }
});
it('is none where nothing can be said', () => {
  expect(needleOf('\n', false)).toBeUndefined();
  expect(needleOf('ü', true)).toBeUndefined();
});

it('is in every text that a regex matches', () => {
  const sources = [
    'a.k',
    'ab?',
    'ab+s',
    'a{0}b',
    'a{2}b',
    '(ab|s)k',
    'a|b',
    'a\\.k',
    '[ab]sk',
    '\\x61b',
    '\\u{61}b',
    '^ab$',
    '(?=a)ab',
    '(?:a(b))*s',
    'ab*?k',
    '[)]a(b[(]s)k',
  ];
  const letters = fc.array(fc.constantFrom('a', 'b', 's', 'k', '.', ')', '(', 'K', '\u212a', 'ſ'), { maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...sources), letters, fc.boolean(), (source, text, ignoreCase) => {
      const message = text.join('');
      if (!new RegExp(source, ignoreCase ? 'iu' : 'u').test(message)) return;
      const needle = regexNeedle(source, ignoreCase ? 'i' : '');
      if (needle !== undefined) expect(needle.in(Buffer.from(message))(0)).not.toBe(-1);
    }),
    { numRuns: 1500 },
  );
});
it('is the longest text that every match of a regex holds', () => {
  const found = (source: string): number | undefined => regexNeedle(source, '')?.length;
  expect(['took=4\\d\\d', 'a|bcd', '(abc)', 'x(a|b) status=\\d+', 'a\\.b\\[c', '\\bword\\b', 'ab?c'].map(found)).toEqual([
    6,
    undefined,
    undefined,
    8,
    5,
    4,
    1,
  ]);
});
