import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText } from './text.ts';

const styled = (raw: string) => {
  const { text, styles } = safeText(raw, 'draw');
  return styles.map(({ start, end, style }) => [text.slice(start, end), style.color ?? '', ...style.decorations]);
};

describe('safe text', () => {
  it('shows control characters as pictures and keeps tabs and line ends', () => {
    expect(safeText('a\0b\tc\rd\x7f\ne\x85', 'draw').text).toBe('a␀b\tc␍d␡\ne\ufffd');
    expect(safeText('\u202eevil\u2066\u2028', 'strip').text).toBe('\ufffdevil\ufffd\ufffd');
  });

  it('draws colours with those of the theme', () => {
    expect(safeText('\x1b[31mred\x1b[0m plain', 'draw').text).toBe('red plain');
    expect(styled('\x1b[31mred\x1b[0m plain \x1b[1;92mgreen\x1b[m')).toEqual([
      ['red', 'var(--vscode-terminal-ansiRed)'],
      ['green', 'var(--vscode-terminal-ansiBrightGreen)', 'ansi-bold'],
    ]);
    expect(styled('\x1b[38;5;196ma\x1b[38;5;244mb\x1b[38;2;1;2;3mc\x1b[38:2::4:5:6md\x1b[38:5:9me')).toEqual([
      ['a', 'rgb(255, 0, 0)'],
      ['b', 'rgb(128, 128, 128)'],
      ['c', 'rgb(1, 2, 3)'],
      ['d', 'rgb(4, 5, 6)'],
      ['e', 'var(--vscode-terminal-ansiBrightRed)'],
    ]);
    expect(safeText('\x1b[7mx', 'draw').styles[0]?.style).toEqual({
      color: 'var(--vscode-terminal-ansiBlack)',
      background: 'var(--vscode-terminal-ansiWhite)',
      decorations: [],
    });
  });

  it('carries colours over line ends', () => {
    expect(styled('\x1b[33mone\ntwo\x1b[39m')).toEqual([['one\ntwo', 'var(--vscode-terminal-ansiYellow)']]);
  });

  it('lets no other escape act', () => {
    const link = '\x1b]8;;command:evil\x1b\\click\x1b]8;;\x07';
    expect(safeText(`${link}\x1b[2J\x1b[1A\x9b3mx\x1bc`, 'draw').text).toBe('␛]8;;command:evil␛\\click␛]8;;␇␛[2J␛[1A\ufffd3mx␛c');
    expect(safeText(`${link}\x1b[2J\x1b[1A\x9b3mx\x1bc`, 'strip').text).toBe('clickx');
    expect(safeText('\x1b[31mred\x1b[m', 'raw')).toMatchObject({ text: '␛[31mred␛[m', styles: [] });
  });

  it('ends a string that never ends with its line', () => {
    expect(safeText('\x1b]0;title\nnext', 'strip').text).toBe('\nnext');
    expect(safeText('tail \x1b[', 'strip').text).toBe('tail ');
  });

  it('finds columns again', () => {
    const raw = '\x1b[31mab\x1b[0mcd';
    const { text, column } = safeText(raw, 'draw');
    expect(text).toBe('abcd');
    expect([5, 6, 7, 11, 12, 13].map(column)).toEqual([0, 1, 2, 2, 3, 4]);
    expect([0, 3, 8].map(column)).toEqual([0, 0, 2]);
  });

  it('does not slow down over thousands of colours', () => {
    const begun = performance.now();
    expect(safeText('\x1b[1m\x1b[31mx'.repeat(50_000), 'draw').text).toContain('xx');
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('never lets a control character through, whatever comes', () => {
    const nasty = fc.array(fc.constantFrom('\x1b', '\x9b', '[', ']', '31', 'm', ';', ':', '\x07', '\\', '\n', 'a', '\0', '\u202e', 'P'));
    fc.assert(
      fc.property(nasty, fc.constantFrom('draw', 'strip', 'raw'), (parts, mode) => {
        const raw = parts.join('');
        const { text, styles, column } = safeText(raw, mode);
        expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
        expect(text.split('\n').length).toBe(raw.split('\n').length);
        expect(column(raw.length)).toBe(text.length);
        for (const { start, end } of styles) expect(0 <= start && start < end && end <= text.length).toBe(true);
      }),
    );
  });
});
