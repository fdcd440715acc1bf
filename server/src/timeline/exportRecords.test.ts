import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportRecords } from './exportRecords.ts';
import { readTexts } from './page.ts';
import { Timeline } from './timeline.ts';

const home = mkdtempSync(join(tmpdir(), 'safelog-export-'));
const root = join(home, 'logs');
const out = join(home, 'out');
const timeline = new Timeline({ kind: 'tree', root });
const lines = Array.from({ length: 10_000 }, (_, i) => `2026-11-20 10:00:00.${String(i).padStart(6, '0')}+00:00 INFO line ${i}\n`);

beforeAll(async () => {
  mkdirSync(join(root, 'alice'), { recursive: true });
  mkdirSync(out);
  writeFileSync(join(root, 'alice/web.log.1'), lines.slice(0, 5000).join(''));
  writeFileSync(join(root, 'alice/web.log'), lines.slice(5000).join(''));
  await timeline.load();
});
afterAll(async () => {
  await timeline.close();
  rmSync(home, { recursive: true });
});

const path = join(out, 'timeline.log');
const all = () => timeline.openView({}, () => undefined);

it('writes the bytes of the logs, and tells how far it is', async () => {
  const told: number[] = [];
  const result = await exportRecords(all(), { path, format: 'text', export: 1 }, (done, total) => told.push(done / total) > 0);
  expect(result).toEqual({ entries: 10_000, incomplete: [] });
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  expect(told.at(-1)).toBe(1);
});

it('writes the rows that pass a filter, also one that has to read them, as JSON lines', async () => {
  const view = timeline.openView({ text: 'line 99' }, () => undefined);
  await exportRecords(view, { path, format: 'jsonl', export: 2 }, () => true);
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(111);
  const last = { user: 'alice', module: 'web', level: 'INFO', message: 'line 9999', file: 'alice/web.log', line: 5000 };
  expect(rows.at(-1)).toEqual({ time: '2026-11-20T10:00:00.009999Z', ...last });
  // The same as a single entry is copied.
  const records = view.rows.all();
  const id = timeline.library.generationOf(records[110] ?? 0).recordId(records[110] ?? 0);
  expect((await readTexts(timeline, [id], 'json')).map((text) => JSON.parse(text))).toEqual([rows.at(-1)]);
});

it('leaves nothing when it is cancelled, and the file that was there', async () => {
  writeFileSync(path, 'mine');
  expect(await exportRecords(all(), { path, format: 'text', export: 3 }, () => false)).toBeNull();
  expect(readFileSync(path, 'utf8')).toBe('mine');
  await expect(exportRecords(all(), { path: join(out, 'no/such.log'), format: 'text', export: 4 }, () => true)).rejects.toThrow('ENOENT');
  expect(readdirSync(out)).toEqual(['timeline.log']);
});
