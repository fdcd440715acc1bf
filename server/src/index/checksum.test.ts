import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineCrc } from './checksum.ts';

test('the checksum of two parts is that of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (first, second) => {
      expect(combineCrc(crc32(first), crc32(second), second.length)).toBe(crc32(Buffer.concat([first, second])));
    }),
  );
});

test('of parts that are longer than 4 GiB, too', () => {
  const zeros = Buffer.alloc(1 << 20);
  let whole = crc32('begun');
  // Twice the rest of a file: 2 ** 32 + 2 ** 20 zeros, by parts that are put together.
  let rest = crc32(zeros);
  let length = zeros.length;
  for (; length < 2 ** 32; length *= 2) rest = combineCrc(rest, rest, length);
  rest = combineCrc(rest, crc32(zeros), zeros.length);
  whole = combineCrc(whole, rest, length + zeros.length);
  // x^(2^32 - 1) is 1: so many bits change nothing, and 8 × 2^32 of them are as one byte.
  expect(whole).toBe(crc32(Buffer.concat([Buffer.from('begun'), zeros, Buffer.alloc(1)])));
});
