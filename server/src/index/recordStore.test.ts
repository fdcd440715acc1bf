import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../test/bench/makeTree.ts';
import { CHUNK_SIZE, chunkBytes, chunkKeys, kindsBytes } from './chunk.ts';
import { NO_LEVEL } from './nameTable.ts';
import { RecordColumn } from './recordColumn.ts';
import type { FilledChunk, NewRecord } from './recordStore.ts';
import { NONE, RecordStore } from './recordStore.ts';

const DAY = 86_400e6;
const START = Date.UTC(2026, 10, 20) * 1000;

const record = (given: Partial<NewRecord> = {}): NewRecord => ({
  key: START,
  offset: 0,
  line: 1,
  level: NO_LEVEL,
  flags: 0,
  module: 0,
  ...given,
});

function filled(records: readonly NewRecord[], master = false, store = new RecordStore()): { store: RecordStore; column: RecordColumn } {
  const column = new RecordColumn(store, 3, master);
  for (const one of records) store.finishRecord(column.push(one), one.offset * 7, one.flags);
  return { store, column };
}

function expectRecords(store: RecordStore, column: RecordColumn, records: readonly NewRecord[]): void {
  expect(column.length).toBe(records.length);
  const wrong: unknown[] = [];
  const numbers = column.range(0, column.length);
  for (const [index, { key, offset, line, level, flags, module }] of records.entries()) {
    const number = column.at(index);
    const same =
      number === numbers[index] &&
      store.key(number) === key &&
      store.offset(number) === offset &&
      store.line(number) === line &&
      store.level(number) === level &&
      store.flags(number) === flags &&
      store.hash(number) === (offset * 7) >>> 0 &&
      store.namedModule(number) === (store.names.modules[module] ?? '') &&
      store.index(number) === index &&
      store.generation(number) === 3;
    if (!same) wrong.push([index, store.key(number), store.offset(number), store.line(number), store.level(number)]);
  }
  expect(wrong).toEqual([]);
}

/** Rising, with what is rare: steps of days, long records, gaps. */
function randomRecords(count: number, stepOfDays: number, gaps = 0): NewRecord[] {
  const random = randomNumbers(count);
  let last = record();
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return last;
    const rare = (part: number): boolean => random() < part;
    last = record({
      key: last.key + Math.floor(random() * 1000) + (rare(stepOfDays) ? Math.floor((random() - 0.3) * 40) * DAY : 0),
      offset: last.offset + 1 + Math.floor(random() * 300) + (rare(gaps) ? 3e9 : 0),
      line: last.line + 1 + (rare(gaps) ? Math.floor(random() * 100_000) : 0),
      level: rare(0.1) ? NO_LEVEL : Math.floor(random() * 6) * 10,
      flags: Math.floor(random() * 16),
    });
    return last;
  });
}

describe('records come back as they were put', () => {
  test.each([
    ['few', 5, 0, 0],
    ['many', 3 * CHUNK_SIZE + 5, 0, 0],
    ['long records and gaps', 3 * CHUNK_SIZE + 5, 0, 0.001],
    ['steps of days now and then', 40_000, 0.001, 0],
    ['steps of days everywhere', 40_000, 1, 0],
  ])('%s', (_name, count, stepOfDays, gaps) => {
    const records = randomRecords(count, stepOfDays, gaps);
    const { store, column } = filled(records);
    expectRecords(store, column, records);
    for (const part of column.parts) {
      const keys = records.slice(part.first, part.first + part.count).map(({ key }) => key);
      expect(chunkKeys(store.chunk(part.number), part.count)).toEqual(Float64Array.from(keys));
    }
  });

  test('few chunks, however far apart times are', () => {
    expect(filled(randomRecords(40_000, 1)).column.parts.length).toBeLessThan(60);
  });

  test('times from the year 1 to 9999, and none that no time can be', () => {
    const times = [-62_135_596_800e6, 253_402_300_799_999e3, 0, -1, START, 253_402_300_799_999e3];
    const records = times.map((key, i) => record({ key, offset: i * 10, line: i + 1 }));
    const { store, column } = filled(records);
    expectRecords(store, column, records);
    expect(store.key(column.push(record({ key: 1e30, offset: 100, line: 7 })))).toBe(2 ** 62);
  });

  test('what stands before the first stamp takes its time, however far away that is', () => {
    const { store, column } = filled([record()]);
    store.setKey(column.at(0), 5);
    column.push(record({ key: 5, offset: 9, line: 2 }));
    expect([store.key(column.at(0)), store.key(column.at(1)), column.parts.length]).toEqual([5, 5, 1]);
  });

  test('levels of any size, as many different ones as are ever used', () => {
    const levels = [NO_LEVEL, 0, 5, 50, 199, 200, 254, 255, 300, 999_999];
    const records = levels.map((level, i) => record({ level, offset: i, line: i + 1 }));
    const { store, column } = filled(records);
    expectRecords(store, column, records);
    for (let level = 1000; level < 1100; level++) column.push(record({ level, offset: level, line: level }));
    // The table is full: a level that is near.
    expect(store.level(column.at(column.length - 1))).toBe(1049);
    expect(store.level(column.at(8))).toBe(300);
  });
});

