import { describe, expect, it } from 'vitest';
import { countLines, Extents, limitsOf, lineOfLf, nextStep, Pending } from './window.ts';

const Mi = 1024 * 1024;
const limits = limitsOf(8);
const part = (text: string, at = text) => ({ text, at, errors: 0, lastError: -1 });

describe('nextStep', () => {
  it('appends while there is room, and slides the window beyond it, to less than the window', () => {
    expect(nextStep(0, 100, true, limits)).toEqual({ kind: 'append' });
    expect(nextStep(8 * Mi - 100, 100, true, limits)).toEqual({ kind: 'append' });
    expect(nextStep(8 * Mi - 100, 101, true, limits)).toEqual({ kind: 'slide', drop: Mi + 1 });
  });
  it('never drops more than there is', () => {
    expect(nextStep(100, 20 * Mi, true, limits)).toEqual({ kind: 'slide', drop: 100 });
  });
  it('trims nothing while one has scrolled up, and holds the text back in the end', () => {
    expect(nextStep(8 * Mi, Mi, false, limits)).toEqual({ kind: 'append' });
    expect(nextStep(16 * Mi, 1, false, limits)).toEqual({ kind: 'hold' });
  });
});

describe('Extents', () => {
  it('are trimmed at parts, and know where the text then begins', () => {
    const extents = new Extents();
    for (const text of ['a\nb\n', 'c\n', 'd']) extents.append(part(text));
    expect([extents.length, extents.first?.at]).toEqual([7, 'a\nb\n']);
    expect(extents.trim(1)).toBe(2);
    expect([extents.length, extents.first?.at]).toEqual([3, 'c\n']);
  });
  it('join what came within a line', () => {
    const extents = new Extents();
    for (const text of ['a', 'b\n', 'c\n']) extents.append(part(text));
    expect(extents.trim(1)).toBe(1);
    expect(extents.first?.at).toBe('c\n');
  });
  it('take older text before them', () => {
    const extents = new Extents();
    extents.append(part('b\n'));
    extents.prepend(part('a\n'));
    expect([extents.length, extents.first?.at]).toEqual([4, 'a\n']);
    expect(extents.trim(100)).toBeUndefined();
    expect([extents.length, extents.first]).toEqual([0, undefined]);
  });
});

describe('Pending', () => {
  it('gives what came, once, and counts its lines', () => {
    const pending = new Pending(100);
    pending.push(part('one\ntwo'));
    pending.push(part('\n'));
    expect([pending.length, pending.lines]).toEqual([8, 2]);
    expect(pending.take()).toEqual({ parts: [part('one\ntwo'), part('\n')], gap: false });
    expect([pending.length, pending.lines, pending.take().parts]).toEqual([0, 0, []]);
  });
  it('gives no more of what has piled up than is wanted', () => {
    const pending = new Pending(100);
    for (const text of ['one\n', 'two\n', 'three\n']) pending.push(part(text));
    expect(pending.take(10)).toEqual({ parts: [part('two\n'), part('three\n')], gap: true });
    pending.push(part('four\n'));
    expect(pending.take(1)).toEqual({ parts: [part('four\n')], gap: false });
  });
  it('keeps the newest parts of a flood, and counts all lines', () => {
    const pending = new Pending(100);
    for (let i = 0; i < 1000; i++) pending.push(part(`${i}\n`.padStart(10, '.')));
    expect([pending.length, pending.lines]).toEqual([100, 1000]);
    const { parts, gap } = pending.take();
    expect([gap, parts.length, parts.at(-1)?.text]).toEqual([true, 10, '......999\n']);
  });
});

it('lines are counted as VS Code does', () => {
  expect(countLines('a\nb\r\nc\rd')).toBe(3);
  expect(lineOfLf('a\rb\nc\n', 1)).toBe(2);
});
