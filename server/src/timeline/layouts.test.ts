/** Logs that are open are read otherwise when another layout is given, or expected. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeRows } from '../protocol.ts';
import { NO_LAYOUTS } from '../record/layoutRules.ts';
import { readPage } from './page.ts';
import { Timeline } from './timeline.ts';
import type { View } from './view.ts';

const FORMAT = '%(levelname)s <%(asctime)s> %(message)s;datefmt=%Y.%m.%d %H.%M.%S';
const line = (second: number, text: string): string => `WARNING <2026.11.20 10.00.0${second}> ${text}\n`;

let root: string;
let timeline: Timeline;
let view: View;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'safelog-layouts-'));
  mkdirSync(join(root, 'alice'));
  writeFileSync(join(root, 'alice/odd.log.1.gz'), gzipSync(line(1, 'one') + line(2, 'two\n  of two lines')));
  writeFileSync(join(root, 'alice/odd.log'), line(3, 'three'));
  writeFileSync(join(root, 'alice/web.log'), '2026-11-20 10:00:04+00:00 INFO four\n');
  timeline = new Timeline({ kind: 'tree', root });
  view = timeline.openView({}, () => undefined);
  await timeline.load();
});
afterEach(async () => {
  await timeline.close();
  rmSync(root, { recursive: true, force: true });
});

async function rows(): Promise<[level: number | null, text: string, minute: number][]> {
  const page = await readPage(view, { view: 1, anchor: { at: 'start' }, before: 0, after: 100 });
  return decodeRows(page.rows).map(({ level, text, time }) => [level, text, new Date(time / 1000).getSeconds()]);
}

const read = [
  [30, 'one', 1],
  [30, 'two\n  of two lines', 2],
  [30, 'three', 3],
  [20, 'four', 4],
];

test('as a person gives it, and back', async () => {
  const before = await rows();
  expect(before).toHaveLength(5);
  const web = timeline.library.generations.find(({ file }) => file.module === 'web');
  await timeline.setLayouts({ rules: [{ glob: join(root, 'alice/odd.log'), format: FORMAT }], candidates: [] });
  expect(await rows()).toEqual(read);
  // Only what is concerned is read anew.
  expect(timeline.library.generations).toContain(web);
  appendFileSync(join(root, 'alice/odd.log'), line(5, 'five'));
  await timeline.sync();
  expect(await rows()).toEqual([...read, [30, 'five', 5]]);
  await timeline.setLayouts(NO_LAYOUTS);
  expect(await rows()).toHaveLength(6);
});

test('as a configuration file names it', async () => {
  const web = timeline.library.generations.find(({ file }) => file.module === 'web');
  await timeline.setLayouts({ rules: [], candidates: [FORMAT] });
  expect(await rows()).toEqual(read);
  expect(timeline.library.generations).toContain(web);
});
