import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { HeadReader } from '../record/layout.ts';
import { chunkKeys } from './chunk.ts';
import { RecordColumn } from './recordColumn.ts';
import { RecordStore } from './recordStore.ts';
import { Scanner } from './scanner.ts';

/** All that a scanner finds in pieces, reading lines many at once or one by one. */
function scan(pieces: readonly Buffer[], master: boolean, many: number, Reader = Scanner) {
  const store = new RecordStore();
  const column = new RecordColumn(store, 0, master);
  const heads = new HeadReader(master);
  const read = vi.spyOn(heads, 'read');
  const scanner = new Reader(store, column, heads, () => 1e15, many);
  // A buffer that is used again, as files are read.
  const buffer = Buffer.alloc(Math.max(...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    piece.copy(buffer);
    scanner.feed(buffer.subarray(0, piece.length));
  }
  scanner.finish();
  const records = column.parts.flatMap(({ number, count }) => {
    const chunk = store.chunk(number);
    const keys = chunkKeys(chunk, count);
    return Array.from({ length: count }, (_, i) => ({
      key: keys[i],
      offset: chunk.baseOffset + chunk.offset[i]!,
      line: chunk.baseLine + i + chunk.extraLines[i]!,
      hash: chunk.hash[i],
      level: store.names.levelOfCode(chunk.level[i]!),
      flags: chunk.flags[i],
      module: store.names.modules[chunk.module?.[i] ?? 0],
    }));
  });
  return { records, runStarts: scanner.runStarts, state: scanner.save(), reads: read.mock.calls.length };
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
const extras = (length: number): string => `[web 1 t a:1 {"a":"${'x'.repeat(length)}"}] `;
/** As many as a block may have, and what else is in it. */
const LONGEST = 3072 - extras(0).length + 1;

interface Part {
  usual: readonly string[];
  odd: readonly string[];
}

/** What a line is made of. */
const parts: readonly Part[] = [
  {
    usual: ['2026-11-20'],
    odd: '2026-11-21 2024-02-29 2023-02-29 2100-02-29 2000-02-29 2026-13-01 2026-04-31 0000-01-01 0001-01-01 9999-12-31 1969-12-31 20261120 x'.split(
      ' ',
    ),
  },
  { usual: [' '], odd: ['T', '  ', ''] },
  { usual: ['10:15'], odd: ['10:16', '23:59', '24:00', '10:60', '1x:00', '10-15', 'x0:15'] },
  { usual: [':30'], odd: [':05', ':31', ':32', ':59', ':60', ':61', ':5', '-30', ''] },
  { usual: ['.000001', '.123456', '.999999', ''], odd: ['.5', '.1234567', ',123456', '.12345x', ':123'] },
  {
    usual: ['+00:00'],
    odd: ['+05:30', '-08:00', '-00:00', '+23:59', 'Z', '', '+0000', '-24:00', '-29:00', '+00:60', '+0x:00', '+00:0', ' 00:00', '+00-00'],
  },
  { usual: [' '], odd: ['', '  ', ']', ': ', 'x '] },
  {
    usual: ['web.log ', 'web.db.log ', 'worker.log '],
    odd: ['.log ', 'web ', 'a b.log ', `${'x'.repeat(251)}.log `, `${'x'.repeat(260)}.log `, 'é.log ', ''],
  },
  {
    usual: ['DEBUG ', 'INFO ', 'WARNING ', 'ERROR ', 'CRITICAL '],
    odd: ['WARN ', 'WARNINX ', 'Level 35 ', 'INFO', 'INFO: ', 'INFOX ', 'info ', 'FATAL ', 'NOTSET ', 'WARNINGS ', 'CRITICALX ', ''],
  },
  {
    usual: ['', '', '[web.db 4711 MainThread app/db.py:42] ', '[- - - -] ', '[web - - a:1 {"a":{"b":"}\\"]"}}] '],
    odd: [
      ...[
        '[',
        '[] ',
        '[a] ',
        '[web x t a:1] ',
        '[web 1 t a:x] ',
        '[web 1 t :1] ',
        '[web 1 t a:1',
        '[web 1 t a:1]x ',
        '[web 1 t a:1]',
        '[web 1 t a:1]\r ',
      ],
      ...[
        '[web 1 t a:1 {"a":"b] ',
        '[web 1 t a:1 {] ',
        '[web 1 t a:1 {"a":{}] ',
        '[web 1 t a:1 x] ',
        '[web 1 t a:1 ',
        '[web 1 [ a:1] ',
        '[w] 1 t a:1] ',
        '[web 1 t a[1] ',
      ],
      ...[extras(LONGEST - 1), extras(LONGEST), extras(LONGEST + 1), extras(LONGEST + 100)],
    ],
  },
  {
    usual: ['request took 12 ms', 'x', 'it failed, and this is longer than 16 bytes: status=500'],
    odd: [
      '',
      ' ',
      'Traceback (most recent call last):',
      '(most recent call last):',
      'x most recent call last):',
      'é漢',
      'end\r',
      'x'.repeat(5000),
      '\0',
      ':',
    ],
  },
  { usual: ['\n'], odd: ['\r\n', '\n\n', '\n  File "a.py", line 1\n', '\n\tat f (a.js:1:2)\n', '\n\r\n', '\r\r\n'] },
];
/** In master.log only. */
const NAME = 7;
const partsOf = (master: boolean): readonly Part[] => parts.filter((_, i) => master || i !== NAME);

function expectSame(pieces: readonly Buffer[], master: boolean): { reads: number; allReads: number } {
  const { reads, ...together } = scan(pieces, master, 1);
  const { reads: allReads, ...oneByOne } = scan(pieces, master, Number.POSITIVE_INFINITY);
  expect(together).toEqual(oneByOne);
  return { reads, allReads };
}

test('a line that is odd in one way, or in two, among usual ones', () => {
  for (const master of [false, true]) {
    const all = partsOf(master);
    const usual = (i: number): string => all.map((part) => part.usual[i % part.usual.length]).join('');
    const some = Array.from({ length: 6 }, (_, i) => usual(i)).join('');
    const expectSameWith = (line: string): unknown => expectSame([Buffer.from(some + line + some)], master);
    for (const [i, { odd }] of all.entries()) {
      for (const text of odd) {
        const with_ = (j: number, other: string): string =>
          all.map((part, k) => (k === i ? text : k === j ? other : part.usual[0])).join('');
        expectSameWith(with_(i, text));
        for (const [j, part] of all.slice(i + 1, i + 3).entries()) for (const other of part.odd) expectSameWith(with_(i + 1 + j, other));
      }
    }
  }
});

test('lines that are read many at once are what they are one by one, wherever the content is cut', () => {
  const textOf = ({ usual, odd }: Part) =>
    fc.oneof({ weight: 60, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
  const log = (master: boolean) =>
    fc
      .array(fc.tuple(...partsOf(master).map(textOf)), { minLength: 1, maxLength: 60, size: 'max' })
      .map((lines) => Buffer.from(lines.map((texts) => texts.join('')).join('')));
  const both = fc.boolean().chain((master) => fc.tuple(fc.constant(master), log(master), fc.array(fc.integer({ min: 1, max: 20_000 }))));
  let saved = 0;
  fc.assert(
    fc.property(both, ([master, bytes, cuts]) => {
      const pieces: Buffer[] = [];
      let at = 0;
      for (const length of [...cuts, bytes.length]) {
        if (at < bytes.length) pieces.push(bytes.subarray(at, at + length));
        at += length;
      }
      const { reads, allReads } = expectSame(pieces, master);
      saved += allReads - reads;
    }),
    { numRuns: 1500 },
  );
  expect(saved).toBeGreaterThan(10_000);
});

test('pieces larger than what is read at once, with lines that are cut and others in between', () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => {
    const time = `2026-11-20 10:${pad(Math.floor(i / 600))}:${pad(Math.floor(i / 10) % 60)}.${pad(i, 6)}+00:00`;
    const rest = i % 900 === 0 ? 'boom\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: x' : `line ${i} of many`;
    return `${time} ${i % 7 === 0 ? 'web.db' : 'worker'}.log ${i % 3 === 0 ? 'INFO' : 'ERROR'} ${i % 5 === 0 ? '[web 1 - -] ' : ''}${rest}\n`;
  });
  const bytes = Buffer.from(lines.join(''));
  const pieces = [bytes.subarray(0, 900_000), bytes.subarray(900_000, 900_010), bytes.subarray(900_010)];
  const { reads, allReads } = expectSame(pieces, true);
  expect(allReads).toBeGreaterThan(30_000);
  // The sample that tells the layout, each traceback's lines, and a few where pieces are cut.
  expect(reads).toBeLessThan(1000);
});

test('lines of no such kind are hardly tried at all', () => {
  const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `2026-11-20 10:00:00+00:00 INFO: line ${i}\n`).join(''));
  const { records, reads } = scan([bytes], false, 8192);
  expect(records).toHaveLength(20_000);
  expect(reads).toBeGreaterThan(20_000);
});

test('where WebAssembly cannot be had, they are read one by one', async () => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const { Scanner: Without } = await import('./scanner.ts');
  const bytes = Buffer.from('2026-11-20 10:00:00+00:00 INFO one of many\n'.repeat(1000));
  const { reads, ...oneByOne } = scan([bytes], false, 1, Without as unknown as typeof Scanner);
  vi.unstubAllGlobals();
  expect(reads).toBeGreaterThan(1000);
  const { reads: few, ...together } = scan([bytes], false, 1);
  expect(few).toBeLessThan(300 + 1000 / 10);
  expect(oneByOne).toEqual(together);
});
