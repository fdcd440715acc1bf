import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BLOCK_BYTES, compressBlock } from '../generation/memberGzip.ts';
import { MAX_SPAN as SPAN, spanFor } from './buildCheckpoints.ts';
import { DamagedGzip, inflated } from './gunzip.ts';
import { GzipSource } from './gzipSource.ts';
import { Moved } from './moved.ts';
import { closeIdle } from './openFiles.ts';

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

/** Numbers from 0 to 1, the same ones every time. */
function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function inflatedBy(run: () => Promise<unknown>): Promise<number> {
  const before = inflated.bytes;
  await run();
  return inflated.bytes - before;
}

describe('at random, a file', () => {
  // 44 MB do not fit into the caches.
  const large = Buffer.concat(Array.from({ length: 24 }, (_, i) => Buffer.concat([Buffer.from(`copy ${i}\n`), text])));
  const DEFLATE_BLOCK = 1 << 20;
  let foreign = Buffer.alloc(0);
  let mixed = Buffer.alloc(0);
  let ours = Buffer.alloc(0);
  beforeAll(() => {
    foreign = gzipSync(large, { level: 1 });
    const cut = Math.floor(large.length / 3);
    mixed = Buffer.concat([gzipSync(large.subarray(0, cut), { level: 1 }), gzipSync(large.subarray(cut), { level: 1 })]);
    const members: Buffer[] = [];
    for (let at = 0; at < large.length; at += BLOCK_BYTES) members.push(compressBlock(large.subarray(at, at + BLOCK_BYTES)));
    ours = Buffer.concat(members);
  }, 60_000);
  /** Fills the caches with other files: that of stretches with ours, that of blocks with one that has no checkpoints. */
  const forget = async (): Promise<void> => {
    for (const other of [source(ours), source(foreign)]) {
      for (let at = 0; at < large.length; at += BLOCK_BYTES) await other.read(at, BLOCK_BYTES);
    }
  };

  test('gives the bytes that are there, before, while and after checkpoints are built', async () => {
    for (const gz of [mixed, ours]) {
      const file = source(gz);
      const random = randomNumbers();
      for (let i = 0; i < 25; i++) {
        const offset = Math.floor(random() * large.length);
        const length = Math.floor(random() * 100_000);
        const bytes = await file.read(offset, length);
        expect(bytes.equals(large.subarray(offset, offset + length))).toBe(true);
        if (i === 8) await GzipSource.settled();
      }
    }
  }, 60_000);

  test('needs no more than a span and a block for a jump backwards, once there are checkpoints', async () => {
    const file = source(mixed);
    await file.read(large.length - 10, 10);
    await GzipSource.settled();
    for (let at = large.length - 1; at > 0; at -= 23 * BLOCK_BYTES) {
      const work = await inflatedBy(async () => {
        expect((await file.read(at, 100)).equals(large.subarray(at, at + 100))).toBe(true);
      });
      expect(work).toBeLessThanOrEqual(SPAN + BLOCK_BYTES + DEFLATE_BLOCK);
    }
  }, 60_000);

  test('of our own needs one block, from the first read on', async () => {
    const file = source(ours);
    for (let at = large.length - 1; at > 0; at -= 13 * BLOCK_BYTES) {
      const work = await inflatedBy(() => file.read(at, 1));
      expect(work).toBeLessThanOrEqual(BLOCK_BYTES);
    }
  });

  test('begins in the middle for those who want the rest only', async () => {
    const file = source(foreign);
    const from = large.length - 1_000_000;
    await file.read(from, 1);
    await GzipSource.settled();
    for (const each of [file, source(ours)]) {
      const work = await inflatedBy(async () => {
        expect((await all(each, from)).bytes.equals(large.subarray(from))).toBe(true);
      });
      expect(work).toBeLessThanOrEqual(1_000_000 + SPAN + BLOCK_BYTES + DEFLATE_BLOCK);
    }
  });

  test('that was read from its beginning to its end once needs no more than a span for any jump', async () => {
    const file = source(mixed);
    for await (const piece of file.pieces(0)) piece.at(0);
    await forget();
    for (let at = large.length - 1; at > 0; at -= 23 * BLOCK_BYTES) {
      const work = await inflatedBy(async () => {
        expect((await file.read(at, 100)).equals(large.subarray(at, at + 100))).toBe(true);
      });
      expect(work).toBeLessThanOrEqual(SPAN + BLOCK_BYTES + DEFLATE_BLOCK);
    }
  }, 60_000);

  test('that is only read again, to be searched, has nothing found out of it', async () => {
    const file = source(foreign);
    let length = 0;
    for await (const piece of file.pieces(0, true)) length += piece.length;
    expect(length).toBe(large.length);
    expect(file.found).toBeUndefined();
    for await (const piece of file.pieces(0)) piece.at(0);
    expect(file.found?.list.length).toBeGreaterThan(5);
  }, 60_000);

  test('keeps its checkpoints when a rotation renames it', async () => {
    const path = join(folder, 'rotated.log.1.gz');
    const next = join(folder, 'rotated.log.2.gz');
    writeFileSync(path, foreign);
    const { ino } = statSync(path);
    const before = new GzipSource(path, ino);
    await before.read(large.length - 10, 10);
    await GzipSource.settled();
    renameSync(path, next);
    writeFileSync(path, gz);
    await forget();
    const after = new GzipSource(next, ino);
    expect(await inflatedBy(() => after.read(30_000_000, 10))).toBeLessThanOrEqual(SPAN + BLOCK_BYTES + DEFLATE_BLOCK);
    closeIdle();
    await expect(before.read(10_000_000, 10)).rejects.toBeInstanceOf(Moved);
  }, 60_000);

  test('is let go of when it is closed, in the middle of reading and of building too', async () => {
    const file = source(foreign);
    const reads = [large.length - 10, 5, 20_000_000].map((offset) => file.read(offset, 10));
    file.close();
    const [last, first, middle] = await Promise.all(reads);
    expect(last?.equals(large.subarray(-10))).toBe(true);
    expect(first?.equals(large.subarray(5, 15))).toBe(true);
    expect(middle?.equals(large.subarray(20_000_000, 20_000_010))).toBe(true);
    await GzipSource.settled();
    expect((await file.read(0, 10)).equals(large.subarray(0, 10))).toBe(true);
  });

  test('with damage gives what is before it, from checkpoints too', async () => {
    for (const gz of [foreign, ours]) {
      const file = source(gz.subarray(0, Math.floor(gz.length * 0.75)));
      const { bytes, error } = await all(file);
      expect(error).toBeInstanceOf(DamagedGzip);
      expect(bytes.length).toBeGreaterThan(large.length / 2);
      for (let round = 0; round < 2; round++) {
        for (const offset of [bytes.length - 10, bytes.length - 10_000_000, 77]) {
          expect((await file.read(offset, 100)).equals(bytes.subarray(offset, offset + 100))).toBe(true);
        }
        expect((await file.read(bytes.length, 100)).length).toBe(0);
        await GzipSource.settled();
        await forget();
      }
    }
  }, 60_000);

  test('that grows is read as it is now', async () => {
    const path = join(folder, 'growing.gz');
    writeFileSync(path, foreign);
    const file = new GzipSource(path, statSync(path).ino);
    await file.read(large.length - 10, 10);
    await GzipSource.settled();
    appendFileSync(path, gz);
    const grown = new GzipSource(path, statSync(path).ino);
    expect((await grown.read(large.length - 5, 10)).equals(Buffer.concat([large.subarray(-5), text.subarray(0, 5)]))).toBe(true);
    expect((await grown.read(10, 10)).equals(large.subarray(10, 20))).toBe(true);
  });

  test('has checkpoints close together where it is small: a jump needs the bytes between two of them', async () => {
    for (const bytes of [gz, Buffer.concat([gz, gz])]) {
      const all = bytes === gz ? text : Buffer.concat([text, text]);
      const file = source(bytes);
      await file.read(all.length - 10, 10);
      await GzipSource.settled();
      await forget();
      const random = randomNumbers();
      let most = 0;
      for (let i = 0; i < 40; i++) {
        const offset = i === 0 ? all.length - 1 : Math.floor(random() * all.length);
        const work = await inflatedBy(async () => {
          expect((await file.read(offset, 10_000)).equals(all.subarray(offset, offset + 10_000))).toBe(true);
        });
        most = Math.max(most, work);
      }
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(2 * (spanFor(bytes.length) + BLOCK_BYTES));
    }
  });

  test('is one of more than can be kept open', async () => {
    const sources = Array.from({ length: 60 }, () => source(gz));
    for (const offset of [1_000_000, 100, 1_500_000]) {
      const read = await Promise.all(sources.map((each) => each.read(offset, 50)));
      for (const bytes of read) expect(bytes.equals(text.subarray(offset, offset + 50))).toBe(true);
    }
  });
});
