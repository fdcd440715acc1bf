import { describe, expect, it } from 'vitest';
import { highlightMatchers, matcher } from './patterns.ts';

const found = (pattern: string, isRegex: boolean, matchCase: boolean, line: string) =>
  matcher(pattern, isRegex, matchCase)(line).map(([start, end]) => line.slice(start, end));

describe('a matcher', () => {
  it('finds literals, whatever they hold', () => {
    expect(found('a.b(', false, true, 'axb( a.b( A.B(')).toEqual(['a.b(']);
    expect(found('a.b(', false, false, 'a.b( A.B(')).toEqual(['a.b(', 'A.B(']);
    expect(found('-]{}|/^$', false, true, 'x-]{}|/^$y')).toEqual(['-]{}|/^$']);
    expect(found('', false, true, 'abc')).toEqual([]);
  });

  it('keeps columns where lower case is longer', () => {
    expect(matcher('x', false, false)('İİX')).toEqual([[2, 3]]);
  });

  it('finds regexes, and no empty matches', () => {
    expect(found('\\d+', true, true, 'a1 b22')).toEqual(['1', '22']);
    expect(found('z*', true, true, 'aza')).toEqual(['z']);
    expect(() => matcher('(', true, true)).toThrow(SyntaxError);
  });

  it('refuses what may never end, and only that', () => {
    for (const endless of ['(a+)+$', '([a-z]*)*', '(?:x{2,})+', '((a+)b?)*', '(\\w+\\s*)+$'])
      expect(() => matcher(endless, true, true), endless).toThrow();
    for (const fine of ['(ab)+', '[(+*]+x+', '(a+)?', '(?:\\+\\d)+', 'a+b*', '(x{2})+', '\\(a+\\)+'])
      expect(() => matcher(fine, true, true), fine).not.toThrow();
  });

  it('looks at the head of a long line only', () => {
    expect(matcher('x+$', true, true)('x'.repeat(100_000))).toEqual([[0, 1000]]);
  });
});

describe('highlights', () => {
  const supports = (color: string) => color === 'red' || color === '#ff0000';
  it('take words, regexes, CSS colours and theme colours, and leave out what is bad', () => {
    const refused: string[] = [];
    const matchers = highlightMatchers(
      [
        { pattern: 'word', color: 'red' },
        { pattern: '/W\\w+/i', color: 'charts.red' },
        { pattern: '/(/', color: 'red' },
        { pattern: 'x', color: 'url(https://example.com)' },
        { pattern: 'y', color: 'errorForeground' },
        { pattern: '/x/gy', color: '#ff0000' },
      ],
      supports,
      (pattern) => refused.push(pattern),
    );
    expect(refused).toEqual(['/(/', 'x']);
    expect(matchers.map(({ color }) => color)).toEqual(['red', 'var(--vscode-charts-red)', 'var(--vscode-errorForeground)', '#ff0000']);
    expect(matchers[1]?.matches('a word')).toEqual([[2, 6]]);
  });
});
