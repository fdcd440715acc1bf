import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { OpenTailParams, TailAppended, TailPart } from '../protocol.ts';
import { Tails } from './tails.ts';
import { Timelines } from './timelines.ts';

let root: string;
let log: string;
let timelines: Timelines;
let tails: Tails;
let came: TailAppended[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-tails-'));
  mkdirSync(join(root, 'alice'));
  log = join(root, 'alice/web.log');
  came = [];
  timelines = new Timelines(
    () => undefined,
    (error) => {
      throw error;
    },
    () => ({}),
  );
  tails = new Tails(
    timelines,
    () => undefined,
    (part) => came.push(part),
  );
});
afterEach(async () => {
  await tails.closeAll();
  await timelines.close();
  rmSync(root, { recursive: true });
});

const stamp = (second: number): string => `2026-11-20 10:00:${String(second).padStart(2, '0')}.000001+00:00`;
const line = (second: number, text: string, level = 'INFO'): string => `${stamp(second)} ${level} ${text}\n`;
const open = (params: Partial<OpenTailParams>) =>
  tails.open({ source: { kind: 'file', path: log }, filter: {}, bytes: 1 << 20, ...params });
const text = (): string => came.map((part) => part.text).join('');
const shows = (expected: string) => vi.waitFor(() => expect(text()).toBe(expected), { timeout: 30_000, interval: 10 });

/** Everything before a part, as it is loaded step by step. */
async function allBefore(tail: number, first: TailPart, bytes: number): Promise<string[]> {
  const texts: string[] = [];
  for (let part: TailPart | null = first; ; ) {
    part = await tails.older({ tail, at: part.at, bytes });
    if (part === null) return texts;
    texts.unshift(part.text);
  }
}

test('older text of a file: out of the same generation, then out of those before it, plain and gz, also after a rotation', async () => {
  const lines = (from: number): string => Array.from({ length: 10 }, (_, i) => line(from + i, `entry ${from + i}`)).join('');
  writeFileSync(`${log}.2.gz`, gzipSync(lines(0)));
  writeFileSync(`${log}.1`, lines(10));
  writeFileSync(log, lines(20));
  const { tail, ...first } = await open({ bytes: 100 });
  expect(first.text).toBe(line(28, 'entry 28') + line(29, 'entry 29'));
  expect((await allBefore(tail, first, 100)).join('') + first.text).toBe(lines(0) + lines(10) + lines(20));

  renameSync(`${log}.2.gz`, `${log}.3.gz`);
  writeFileSync(`${log}.2.gz`, gzipSync(readFileSync(`${log}.1`)));
  renameSync(log, `${log}.1`);
  writeFileSync(log, line(30, 'entry 30'));
  await shows(line(30, 'entry 30'));
  const [next] = came;
  expect(next).toBeDefined();
  if (next === undefined) return;
  expect((await allBefore(tail, next, 1000)).join('')).toBe(lines(0) + lines(10) + lines(20));
  expect((await allBefore(tail, first, 1000)).join('') + first.text).toBe(lines(0) + lines(10) + lines(20));
  // What is deleted is not there to be loaded.
  rmSync(`${log}.3.gz`);
  expect((await allBefore(tail, first, 1000)).join('') + first.text).toBe(lines(10) + lines(20));
});

test('a burst comes in parts that begin at lines, and can be gone through backwards', async () => {
  writeFileSync(log, line(0, 'first'));
  const { tail } = await open({});
  const burst = line(1, 'x'.repeat(200)).repeat(30_000);
  appendFileSync(log, burst);
  await shows(burst);
  expect(came.length).toBeGreaterThan(2);
  for (const part of came) expect(part.text).toMatch(/^2026-.*\n$/s);
  const last = came.at(-1);
  expect((await allBefore(tail, last ?? ({} as TailPart), 2 << 20)).join('') + last?.text).toBe(line(0, 'first') + burst);
});

