import { deserialize, serialize } from 'node:v8';
import { afterEach, expect, test, vi } from 'vitest';
import { HeadReader } from '../record/layout.ts';
import { RecordColumn } from './recordColumn.ts';
import { RecordStore } from './recordStore.ts';
import type { ScannerState } from './scanner.ts';
import { Scanner } from './scanner.ts';

afterEach(() => vi.restoreAllMocks());

function newScanner(): { scanner: Scanner; column: RecordColumn; store: RecordStore } {
  const store = new RecordStore();
  const column = new RecordColumn(store, 0, false);
  return { scanner: new Scanner(store, column, new HeadReader(false), () => 0), column, store };
}

test('goes on in the middle of a line, without a copy of the memory that its state lies in', () => {
  const [first, second] = ['2026-11-20 10:00:00.000001+00:00 INFO one\n2026-11-20 10:00', ':01.000001+00:00 INFO two\n'];
  const { scanner, column } = newScanner();
  scanner.feed(Buffer.from(first));
  scanner.finish();
  // As it comes from disk: its bytes are a view on all that was read with it.
  const { state } = deserialize(serialize({ state: scanner.save(), others: Buffer.alloc(1 << 20) })) as { state: ScannerState };
  expect(state.carry.buffer.byteLength).toBeGreaterThan(1 << 20);
  const cloned: unknown[] = [];
  const clone = structuredClone;
  vi.spyOn(globalThis, 'structuredClone').mockImplementation((value: unknown) => {
    cloned.push(value);
    return clone(value);
  });
  const next = newScanner();
  next.column.adopt(column.copyOf(0), { modules: [''], levels: [] });
  next.scanner.restore(state);
  expect(serialize(cloned).length).toBeLessThan(10_000);
  expect(cloned.flatMap((value) => Object.values(value as object)).some(ArrayBuffer.isView)).toBe(false);
  next.scanner.feed(Buffer.from(second));
  next.scanner.finish();
  expect([next.column.length, next.scanner.offset]).toEqual([2, first.length + second.length]);
});

test("takes a record's level from its second line, wherever what comes is cut", () => {
  const bytes = Buffer.from(
    'Nov 20, 2026 10:56:00 PM c.App main\nSEVERE: failed\nINFO: more\nNov 20, 2026 10:56:01 PM c.App main\nWARNING: slow\n',
  );
  for (let cut = 1; cut < bytes.length; cut++) {
    const { scanner, column, store } = newScanner();
    scanner.feed(bytes.subarray(0, cut));
    scanner.finish();
    scanner.feed(bytes.subarray(cut));
    scanner.finish();
    expect(Array.from(column.range(0, column.length), (record) => store.level(record))).toEqual([40, 30]);
  }
});

test('tells the layout from a whole line, wherever what comes is cut', () => {
  const line = (second: number): string => `2026-11-20 22:56:0${second}.000041+00:00 web.log INFO #2 meanwhile\n`;
  const asctime = (second: number): string => `2026-11-20 22:56:0${second},041 - web - INFO - meanwhile\n`;
  for (const text of [`\uFEFF${line(1)}${line(2)}`, asctime(1) + asctime(2)]) {
    const bytes = Buffer.from(text);
    const read = (...pieces: Buffer[]): unknown => {
      const { scanner, column, store } = newScanner();
      for (const piece of pieces) {
        scanner.feed(piece);
        scanner.finish();
      }
      const records = Array.from(column.range(0, column.length), (record) => [
        store.key(record),
        store.level(record),
        store.offset(record),
      ]);
      return { layout: scanner.layout, offset: scanner.offset, records };
    };
    const whole = read(bytes);
    for (let cut = 1; cut < bytes.length; cut++) {
      const [first, second] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(read(first, second), `cut at ${cut}`).toEqual(whole);
      expect(read(first, second.subarray(0, 1), second.subarray(1)), `cut at ${cut} and behind`).toEqual(whole);
    }
  }
});
