/** Windows that are killed while they keep their indexes, and several that keep them at once: whoever opens the tree next sees what is there. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { indexed } from '../../server/src/index/generation.ts';
import { IndexCache } from '../../server/src/index/indexCache.ts';
import { NO_LAYOUTS } from '../../server/src/record/layoutRules.ts';
import { levelName } from '../../server/src/record/level.ts';
import { formatSafelog } from '../../server/src/record/timestamp.ts';
import { readRows } from '../../server/src/timeline/page.ts';
import { reference } from '../../server/src/timeline/testing/reference.ts';
import { Timeline } from '../../server/src/timeline/timeline.ts';
import { buildProgram } from './buildProgram.ts';

let tools: string;
let program: string;
let base: string;
let root: string;
let folder: string;
let written = 0;
beforeAll(async () => {
  ({ folder: tools, path: program } = await buildProgram('indexProgram.ts'));
  base = mkdtempSync(join(tmpdir(), 'safelog-index-killed-'));
});
afterAll(() => {
  for (const made of [tools, base]) rmSync(made, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(base, 'cache-'));
  root = mkdtempSync(join(base, 'root-'));
  for (const user of ['alice', 'bob']) mkdirSync(join(root, user));
});

/** Two logs with an index of their own each, one that is small, and a master.log. */
function write(count: number): void {
  for (let i = 0; i < count; i++) {
    const time = Date.UTC(2026, 10, 20) * 1000 + written * 1000;
    const [user, module] = [written % 3 === 0 ? 'bob' : 'alice', written % 50 === 0 ? 'small' : 'web'];
    const entry = `INFO entry ${written++}\n`;
    appendFileSync(join(root, user, `${module}.log`), `${formatSafelog(time)} ${entry}`);
    if (user === 'alice') appendFileSync(join(root, user, 'master.log'), `${formatSafelog(time + 40)} ${module}.log ${entry}`);
  }
}

function run(call = 0): { whole: Promise<boolean>; kill: () => void; begun: Promise<unknown> } {
  const child = spawn(process.execPath, [program, root, folder, String(call)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  const whole = new Promise<boolean>((resolve, reject) => {
    child.once('error', reject).once('close', () => resolve(output === 'whole'));
  });
  return { whole, kill: () => void child.kill('SIGKILL'), begun: new Promise((resolve) => child.once('spawn', resolve)) };
}

/** Whoever opens the tree now has the right rows, in the right order. @returns bytes that it had to index */
async function opened(): Promise<number> {
  const before = indexed.bytes;
  const cache = new IndexCache(folder, { smallest: 1000 });
  // It keeps nothing: what others have left stays as it is.
  cache.create = () => Promise.reject(new Error('not now'));
  const timeline = new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { cache });
  await timeline.load();
  const rows = await readRows(timeline, timeline.rows.all());
  const seen = rows.map(({ user, module, level, text, file, line, time }) => ({
    ...{ time, user, module, level: level === null ? null : levelName(level) },
    ...{ message: text, file, line },
  }));
  expect(seen).toEqual(reference(root));
  await timeline.close();
  cache.close();
  return indexed.bytes - before;
}

const temporary = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

/** As when an hour and more has gone by. */
async function cleanUp(): Promise<void> {
  const then = Date.now() / 1000 - 7200;
  for (const name of temporary()) utimesSync(join(folder, name), then, then);
  await new IndexCache(folder).prune();
  expect(temporary()).toEqual([]);
}

test('killed in front of each write and each rename, then of each that replaces an older index', async () => {
  for (const round of [1, 2]) {
    write(400 * round);
    let leftovers = 0;
    let call = 1;
    // Each finds what the ones before it have kept, and comes further.
    for (let isWhole = false; !isWhole; call++) {
      isWhole = await run(call).whole;
      leftovers += temporary().length;
      await opened();
      await cleanUp();
      expect(call).toBeLessThan(100);
    }
    expect([round, call > 3, leftovers >= call - 2]).toEqual([round, true, true]);
    expect(await opened()).toBe(0);
  }
});

test('killed at any moment, while logs grow and are rotated', async () => {
  write(300);
  for (let round = 0; round < 8; round++) {
    write(100);
    if (round === 4) renameSync(join(root, 'alice', 'web.log'), join(root, 'alice', 'web.log.1'));
    const { whole, kill, begun } = run();
    await begun;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.random() * 400);
    });
    kill();
    await whole;
    await opened();
  }
  // So much that it is kept anew, whatever was kept last.
  write(500);
  expect(await run().whole).toBe(true);
  expect(await opened()).toBe(0);
  await cleanUp();
});

test('several at once', async () => {
  for (let round = 0; round < 4; round++) {
    write(300);
    const all = Array.from({ length: 3 }, () => run());
    expect(await Promise.all(all.map(({ whole }) => whole))).toEqual([true, true, true]);
    expect(temporary()).toEqual([]);
    expect(await opened()).toBe(0);
  }
});
