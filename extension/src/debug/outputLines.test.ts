import { describe, expect, it } from 'vitest';
import { maxLine, OutputLines } from './outputLines.ts';

describe('OutputLines', () => {
  it('joins fragments to lines', () => {
    const lines = new OutputLines();
    expect(lines.push('one\ntw')).toEqual(['one']);
    expect(lines.push('o\r\nthree\n\n')).toEqual(['two', 'three', '']);
    expect(lines.end()).toBeUndefined();
  });

  it('keeps a line whose CR and LF come apart, and a character whose halves do', () => {
    const lines = new OutputLines();
    expect(lines.push('a\r')).toEqual([]);
    expect(lines.push('\nb\ud83d')).toEqual(['a']);
    expect(lines.push('\ude00\n')).toEqual(['b😀']);
  });

  it('gives up the open rest at the end, once', () => {
    const lines = new OutputLines();
    lines.push('no line end');
    expect(lines.end()).toBe('no line end');
    expect(lines.end()).toBeUndefined();
  });

  it('keeps of a line that is written over what is seen in the end', () => {
    const lines = new OutputLines();
    lines.push('\r 10 %');
    lines.push('\r 90 %');
    expect(lines.push('\r100 %\n')).toEqual(['100 %']);
  });

  it('cuts a line that does not end, never in a character', () => {
    const lines = new OutputLines();
    expect(lines.push('x'.repeat(3 * maxLine + 5)).map(({ length }) => length)).toEqual([maxLine, maxLine, maxLine]);
    expect(lines.end()).toBe('xxxxx');
    expect(lines.push(`${'x'.repeat(maxLine - 1)}😀`).map(({ length }) => length)).toEqual([maxLine - 1]);
    expect(lines.push('\n')).toEqual(['😀']);
  });

  it('forgets the states of a progress bar that never ends its line', () => {
    const lines = new OutputLines();
    for (let i = 0; i < 3; i++) expect(lines.push(`\r${'#'.repeat(maxLine / 2)}`)).toEqual([]);
    expect(lines.push('\rdone\n')).toEqual(['done']);
  });
});
