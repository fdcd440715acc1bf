import { describe, expect, it } from 'vitest';
import { OutputLines } from './outputLines.ts';

describe('OutputLines', () => {
  it('joins fragments of each category to lines, in the order in which they end', () => {
    const lines = new OutputLines();
    lines.push('stdout', 'one\ntw');
    lines.push('stderr', 'bad ');
    lines.push('stdout', 'o\r\nthree\n');
    lines.push('stderr', 'thing\n');
    lines.push(undefined, 'from the console\n');
    expect(lines.take()).toEqual([
      { level: 'INFO', lines: ['one', 'two', 'three'] },
      { level: 'ERROR', lines: ['bad thing'] },
      { level: 'DEBUG', lines: ['from the console'] },
    ]);
    expect(lines.take()).toEqual([]);
  });
  it('keeps a line whose CR and LF come apart', () => {
    const lines = new OutputLines();
    lines.push('stdout', 'a\r');
    lines.push('stdout', '\nb\n');
    expect(lines.take()).toEqual([{ level: 'INFO', lines: ['a', 'b'] }]);
  });
  it('ignores telemetry', () => {
    const lines = new OutputLines();
    lines.push('telemetry', 'secret\n');
    lines.end();
    expect(lines.take()).toEqual([]);
  });
  it('gives up the open rest at the end, once', () => {
    const lines = new OutputLines();
    lines.push('stdout', 'no line end');
    expect(lines.take()).toEqual([]);
    lines.end();
    lines.end();
    expect(lines.take()).toEqual([{ level: 'INFO', lines: ['no line end'] }]);
  });
  it('keeps empty lines and cuts a line that does not end', () => {
    const lines = new OutputLines();
    lines.push('stdout', '\n\n');
    lines.push('stdout', 'x'.repeat(3 * 1024 * 1024 + 5));
    expect(lines.take()[0]?.lines.map((line) => line.length)).toEqual([0, 0, 1024 * 1024, 1024 * 1024, 1024 * 1024]);
  });
});
