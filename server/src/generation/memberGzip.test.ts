import { execFileSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, compressBlock, compressBlockAsync, readMember } from './memberGzip.ts';

const blocks = [Buffer.alloc(BLOCK_BYTES, 'abc\n'), Buffer.from('second\0\xff'), Buffer.alloc(0), Buffer.alloc(1000, 7)];

test('any gunzip reads the members as one file', async () => {
  const whole = Buffer.concat([...blocks.map(compressBlock), ...(await Promise.all(blocks.map(compressBlockAsync)))]);
  const expected = Buffer.concat([...blocks, ...blocks]);
  expect(gunzipSync(whole).equals(expected)).toBe(true);
  expect(execFileSync('gzip', ['-dc'], { input: whole, maxBuffer: 2 ** 24 }).equals(expected)).toBe(true);
  expect(
    execFileSync('python3', ['-c', 'import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))'], {
      input: whole,
      maxBuffer: 2 ** 24,
    }).equals(expected),
  ).toBe(true);
});

test('a block is found and read without those before it', () => {
  const whole = Buffer.concat(blocks.map(compressBlock));
  let at = 0;
  for (const block of blocks) {
    const member = readMember(whole, at);
    expect(member?.blockBytes).toBe(block.length);
    expect(gunzipSync(whole.subarray(at, at + member!.memberBytes)).equals(block)).toBe(true);
    at += member!.memberBytes;
  }
  expect(at).toBe(whole.length);
  expect(readMember(whole, at)).toBe(undefined);
});

test('other gzip files, beginnings and rubbish are not ours', () => {
  expect(readMember(gzipSync('text'))).toBe(undefined);
  expect(readMember(compressBlock(Buffer.from('x')).subarray(0, 23))).toBe(undefined);
  expect(readMember(Buffer.alloc(0))).toBe(undefined);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(readMember(bytes)).toBe(undefined);
    }),
  );
});
