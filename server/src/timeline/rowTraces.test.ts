import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeRows, encodeRows, type Row } from '../protocol.ts';
import { findTraces } from '../traceback/find.ts';
import { drawnTraces } from './rowTraces.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../../test/fixtures/traceback', name), 'utf8');
const drawn = (text: string) => drawnTraces(findTraces(text));

test.each([
  ['python/library.txt', 'library.py:6 in parse', [[10, 19, 3]]],
  ['python/chained.txt', 'chained.py:25 in close', []],
  [
    'node/nested.txt',
    'nested.cjs:21 in main',
    [
      [8, 11, 3],
      [19, 23, 4],
    ],
  ],
  ['java/Shop.txt', 'Shop.java:33 in Shop.sell', []],
  ['go/shop.txt', 'main.go:12 in main.recovered', [[12, 18, 3]]],
  ['rust/short.txt', 'shop.rs:7', []],
])('%s: the raising frame is %s', (file, label, runs) => {
  const { raised, libraryRuns } = drawn(read(file));
  expect(raised?.label).toBe(label);
  expect(libraryRuns.map(({ from, to, frames }) => [from, to, frames])).toEqual(runs);
});

test('where only libraries are in a trace, the frame that raised stands for itself', () => {
  const { raised, libraryRuns } = drawn(
    'Error: x\n    at a (/x/node_modules/a.js:1:2)\n    at b (/x/node_modules/b.js:1:2)\n    at c (/x/node_modules/c.js:1:2)\n',
  );
  expect(raised).toEqual({ label: 'a.js:1 in a', place: { path: '/x/node_modules/a.js', line: 1, column: 2 } });
  expect(libraryRuns).toEqual([{ from: 2, to: 4, frames: 2 }]);
});

test('rows keep it on their way to the page', () => {
  const text = read('node/nested.txt');
  const row: Row = {
    ...{ id: 'a:0', time: 0, level: 40, user: 'u', module: 'm', text, lines: 27, cut: 0, flags: 0, file: 'u/m.log', line: 1, offset: null },
    ...drawn(text),
  };
  expect(row.links.length).toBeGreaterThan(5);
  expect(decodeRows(encodeRows([row]))).toEqual([row]);
});