test('the last record is taken back and put anew', () => {
  const records = randomRecords(CHUNK_SIZE + 1, 0);
  const { store, column } = filled(records);
  column.takeBack(CHUNK_SIZE);
  expect(column.length).toBe(CHUNK_SIZE);
  const other = record({ key: START + 300 * DAY, offset: 1e8, line: 1e6 });
  store.finishRecord(column.push(other), other.offset * 7, 0);
  expectRecords(store, column, [...records.slice(0, -1), other]);
});

test('a pair costs memory only where something is paired', () => {
  const { store, column } = filled(randomRecords(2 * CHUNK_SIZE, 0));
  expect(store.partner(column.at(0))).toBe(NONE);
  store.setPartner(column.at(0), NONE);
  store.setPartner(column.at(CHUNK_SIZE + 1), 7);
  expect(column.parts.map(({ number }) => store.chunk(number).partner !== undefined)).toEqual([false, true]);
  expect([store.partner(column.at(CHUNK_SIZE)), store.partner(column.at(CHUNK_SIZE + 1))]).toEqual([NONE, 7]);
  column.clearPartners();
  expect(store.partner(column.at(CHUNK_SIZE + 1))).toBe(NONE);
});

test('pairs that are on disk leave memory with their columns, and come back; those that have changed since stay', () => {
  // Room for one or two of four.
  const { store, column } = filled(randomRecords(4 * CHUNK_SIZE, 0), false, new RecordStore(CHUNK_SIZE * 30));
  const { parts } = column;
  expect(parts.length).toBeGreaterThanOrEqual(4);
  for (const record of column.range(0, column.length)) store.setPartner(record, record + 1);
  const all = store.residentBytes;
  const reads = new Set<number>();
  for (const [i, { number, first, count }] of parts.entries()) {
    const partners = store.copyPartners(number, count) ?? new Uint32Array();
    // While they are being written one changes.
    if (i === 1) store.setPartner(column.at(first + 5), 77);
    const load = (): Uint32Array => {
      reads.add(i);
      return partners;
    };
    store.partnersWritten(number, { paired: count, load });
    const chunk = column.copyOf(i);
    store.setStored(number, { ...chunk, summary: store.summary(number, count), load: () => chunk.buffer, loadKinds: () => undefined });
  }
  expect(store.residentBytes).toBeLessThan(all / 2);
  for (let round = 0; round < 2; round++) {
    for (const [i, { first }] of parts.entries()) expect(store.partner(column.at(first + 5))).toBe(i === 1 ? 77 : column.at(first + 5) + 1);
    // Without the columns.
    for (const { number, first } of parts) expect(store.partnersOf(number)?.[6]).toBe(column.at(first + 6) + 1);
    expect(store.residentBytes).toBeLessThan(all / 2);
  }
  expect([...reads].sort()).toEqual([...parts.keys()].filter((i) => i !== 1));
  column.dispose();
  expect(store.residentBytes).toBe(0);
});

test('who looks at every chunk and keeps nothing sees all of them, and puts none into memory', () => {
  const records = randomRecords(4 * CHUNK_SIZE, 0);
  const { store: from, column: full } = filled(records);
  const chunkOf = (part: number): FilledChunk => full.copyOf(part);
  const bytes = chunkOf(0).buffer.byteLength;
  const store = new RecordStore();
  const given: SharedArrayBuffer[] = [];
  const kindsGiven: SharedArrayBuffer[] = [];
  const numbers = full.parts.map(({ first, count, number }, part) => {
    const { buffer, ...header } = chunkOf(part);
    const load = (into = new SharedArrayBuffer(bytes)): SharedArrayBuffer => {
      given.push(into);
      new Uint8Array(into).set(new Uint8Array(buffer));
      return into;
    };
    const loadKinds = (into: SharedArrayBuffer): SharedArrayBuffer => {
      kindsGiven.push(into);
      new Uint8Array(into).set(new Uint8Array(buffer).subarray(-kindsBytes(header)));
      return into;
    };
    return store.addStored(3, first, { ...header, summary: from.summary(number, count), load, loadKinds });
  });
  const look = (): void => {
    for (const [part, number] of numbers.entries()) {
      const chunk = store.peek(number);
      const own = from.chunk(full.parts[part]?.number ?? NONE);
      const kinds = store.kinds(number);
      for (const name of ['level', 'flags'] as const) {
        expect(Buffer.compare(chunk[name], own[name])).toBe(0);
        expect(Buffer.compare(kinds[name], own[name])).toBe(0);
      }
      expect(store.peek(number)).toBe(chunk);
      expect(store.kinds(number).level).toBe(kinds.level);
      expect(chunkKeys(chunk, 100)).toEqual(chunkKeys(own, 100));
      expect(chunk.keyLow.at(-1)).toBe(own.keyLow.at(-1));
    }
  };
  store.chunk(numbers[2] ?? NONE);
  look();
  look();
  expect(store.residentBytes).toBe(bytes);
  // The one that is there is not read again; the others, by each look, into the same memory.
  expect(given.length).toBe(1 + 2 * 3);
  expect(new Set(given).size).toBe(2);
  expect(kindsGiven.length).toBe(2 * 3);
  expect(new Set(kindsGiven).size).toBe(1);
});

