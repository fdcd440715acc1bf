import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HashState } from './bodyHash.ts';
import { hashBytes, hashLineEnds, hashSoFar, newHash } from './bodyHash.ts';

function add(state: HashState, bytes: Buffer): void {
  hashBytes(state, bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}

test('is the same whatever pieces a line comes in', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), (pieces, second) => {
      const whole = newHash();
      add(whole, Buffer.concat(pieces));
      const inPieces = newHash();
      for (const piece of pieces) add(inPieces, Buffer.from(piece));
      expect(hashSoFar(inPieces)).toBe(hashSoFar(whole));
      for (const state of [whole, inPieces]) {
        hashLineEnds(state, 2);
        add(state, Buffer.from(second));
      }
      expect(hashSoFar(inPieces)).toBe(hashSoFar(whole));
    }),
  );
});

test('is another for texts that differ in one byte, in their line ends, or in zeros at the end', () => {
  const of = (...lines: string[]): number => {
    const state = newHash();
    for (const [index, line] of lines.entries()) {
      if (index > 0) hashLineEnds(state, 1);
      add(state, Buffer.from(line));
    }
    return hashSoFar(state);
  };
  const texts = [['request 1'], ['request 2'], ['request', '1'], ['request 1\0'], ['request 1\0\0'], ['', 'request 1'], ['1 request']];
  const numbers = Array.from({ length: 2000 }, (_, index) => [`request ${index * 7} took`]);
  const hashes = [...texts, ...numbers].map((lines) => of(...lines));
  expect(new Set(hashes).size).toBe(hashes.length);
});
