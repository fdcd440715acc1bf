import { describe, expect, it } from 'vitest';
import { limits, nextStep, Pending } from './window.ts';

describe('nextStep', () => {
  it('appends while there is room', () => {
    expect(nextStep(0, 10, true)).toEqual({ kind: 'append' });
    expect(nextStep(limits.window - 10, 10, true)).toEqual({ kind: 'append' });
  });
  it('slides while following, down to what trimming leaves', () => {
    expect(nextStep(limits.window, 10, true)).toEqual({ kind: 'slide', drop: limits.window + 10 - limits.trimmedTo });
    expect(nextStep(100, limits.window * 2, true)).toEqual({ kind: 'slide', drop: 100 });
  });
  it('never trims above someone who reads: it grows to the cap, then holds', () => {
    expect(nextStep(limits.window, 10, false)).toEqual({ kind: 'append' });
    expect(nextStep(limits.paused, 1, false)).toEqual({ kind: 'hold' });
  });
});

describe('Pending', () => {
  it('gives back what was pushed, in order, once', () => {
    const pending = new Pending();
    pending.push('a\nb');
    pending.push('c\n');
    expect(pending.lines).toBe(2);
    expect(pending.take()).toEqual({ text: 'a\nbc\n', gap: false });
    expect(pending.take()).toEqual({ text: '', gap: false });
    expect(pending.lines).toBe(0);
  });
  it('is bounded: keeps the end, from the start of a line, and says that text is missing', () => {
    const pending = new Pending();
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < (3 * limits.window) / 1024; i++) {
      pending.push(line);
      expect(pending.length).toBeLessThanOrEqual(2 * limits.trimmedTo);
    }
    pending.push('last\n');
    expect(pending.lines).toBe((3 * limits.window) / 1024 + 1);
    const { text, gap } = pending.take();
    expect(gap).toBe(true);
    expect(text.length).toBeLessThanOrEqual(limits.trimmedTo);
    expect(text.startsWith('xxx')).toBe(true);
    expect(text.endsWith('\nlast\n')).toBe(true);
  });
});