/** A store of some full chunks that are on disk only. @param reads told of each that is read, and the memory that it is read into */
function onDisk(count: number, budget: number, reads: [part: number, into: SharedArrayBuffer | undefined][] = []) {
  const { store: from, column: full } = filled(randomRecords(count * CHUNK_SIZE, 0));
  const store = new RecordStore(budget);
  const numbers = full.parts.map(({ first, count, number }, part) => {
    const { buffer, ...header } = full.copyOf(part);
    const load = (into = new SharedArrayBuffer(buffer.byteLength)): SharedArrayBuffer => {
      reads.push([part, into]);
      new Uint8Array(into).set(new Uint8Array(buffer));
      return into;
    };
    return store.addStored(3, first, { ...header, summary: from.summary(number, count), load, loadKinds: () => undefined });
  });
  return { store, numbers };
}

const chunk = chunkBytes({ master: false, wide: false }, CHUNK_SIZE);

test('what has been dropped gives its memory to the next, unless somebody else has it', () => {
  const reads: [number, SharedArrayBuffer | undefined][] = [];
  const { store, numbers } = onDisk(6, 5 * chunk, reads);
  const [first = NONE, second = NONE] = numbers;
  const lent = store.lend(first);
  const hashes = lent.hash.slice();
  for (let round = 0; round < 3; round++) for (const number of numbers) store.chunk(number);
  expect(reads.length).toBeGreaterThan(12);
  expect(new Set(reads.map(([, into]) => into)).size).toBeLessThan(7);
  expect(reads.slice(1).some(([, into]) => into === lent.buffer)).toBe(false);
  expect(lent.hash).toEqual(hashes);
  expect(store.chunk(second).hash).not.toEqual(hashes);
});

test('who goes through many chunks at once does not read one again for each few records, though the other halves of all fill memory', () => {
  const reads: [number, SharedArrayBuffer | undefined][] = [];
  const { store, numbers } = onDisk(4, 40 * chunk, reads);
  // Nothing of this is on disk.
  for (const number of numbers) store.setPartnersOf(number, new Uint32Array(16 * CHUNK_SIZE * 17));
  for (let round = 0; round < 100; round++) for (const number of numbers) store.chunk(number);
  expect(store.isFull).toBe(true);
  expect(reads.length).toBe(numbers.length);
});

test('chunks that another store has filled are taken in; numbers of names and of levels become ours', () => {
  const far = new RecordStore();
  const theirs = new RecordColumn(far, 0, true);
  const names = ['a', 'b', 'web'].map((name) => far.names.moduleNumber(name));
  const records = randomRecords(CHUNK_SIZE + 100, 0).map((one, i) => ({
    ...one,
    module: i % 4 === 0 ? 0 : (names[i % 3] ?? 0),
    level: i % 50 === 0 ? 300 + (i % 3) : one.level,
  }));
  for (const one of records) far.finishRecord(theirs.push(one), one.offset * 7, one.flags);
  const store = new RecordStore();
  store.names.moduleNumber('web');
  store.names.levelCode(302);
  const column = new RecordColumn(store, 3, true);
  for (const part of theirs.export()) {
    expect(part.buffer.byteLength).toBeLessThan((part.count + 16) * 23);
    column.adopt(structuredClone(part), far.names);
  }
  expectRecords(
    store,
    column,
    records.map((one) => ({ ...one, module: store.names.moduleNumber(far.names.modules[one.module] ?? '') })),
  );
  column.push(record({ key: START, offset: 1e8, line: 1e7 }));
  expect(column.length).toBe(records.length + 1);
});

test('a chunk number that was given back is used again', () => {
  const { store, column } = filled(randomRecords(10, 0));
  const number = column.parts[0]?.number ?? -1;
  column.dispose();
  expect(() => store.chunk(number)).toThrow(RangeError);
  const other = new RecordColumn(store, 4, false);
  other.push(record());
  expect(other.parts[0]?.number).toBe(number);
});
