import { expect, it } from 'vitest';
import { globMatcher, textMatcher } from './match.ts';

it.each([
  ['web', 'web', true],
  ['web', 'web.db', false],
  ['web*', 'web.db', true],
  ['*', '', true],
  ['?', '', false],
  ['w?b', 'w\u{1f600}b', true],
  ['*.db', 'a.db.db', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['**/x', 'a/b/x', true],
  ['a.c', 'abc', false],
  ['a*?', 'a', false],
  ['*\n*', 'a\nb', true],
])('%j against %j: %j', (glob, name, expected) => {
  expect(globMatcher(glob)(name)).toBe(expected);
});
it('takes no time for a glob of many stars', () => {
  const matches = globMatcher(`${'a*'.repeat(40)}b`);
  expect(matches('a'.repeat(200))).toBe(false);
  expect(matches(`${'a'.repeat(200)}b`)).toBe(true);
});
it('refuses a regex that may take for ever, and says what to write', () => {
  expect(() => textMatcher('(a+)+$', true, false)).toThrow('write a+ for (a+)+');
  expect(() => textMatcher('(', true, false)).toThrow(SyntaxError);
  expect(textMatcher('(a+)+$', false, true)('X(A+)+$X')).toBe(true);
});
