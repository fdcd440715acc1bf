import { expect, it } from 'vitest';
import { regexProblem, tidyFlags } from './regex.ts';

it.each([
  '(a+)+$',
  '([a-z]*)*',
  '(?:x{2,})+',
  '((a+)b?)*',
  '(\\w+\\s*)+$',
  '(\\w|\\d)*x',
  '(?:.|\\s)+',
  '(?<n>a|a)+',
  '(a|[a-c])*',
  '((?:a+)b)+',
  '(a+){3,}',
])('refuses what may never end: %s', (source) => {
  expect(regexProblem(source, '')).toContain('for ever');
});
it.each([
  ...['(ab)+', '[(+*]+x+', '(a+)?', '(?:\\+\\d)+', 'a+b*', '(x{2})+', '\\(a+\\)+', '(foo|fab)+', '(.|\\n)*', '(\\w|-)+', '(a|b){2,}'],
  ...['(?=a+)b', '(a+|b)', '[)]+', '(?<year>\\d+)-(\\d+)'],
])('takes what ends: %s', (source) => {
  expect(regexProblem(source, '')).toBeUndefined();
});
it('heeds the flags', () => {
  expect(regexProblem('(a|A)*', '')).toBeUndefined();
  expect(regexProblem('(a|A)*', 'i')).toContain('for ever');
  expect(regexProblem('(.|\\n)*', 's')).toContain('for ever');
  expect(tidyFlags('uis')).toBe('is');
  expect(tidyFlags('g')).toBeUndefined();
});
it('says why one does not parse', () => {
  expect(regexProblem('a(', '')).toContain('Invalid regular expression');
  expect(regexProblem('\\p', '')).toContain('Invalid');
});
