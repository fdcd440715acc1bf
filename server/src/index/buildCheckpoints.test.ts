import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { buildCheckpoints } from './buildCheckpoints.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Checkpoints } from './checkpoint.ts';
import { DamagedGzip, gunzip } from './gunzip.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => `2026-11-20 10:00:00.${i % 1000} INFO request ${i} took ${Math.sin(i)}`).join('\n'),
);
/** What deflate cannot compress: it stores it. */
const noise = Buffer.alloc(1 << 19);
for (let i = 0, state = 1; i < noise.length; i++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise[i] = state >>> 24;
}
let files = 0;

function file(bytes: Buffer): string {
  const path = join(folder, `${files++}.gz`);
  writeFileSync(path, bytes);
  return path;
}

function program(command: string, args: string[], input: Buffer): Buffer | undefined {
  const { status, stdout } = spawnSync(command, args, { input, maxBuffer: 1 << 28 });
  return status === 0 ? stdout : undefined;
}

async function build(
  path: string,
  span: number,
  goOn: () => Promise<boolean> = async () => true,
  table = new Checkpoints(),
): Promise<Checkpoints> {
  const handle = await open(path, 'r');
  try {
    await buildCheckpoints(handle, table, goOn, span);
  } finally {
    await handle.close();
  }
  return table;
}

/** All of a table, in order. */
function listOf(table: Checkpoints, end: number): Checkpoint[] {
  const list: Checkpoint[] = [];
  for (let at = end; at >= 0; ) {
    const checkpoint = table.before(at);
    list.unshift(checkpoint);
    at = checkpoint.output - 1;
  }
  return list;
}

async function from(path: string, checkpoint: Checkpoint, length: number): Promise<{ bytes: Buffer; error: unknown }> {
  const pieces: Buffer[] = [];
  let got = 0;
  try {
    for await (const piece of gunzip(path, await open(path, 'r'), checkpoint)) {
      pieces.push(piece);
      got += piece.length;
      if (got >= length) break;
    }
  } catch (error) {
    return { bytes: Buffer.concat(pieces), error };
  }
  return { bytes: Buffer.concat(pieces).subarray(0, length), error: undefined };
}

const python = 'import gzip,sys\nsys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read()))';
const named = 'import gzip,sys\nf=gzip.GzipFile("a name.log","wb",6,sys.stdout.buffer)\nf.write(sys.stdin.buffer.read())\nf.close()';
const kinds: [string, () => Buffer | undefined, Buffer][] = [
  ['gzip -1', () => program('gzip', ['-1'], text), text],
  ['gzip -6', () => program('gzip', ['-6'], text), text],
  ['gzip -9', () => program('gzip', ['-9'], text), text],
  ["Python's gzip", () => program('python3', ['-c', python], text), text],
  ["Python's gzip with a file name", () => program('python3', ['-c', named], text), text],
  ['zlib', () => gzipSync(text), text],
  ['zlib, fixed codes', () => gzipSync(text, { strategy: constants.Z_FIXED }), text],
  ['zlib, stored', () => gzipSync(text, { level: 0 }), text],
  ['noise between text', () => gzipSync(Buffer.concat([text, noise, text])), Buffer.concat([text, noise, text])],
  ['members', () => Buffer.concat([gzipSync(text), gzipSync(noise), gzipSync(text)]), Buffer.concat([text, noise, text])],
];
const seen = new Set<number>();

