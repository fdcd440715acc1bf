import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Stretch, segments } from './segments.ts';

describe('segments', () => {
  it('cut where layers begin and end', () => {
    const layers = [[{ start: 1, end: 4 }], [{ start: 3, end: 6 }]];
    expect(segments(8, layers)).toEqual([
      { start: 0, end: 1, on: [-1, -1] },
      { start: 1, end: 3, on: [0, -1] },
      { start: 3, end: 4, on: [0, 0] },
      { start: 4, end: 6, on: [-1, 0] },
      { start: 6, end: 8, on: [-1, -1] },
    ]);
    expect(segments(0, layers)).toEqual([]);
    expect(segments(2, [[{ start: 1, end: 9 }]])).toEqual([
      { start: 0, end: 1, on: [-1] },
      { start: 1, end: 2, on: [0] },
    ]);
  });

  it('cover the whole text once, and each character has its stretches', () => {
    const layer = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { maxLength: 6 }).map((parts) => {
      let at = 0;
      return parts.map(([gap, size]): Stretch => {
        const start = at + gap;
        at = start + size;
        return { start, end: at };
      });
    });
    fc.assert(
      fc.property(fc.nat(40), fc.array(layer, { maxLength: 3 }), (length, layers) => {
        let at = 0;
        for (const { start, end, on } of segments(length, layers)) {
          expect(start).toBe(at);
          at = end;
          for (let column = start; column < end; column++) {
            expect(on).toEqual(layers.map((stretches) => stretches.findIndex((s) => s.start <= column && column < s.end)));
          }
        }
        expect(at).toBe(length);
      }),
    );
  });
});
