import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Anchor } from '../protocol.ts';
import { decodeRows } from '../protocol.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { scan } from '../tree/scan.ts';
import { NewestFirst } from './newestFirst.ts';
import { readPage } from './page.ts';
import { treeState } from './stats.ts';
import { testThreads } from './testing/testThreads.ts';
import { Timeline } from './timeline.ts';

const START = Date.UTC(2026, 10, 20) * 1000;
const MINUTE = 60e6;
/** Generations of a log; the newest is 0. Each holds a minute. All together would be one step. */
const FILES = 24;
const LINES = 100;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-newest-'));
  mkdirSync(join(root, 'alice'));
  for (let age = 0; age < FILES; age++) {
    const begun = START + (FILES - 1 - age) * MINUTE;
    const lines = Array.from({ length: LINES }, (_, i) => `${formatSafelog(begun + i * 1000)} INFO file ${age} line ${i}\n`);
    const text = lines.join('');
    const path = join(root, 'alice', age === 0 ? 'web.log' : `web.log.${age}${age % 2 === 0 ? '.gz' : ''}`);
    writeFileSync(path, age > 0 && age % 2 === 0 ? gzipSync(text) : text);
    const modified = new Date((begun + LINES * 1000) / 1000);
    utimesSync(path, modified, modified);
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const ageOf = (file: string): number => Number(/\.log\.(\d+)/.exec(file)?.[1] ?? 0);

/** Opens the tree at an anchor. @returns the row there, and which generations were read before it came */
async function openAt(timeline: Timeline, anchor: Anchor): Promise<{ text: string | undefined; read: number[] }> {
  const loading = timeline.load({ newestFirst: true });
  const view = timeline.openView({}, () => undefined);
  const page = await readPage(view, { view: 1, anchor, before: 0, after: 1 });
  const { library } = timeline;
  const read = library.generations.filter((generation) => !library.isEnd(generation)).map(({ file }) => ageOf(file.file));
  await loading;
  expect(timeline.rows.length).toBe(FILES * LINES);
  await timeline.close();
  return { text: decodeRows(page.rows)[0]?.text, read: read.sort((a, b) => a - b) };
}

const upTo = (age: number): number[] => Array.from({ length: age + 1 }, (_, i) => i);
const timeOf = (age: number): number => START + (FILES - 1 - age) * MINUTE;

test('a page waits for the files that may have entries from its time on, and for no others', async () => {
  const threads = await testThreads();
  for (const age of [1, 10, 21]) {
    const anchor = { time: timeOf(age) + 5000 };
    const expected = { text: `file ${age} line 5`, read: upTo(age) };
    expect(await openAt(new Timeline({ kind: 'tree', root }), anchor)).toEqual(expected);
    if (age === 10) expect(await openAt(new Timeline({ kind: 'tree', root }, undefined, { threads }), anchor)).toEqual(expected);
  }
  const all = { text: `file ${FILES - 1} line 0`, read: upTo(FILES - 1) };
  expect(await openAt(new Timeline({ kind: 'tree', root }), { at: 'start' })).toEqual(all);
  await threads.remove();
});

test('a page at an entry finds its file, whatever that is called, and waits for what is newer', async () => {
  const whole = new Timeline({ kind: 'tree', root });
  await whole.load();
  const { id } = decodeRows(
    (
      await readPage(
        whole.openView({}, () => undefined),
        { view: 1, anchor: { time: timeOf(15) + 7000 }, before: 0, after: 1 },
      )
    ).rows,
  )[0] ?? { id: '' };
  await whole.close();
  expect(await openAt(new Timeline({ kind: 'tree', root }), { id })).toEqual({ text: 'file 15 line 7', read: upTo(15) });
});

test('the explorer and the pickers have all files from the beginning, whatever is indexed', async () => {
  const timeline = new Timeline({ kind: 'tree', root });
  const [shown, indexed] = [new Set<number>(), new Set<number>()];
  timeline.onTreeChanged = () => {
    const files = treeState(timeline, timeline.source).modules.flatMap(({ generations }) => generations);
    shown.add(files.length);
    indexed.add(files.filter(({ records }) => records === LINES).length);
  };
  await openAt(timeline, { time: timeOf(1) + 5000 });
  expect([...shown]).toEqual([FILES]);
  expect([...indexed]).toEqual([0, 2, FILES]);
});

test('a step under way leaves what is not waited for', async () => {
  const { files } = await scan({ kind: 'tree', root });
  const plan = new NewestFirst(files);
  const wanted = (): number[] =>
    files
      .filter(plan.wanted)
      .map(({ file }) => ageOf(file))
      .sort((a, b) => a - b);
  expect(plan.next()).toBe(true);
  expect(wanted()).toEqual(upTo(FILES - 1));
  plan.hurry(timeOf(5));
  expect(wanted()).toEqual(upTo(5));
  plan.hurry(timeOf(9));
  plan.hurry(timeOf(3));
  expect(wanted()).toEqual(upTo(3));
  const steps: number[][] = [];
  while (plan.next()) steps.push(wanted());
  expect(steps).toEqual([upTo(5), upTo(9), upTo(FILES - 1)]);
});
