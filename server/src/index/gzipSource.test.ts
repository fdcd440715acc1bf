import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { DamagedGzip, GzipSource } from './gzipSource.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-gz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i} ${Math.sin(i)}`).join('\n'));
const gz = gzipSync(text);
let files = 0;

function source(bytes: Buffer): GzipSource {
  const path = join(folder, `${files++}.gz`);
  writeFileSync(path, bytes);
  return new GzipSource(path);
}

async function all(from: GzipSource, offset = 0): Promise<{ bytes: Buffer; error: unknown }> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of from.pieces(offset)) pieces.push(Buffer.from(piece));
    return { bytes: Buffer.concat(pieces), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(pieces), error };
  }
}

describe('a whole file', () => {
  test('gives its bytes, from any offset', async () => {
    expect((await all(source(gz))).bytes.equals(text)).toBe(true);
    expect((await all(source(gz), 700_001)).bytes.equals(text.subarray(700_001))).toBe(true);
  });
  test('of several members gives them all', async () => {
    const { bytes, error } = await all(source(Buffer.concat([gz, gz, gzipSync('end')])));
    expect(error).toBeUndefined();
    expect(bytes.equals(Buffer.concat([text, text, Buffer.from('end')]))).toBe(true);
  });
  test('is read at random, backwards too', async () => {
    const file = source(Buffer.concat([gz, gz]));
    const whole = Buffer.concat([text, text]);
    for (const offset of [0, 3_000_000, 100, whole.length - 50, 262_100, 1_500_000]) {
      expect((await file.read(offset, 200)).equals(whole.subarray(offset, offset + 200))).toBe(true);
    }
    expect((await file.read(whole.length + 5, 10)).length).toBe(0);
  });
});

describe('a damaged file gives every byte before the damage, and says so', () => {
  test('cut in the middle', async () => {
    const { bytes, error } = await all(source(gz.subarray(0, gz.length >> 1)));
    expect(error).toBeInstanceOf(DamagedGzip);
    expect(bytes.length).toBeGreaterThan(text.length / 3);
    expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true);
  });
  test('cut in its trailer', async () => {
    const { bytes, error } = await all(source(gz.subarray(0, -4)));
    expect(error).toBeInstanceOf(DamagedGzip);
    expect(bytes.equals(text)).toBe(true);
  });
  test('followed by rubbish', async () => {
    const { bytes, error } = await all(source(Buffer.concat([gz, Buffer.from('this is no gzip member')])));
    expect(error).toBeInstanceOf(DamagedGzip);
    expect(bytes.equals(text)).toBe(true);
  });
  test('followed by padding of zeros is not damaged', async () => {
    const { bytes, error } = await all(source(Buffer.concat([gz, Buffer.alloc(512)])));
    expect(error).toBeUndefined();
    expect(bytes.equals(text)).toBe(true);
  });
  test('no gzip at all', async () => {
    const { bytes, error } = await all(source(Buffer.from('plain text')));
    expect(error).toBeInstanceOf(DamagedGzip);
    expect(bytes.length).toBe(0);
  });
  test('is still read at random', async () => {
    const file = source(gz.subarray(0, gz.length >> 1));
    expect((await file.read(1000, 100)).equals(text.subarray(1000, 1100))).toBe(true);
    expect((await file.read(text.length - 10, 10)).length).toBe(0);
  });
});
