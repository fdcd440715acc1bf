import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atEnd, centre, compare, endPlace, type Geometry, moveBy, placeAtThumb, reveal, settle, thumb, visible } from './viewport.ts';

const plain = (total: number, height = 200): Geometry => ({ total, height, rowHeight: 20, heightOf: () => 20 });
const uneven: Geometry = { total: 1000, height: 200, rowHeight: 20, heightOf: (rank) => (rank === 500 ? 900 : rank % 7 === 3 ? 130 : 20) };
const start = { rank: 0, offset: 0 };

describe('a viewport in row space', () => {
  it('ends where the last row does', () => {
    expect(endPlace(plain(10_000_000))).toEqual({ rank: 9_999_990, offset: 0 });
    expect(endPlace(plain(3))).toEqual(start);
    expect(endPlace({ ...plain(100), height: 190 })).toEqual({ rank: 90, offset: 10 });
  });

  it('moves over rows of different heights and back to the same pixel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 900 }), fc.integer({ min: 0, max: 3000 }), (rank, pixels) => {
        const from = settle({ rank, offset: 5 }, uneven);
        const down = moveBy(from, pixels, uneven);
        if (atEnd(down, uneven)) return;
        expect(moveBy(down, -pixels, uneven)).toEqual(from);
      }),
    );
  });

  it('stops at both ends', () => {
    expect(moveBy({ rank: 2, offset: 0 }, -1000, uneven)).toEqual(start);
    expect(moveBy({ rank: 990, offset: 0 }, 100_000, uneven)).toEqual(endPlace(uneven));
    expect(moveBy(start, 50, plain(0))).toEqual(start);
    expect(settle({ rank: 5_000, offset: 0 }, plain(100))).toEqual(endPlace(plain(100)));
  });

  it('shows the rows that are partly visible', () => {
    expect(visible({ rank: 10, offset: 5 }, plain(100))).toEqual({ from: 10, to: 21 });
    expect(visible(start, plain(3))).toEqual({ from: 0, to: 3 });
    expect(visible({ rank: 500, offset: 100 }, uneven)).toEqual({ from: 500, to: 501 });
  });

  it('reveals with the least movement, and the head of a row that is too tall', () => {
    expect(reveal({ rank: 10, offset: 0 }, 12, plain(100))).toEqual({ rank: 10, offset: 0 });
    expect(reveal({ rank: 10, offset: 0 }, 20, plain(100))).toEqual({ rank: 11, offset: 0 });
    expect(reveal({ rank: 10, offset: 7 }, 10, plain(100))).toEqual({ rank: 10, offset: 0 });
    expect(reveal({ rank: 490, offset: 0 }, 500, uneven)).toEqual({ rank: 500, offset: 0 });
  });

  it('centres what is not visible and leaves alone what is', () => {
    expect(centre({ rank: 10, offset: 0 }, 15, plain(100))).toEqual({ rank: 10, offset: 0 });
    expect(centre({ rank: 10, offset: 0 }, 60, plain(100))).toEqual({ rank: 55, offset: 10 });
  });

  it('has a thumb that reaches both ends and finds its way back', () => {
    const g = plain(10_000_000);
    expect(thumb(start, g, 400)).toEqual({ top: 0, size: 20 });
    expect(thumb(endPlace(g), g, 400).top).toBe(380);
    expect(thumb(start, plain(3), 400)).toEqual({ top: 0, size: 400 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 380, noNaN: true }), (top) => {
        const place = placeAtThumb(top, g, 400);
        expect(thumb(place, g, 400).top).toBeCloseTo(top, 3);
      }),
    );
    expect(compare(placeAtThumb(380, uneven, 400), endPlace(uneven))).toBe(0);
  });
});
