import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { textMatcher } from './match.ts';
import { needleOf } from './needle.ts';

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
    { numRuns: 5000 },
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
