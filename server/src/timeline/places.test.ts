import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { placesOf } from './places.ts';

/** All places, each asked for behind the last one. */
function all(span: Uint8Array, text: Uint8Array, ignoreCase: boolean): number[] {
  const next = placesOf(text, ignoreCase)!(span);
  const places: number[] = [];
  for (let place = next(0); place !== -1; place = next(place + 1)) places.push(place);
  return places;
}

function slowly(span: Uint8Array, text: Uint8Array, ignoreCase: boolean): number[] {
  const [where = '', what = ''] = [span, text].map((bytes) => {
    const letters = Buffer.from(bytes).toString('latin1');
    return ignoreCase ? letters.replace(/[A-Z]+/g, (part) => part.toLowerCase()) : letters;
  });
  const places: number[] = [];
  for (let place = where.indexOf(what); place !== -1; place = where.indexOf(what, place + 1)) places.push(place);
  return places;
}

const few = fc.constantFrom(...Buffer.from('abAB@`[{ \n\x00\xc3\xe3', 'latin1'));
const bytes = (size: number) => fc.array(few, { maxLength: size, size: 'max' }).map((list) => Uint8Array.from(list));

test('they are those that a slow search finds', () => {
  fc.assert(
    fc.property(bytes(300), fc.array(few, { minLength: 1, maxLength: 20 }), fc.boolean(), fc.nat(), (noise, text, ignoreCase, seed) => {
      const wanted = Uint8Array.from(text);
      // In it for sure, perhaps with a part of it before.
      const at = seed % (noise.length + 1);
      const span = Buffer.concat([noise.subarray(0, at), wanted.subarray(0, seed % wanted.length), wanted, noise.subarray(at)]);
      expect(all(span, wanted, ignoreCase)).toEqual(slowly(span, wanted, ignoreCase));
    }),
    { numRuns: 3000 },
  );
});

test('where the text lies across the ends of what is looked at together, and where there are more places than are told at once', () => {
  const INPUT = 1 << 18;
  for (const length of [1, 2, 7, 16, 17, 1024]) {
    const text = Buffer.alloc(length, 'x').fill('y', length - 1);
    const span = Buffer.alloc(3 * INPUT + 5, '.');
    for (let shift = -length; shift <= 1; shift++) {
      span.fill('.');
      const places = [0, INPUT + shift, 2 * INPUT + shift, span.length - length];
      for (const place of places) text.copy(span, place);
      expect(all(span, text, false)).toEqual(places);
    }
  }
  expect(all(Buffer.alloc(600_000, 'aA'), Buffer.from('aa'), true)).toHaveLength(599_999);
});

test('what is asked for further on is not looked for before', () => {
  const span = Buffer.from('web web web'.repeat(100_000));
  const next = placesOf(Buffer.from('web'), false)!(span);
  for (const from of [0, 1, 700_000, 700_001, span.length - 2]) expect(next(from)).toBe(span.indexOf('web', from));
});

test('is none for long texts, and where WebAssembly cannot be had', async () => {
  expect(placesOf(Buffer.alloc(1025, 'x'), false)).toBeUndefined();
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const { needleOf } = await import('./needle.ts');
  vi.unstubAllGlobals();
  for (const ignoreCase of [false, true]) {
    const from = needleOf('Web', ignoreCase)?.in(Buffer.from('web WEB Web'));
    expect([from?.(0), from?.(1), from?.(5), from?.(9)]).toEqual(ignoreCase ? [0, 4, 8, -1] : [8, 8, 8, -1]);
  }
});
