import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DebugEntry } from '../../../server/src/protocol.ts';
import { DebugLog, type Gate } from './debugLog.ts';

let gate: Gate;
let sent: DebugEntry[][];
let answers: (() => Promise<unknown>)[];
let reports: unknown[];
let log: DebugLog;

const make = (maxWaiting?: number): DebugLog =>
  new DebugLog({
    gate: () => gate,
    send: (entries) => {
      sent.push(structuredClone(entries));
      return answers.shift()?.() ?? Promise.resolve();
    },
    report: (error) => reports.push(error),
    ...(maxWaiting !== undefined && { maxWaiting }),
  });

const entry = (text: string): DebugEntry => ({ time: 1, level: 'INFO', text });
const texts = (): string[] => sent.flat().map(({ text }) => text);
const tick = (ms = 100) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  [gate, sent, answers, reports] = ['open', [], [], []];
  log = make();
});
afterEach(() => vi.useRealTimers());

describe('DebugLog', () => {
  it('sends what came together at once, and a large rest after it was answered', async () => {
    let answer = (): void => {};
    answers.push(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    );
    log.add(entry('a'));
    log.add(entry('x'.repeat(1024 * 1024)));
    log.add(entry('b'));
    expect(sent).toEqual([]);
    await tick();
    expect(sent.map(({ length }) => length)).toEqual([2]);
    log.add(entry('c'));
    await tick(1000);
    expect(sent.length).toBe(1);
    answer();
    await tick();
    expect(sent.map(({ length }) => length)).toEqual([2, 2]);
  });

  it('waits for more lines of an entry as long as its patience says, anew with each line', async () => {
    const growing = log.add(entry('a'), 'growing', 3);
    await tick(300);
    expect(log.extend(growing, '\n  more', 2)).toBe(true);
    await tick(200);
    expect(sent).toEqual([]);
    await tick(100);
    expect(texts()).toEqual(['a\n  more']);
  });

  it('keeps the order behind an entry that grows or is asked about', async () => {
    const growing = log.add(entry('a'), 'growing');
    log.add(entry('b'));
    await tick();
    expect(log.extend(growing, '\n  more')).toBe(true);
    await tick();
    expect(sent).toEqual([]);
    await tick();
    expect(texts()).toEqual(['a\n  more', 'b']);
    expect(log.extend(growing, '\n  late')).toBe(false);
    const asked = log.add(entry('c'), 'asked');
    log.add(entry('d'));
    await tick(1000);
    expect(texts()).toEqual(['a\n  more', 'b']);
    asked.entry.text = 'answered';
    asked.state = 'closed';
    await tick();
    expect(texts().slice(2)).toEqual(['answered', 'd']);
  });

  it('says how many lines are missing where no room was left, and goes on', async () => {
    log = make(1000);
    for (let i = 0; i < 20; i++) log.add(entry(`line ${i}\nof two`));
    await tick();
    log.add(entry('later'));
    await tick();
    const said = texts();
    const kept = said.filter((text) => text.startsWith('line')).length;
    expect(kept).toBeGreaterThan(5);
    expect(said.slice(kept)).toEqual([`${(20 - kept) * 2} lines are missing here: they came faster than they could be written`, 'later']);
  });

  it('sends nothing before it is known whether it may, and nothing where it may not', async () => {
    gate = 'waiting';
    log.add(entry('from the beginning'));
    await tick(5000);
    await log.end();
    expect(sent).toEqual([]);
    gate = 'open';
    await log.flush();
    expect(texts()).toEqual(['from the beginning']);
    log.add(entry('forgotten'));
    gate = 'shut';
    await tick();
    gate = 'open';
    log.add(entry('again'));
    await log.end();
    expect(texts()).toEqual(['from the beginning', 'again']);
  });

  it('tries again what failed, in its place, and reports that once', async () => {
    const fail = () => Promise.reject(new Error('no server'));
    answers.push(fail, fail);
    log.add(entry('a'));
    await tick();
    log.add(entry('b'));
    await tick(2000);
    await tick(2000);
    expect(reports).toEqual([new Error('no server')]);
    expect(sent.map((batch) => batch.map(({ text }) => text))).toEqual([['a'], ['a', 'b'], ['a', 'b']]);
    answers.push(fail);
    log.add(entry('c'));
    await log.end();
    expect(reports.length).toBe(2);
  });
});
