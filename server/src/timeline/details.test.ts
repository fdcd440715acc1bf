import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeRows } from '../protocol.ts';
import { readDetails } from './details.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';

const root = mkdtempSync(join(tmpdir(), 'safelog-details-'));
const timeline = new Timeline({ kind: 'tree', root });
const stamp = (second: number): string => `2026-11-20 10:00:${String(second).padStart(2, '0')}+00:00`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${stamp(from + i)} INFO web ${from + i}\n`).join('');

beforeAll(async () => {
  mkdirSync(join(root, 'alice'));
  writeFileSync(join(root, 'alice/web.log.2.gz'), gzipSync(lines(0, 4)));
  writeFileSync(join(root, 'alice/web.log.1'), lines(4, 8));
  writeFileSync(join(root, 'alice/web.log'), lines(8, 12));
  writeFileSync(
    join(root, 'alice/db.log'),
    `${stamp(5)} ERROR [web.db 4711 Main%20Thread app/my%20db.py:42 {"k":1,"who":"me"}] lost\n  more\n${stamp(6)} INFO ${'x'.repeat(2_000_000)}\n`,
  );
  writeFileSync(
    join(root, 'alice/api.log'),
    '{"time":"2026-11-20T10:00:07Z","level":"info","msg":"asked","path":"/a","took":3}\n'.repeat(3),
  );
  await timeline.load();
});
afterAll(async () => {
  await timeline.close();
  rmSync(root, { recursive: true });
});

async function detailsOf(text: string, around = 0) {
  const row = (await readRows(timeline, timeline.rows.all())).find((each) => each.text.startsWith(text));
  const details = await readDetails(timeline, row?.id ?? '', around);
  if (details === null) throw new Error(`there is no ${text}`);
  return { ...details, rows: decodeRows(details.rows).map((each) => each.text.slice(0, 10)) };
}

it('has the rows of the same log around it, over rotations', async () => {
  expect(await detailsOf('web 8', 5)).toMatchObject({
    rows: ['web 3', 'web 4', 'web 5', 'web 6', 'web 7', 'web 8', 'web 9', 'web 10', 'web 11'],
    at: 5,
    text: 'web 8',
    cut: 0,
    fields: [],
  });
  expect((await detailsOf('web 0', 2)).rows).toEqual(['web 0', 'web 1', 'web 2']);
});

it('has what a source block or a JSON object says', async () => {
  expect(await detailsOf('lost')).toMatchObject({
    text: 'lost\n  more',
    fields: [
      { name: 'logger', value: 'web.db' },
      { name: 'process', value: '4711' },
      { name: 'thread', value: 'Main Thread' },
      { name: 'source', value: 'app/my db.py:42', place: { path: 'app/my db.py', line: 42 } },
      { name: 'k', value: '1' },
      { name: 'who', value: 'me' },
    ],
  });
  expect((await detailsOf('asked')).fields).toEqual(
    expect.arrayContaining([
      { name: 'path', value: '/a' },
      { name: 'took', value: '3' },
    ]),
  );
});

it('cuts a text that is too long, and says by how much', async () => {
  const { text, cut } = await detailsOf('xxx');
  expect([text.length, text.length + cut]).toEqual([1 << 20, 2_000_000]);
});

it('is null where the record is gone', async () => {
  expect(await readDetails(timeline, 'nothing:0', 1)).toBeNull();
});