describe('from every checkpoint the bytes that are there', () => {
  test.each(kinds)('of %s', async (_, make, plain) => {
    const gz = make();
    // A system without this program.
    if (gz === undefined) return;
    const path = file(gz);
    const table = await build(path, 1 << 16);
    expect(table).toMatchObject({ finished: true, length: plain.length });
    const list = listOf(table, plain.length);
    expect(list.length).toBe(table.count);
    expect(list.length).toBeGreaterThan(5);
    for (const checkpoint of list) {
      seen.add(checkpoint.bits);
      const { bytes, error } = await from(path, checkpoint, 50_000);
      expect(error).toBeUndefined();
      expect(bytes.equals(plain.subarray(checkpoint.output, checkpoint.output + 50_000))).toBe(true);
    }
    // To the end, checksums of the member in whose middle it began and of those after it included.
    const middle = table.before(plain.length >> 1);
    const whole = await from(path, middle, plain.length);
    expect(whole.error).toBeUndefined();
    expect(whole.bytes.equals(plain.subarray(middle.output))).toBe(true);
  });
  test('at all 8 places within a byte', () => {
    expect([...seen].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('where members begin', () => {
  test('nothing has to be kept', async () => {
    const member = gzipSync(text.subarray(0, 20_000));
    const table = await build(file(Buffer.concat(Array.from({ length: 200 }, () => member))), 500_000);
    expect(listOf(table, 4_000_000).map(({ output, inMember }) => [output, inMember])).toEqual(
      Array.from({ length: 8 }, (_, i) => [i * 500_000, undefined]),
    );
  });
  test('many small ones are read in one go', async () => {
    const member = gzipSync('a line\n');
    const table = await build(file(Buffer.concat(Array.from({ length: 20_000 }, () => member))), 10_000);
    expect(table.length).toBe(140_000);
    expect(table.count).toBe(14);
  });
});

describe('a damaged file', () => {
  const gz = gzipSync(text);
  test.each([
    ['cut off', gz.subarray(0, gz.length >> 1)],
    ['cut in its trailer', gz.subarray(0, -3)],
    ['with a wrong checksum', Buffer.concat([gz.subarray(0, -8), Buffer.alloc(4), gz.subarray(-4)])],
    ['with a wrong length', Buffer.concat([gz.subarray(0, -1), Buffer.from([77])])],
    ['followed by rubbish', Buffer.concat([gz, Buffer.from('rubbish')])],
    ['followed by half a header', Buffer.concat([gz, gz.subarray(0, 5)])],
    ['overwritten in the middle', Buffer.concat([gz.subarray(0, gz.length >> 1), Buffer.alloc(1000, 255), gz.subarray(gz.length >> 1)])],
  ])('%s: the same bytes from a checkpoint as from the beginning, and the same complaint', async (_, bytes) => {
    const path = file(bytes);
    const table = await build(path, 1 << 17);
    expect(table).toMatchObject({ finished: true, length: undefined });
    const whole = await from(path, table.before(0), Number.POSITIVE_INFINITY);
    expect(whole.error).toBeInstanceOf(DamagedGzip);
    expect(whole.bytes.length).toBeGreaterThan(text.length / 3);
    const last = table.before(whole.bytes.length);
    expect(last.output).toBeGreaterThan(whole.bytes.length / 2);
    const rest = await from(path, last, Number.POSITIVE_INFINITY);
    expect(rest.error).toBeInstanceOf(DamagedGzip);
    expect(rest.error).toMatchObject({ message: whole.error instanceof Error ? whole.error.message : '' });
    expect(rest.bytes.equals(whole.bytes.subarray(last.output))).toBe(true);
  });
  test.each([
    ['no gzip at all', Buffer.from('plain text')],
    ['empty', Buffer.alloc(0)],
  ])('%s', async (_, bytes) => {
    expect(await build(file(bytes), 1 << 17)).toMatchObject({ finished: true, length: undefined, count: 1 });
  });
  test('followed by zeros is not damaged', async () => {
    const path = file(Buffer.concat([gz, Buffer.alloc(512)]));
    const table = await build(path, 1 << 17);
    expect(table.length).toBe(text.length);
    const last = table.before(text.length);
    expect((await from(path, last, Number.POSITIVE_INFINITY)).error).toBeUndefined();
  });
});

test('ends when it is told to, with what it has, and can be finished later', async () => {
  let steps = 0;
  const path = file(gzipSync(text));
  const table = await build(path, 1 << 17, async () => ++steps < 10);
  expect(steps).toBe(10);
  expect(table.finished).toBe(false);
  expect(table.count).toBeGreaterThan(1);
  await build(path, 1 << 17, undefined, table);
  expect(table).toEqual(await build(path, 1 << 17));
});

test('keeps little memory: a window of 32 KiB is deflated', async () => {
  const table = await build(file(gzipSync(text)), 1 << 17);
  expect(table.bytes / table.count).toBeLessThan(20_000);
});