test('errors are told with the line on which the last one begins: by level, and tracebacks at any level', async () => {
  writeFileSync(log, line(0, 'fine') + line(1, 'ERROR is only a word here') + line(2, 'bad', 'ERROR'));
  expect(await open({})).toMatchObject({ errors: 1, lastError: 2 });
  const traceback = `${stamp(3)} DEBUG Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: bad\n`;
  appendFileSync(log, line(3, 'fine') + traceback + line(4, 'fine'));
  await vi.waitFor(() => expect(came.reduce((sum, { errors }) => sum + errors, 0)).toBe(1), { timeout: 30_000 });
  expect(came.find(({ errors }) => errors > 0)?.lastError).toBe(1);
});

test('errors in lines that the service of the tree has written with a format of its own', async () => {
  mkdirSync(join(root, '.safelog'));
  writeFileSync(join(root, '.safelog/formats.json'), JSON.stringify({ formats: ['<%(levelname)s> at %(asctime)s: %(message)s'] }));
  writeFileSync(log, `<INFO> at 2026-11-20 10:00:01,000: fine\n<ERROR> at 2026-11-20 10:00:02,000: bad\n${line(3, 'fine')}`);
  expect(await open({})).toMatchObject({ errors: 1, lastError: 1 });
});

test('the merged log of a user: all modules in order, each entry once, with its module; older ones out of rotated generations', async () => {
  const master = (second: number, module: string, words: string): string => `${stamp(second)} ${module}.log INFO ${words}\n`;
  writeFileSync(`${log}.1.gz`, gzipSync(line(0, 'old')));
  writeFileSync(log, line(1, 'one') + line(3, 'three'));
  writeFileSync(join(root, 'alice/db.log'), line(2, 'two'));
  writeFileSync(join(root, 'alice/master.log'), master(1, 'web', 'one') + master(2, 'db', 'two') + master(3, 'web', 'three'));
  const source = { kind: 'tree', root } as const;
  const { tail, ...first } = await open({ source, filter: { users: ['alice'] }, bytes: 60 });
  expect(first.text).toBe(master(2, 'db', 'two') + master(3, 'web', 'three'));
  expect(await allBefore(tail, first, 60)).toEqual([master(0, 'web', 'old') + master(1, 'web', 'one')]);

  appendFileSync(join(root, 'alice/db.log'), `${stamp(4)} ERROR four\n  and more\n`);
  await shows(`${stamp(4)} db.log ERROR four\n  and more\n`);
  expect(came[0]).toMatchObject({ errors: 1, lastError: 0 });
  renameSync(log, `${log}.1`);
  writeFileSync(log, line(5, 'five'));
  await shows(`${stamp(4)} db.log ERROR four\n  and more\n${master(5, 'web', 'five')}`);
  // Before what was trimmed away, or cleared.
  expect((await tails.older({ tail, at: null, bytes: 1 }))?.text).toBe(master(5, 'web', 'five'));
});

test('a filter in the query language; one that is wrong is refused', async () => {
  writeFileSync(log, line(0, 'fine') + line(1, 'bad', 'ERROR'));
  const { text: first } = await open({ filter: { query: 'level>=warning' } });
  expect(first).toBe(line(1, 'bad', 'ERROR'));
  appendFileSync(log, line(2, 'fine') + line(3, 'worse', 'CRITICAL'));
  await shows(line(3, 'worse', 'CRITICAL'));
  await expect(open({ filter: { query: 'level>=' } })).rejects.toThrow(/./);
});

test('text in another encoding', async () => {
  writeFileSync(log, Buffer.from('2026-11-20 10:00:00+00:00 INFO 71 \xb0C\n', 'latin1'));
  expect((await open({ encoding: 'windows-1252' })).text).toContain('71 °C');
  expect((await open({ encoding: 'windows-1252', filter: { query: 'level:info' } })).text).toContain('71 °C');
  await expect(open({ encoding: 'no-such-thing' })).rejects.toThrow(RangeError);
});
