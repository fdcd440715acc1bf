/**
 * Scrolling in row space. A browser caps the height of an element at about 33 million pixels, which ten million rows exceed:
 * so there is no tall element. The place is a row and how far one has scrolled into it; all else follows from the heights of the rows near it.
 */

/** The row at the top of the viewport, and how many of its pixels are hidden above it. */
export interface Place {
  rank: number;
  offset: number;
}

export interface Geometry {
  /** Rows in all. */
  total: number;
  /** Pixels of the viewport. */
  height: number;
  /** Pixels of an ordinary row. */
  rowHeight: number;
  /** Pixels of the row at a rank; never 0. */
  heightOf(rank: number): number;
}

/** Beyond this many viewports a move is counted in ordinary rows: nobody sees the heights of rows that fly past. */
const FAR = 20;

/** Negative when `a` is above `b`. */
export function compare(a: Place, b: Place): number {
  return a.rank - b.rank || a.offset - b.offset;
}

/** The lowest place: the last row ends where the viewport does. The start when all rows fit. */
export function endPlace(g: Geometry): Place {
  return bottomAt(g.total - 1, g);
}

/** The place at which the bottom of `rank` meets the bottom of the viewport. */
function bottomAt(rank: number, g: Geometry): Place {
  let sum = 0;
  for (let at = rank; at >= 0; at--) {
    sum += g.heightOf(at);
    if (sum >= g.height) return { rank: at, offset: sum - g.height };
  }
  return { rank: 0, offset: 0 };
}

/** The nearest place that can be shown. */
export function settle(place: Place, g: Geometry): Place {
  if (g.total === 0 || place.rank < 0) return { rank: 0, offset: 0 };
  const inside = place.offset < 0 ? { rank: place.rank, offset: 0 } : place;
  const end = endPlace(g);
  return compare(inside, end) > 0 ? end : inside;
}

/** Whether nothing is below the viewport (half a pixel is nothing). */
export function atEnd(place: Place, g: Geometry): boolean {
  const end = endPlace(g);
  return place.rank > end.rank || (place.rank === end.rank && place.offset >= end.offset - 0.5);
}

/** Moves by `pixels`, downwards when positive. */
export function moveBy(place: Place, pixels: number, g: Geometry): Place {
  if (g.total === 0) return { rank: 0, offset: 0 };
  if (Math.abs(pixels) > FAR * g.height) return settle({ rank: place.rank + Math.trunc(pixels / g.rowHeight), offset: place.offset }, g);
  let { rank, offset } = place;
  offset += pixels;
  while (offset < 0 && rank > 0) offset += g.heightOf(--rank);
  for (let height = g.heightOf(rank); offset >= height && rank < g.total - 1; height = g.heightOf(rank)) {
    offset -= height;
    rank++;
  }
  return settle({ rank, offset }, g);
}

/** The ranks that are at least partly visible, `to` exclusive. */
export function visible(place: Place, g: Geometry): { from: number; to: number } {
  let to = place.rank;
  for (let bottom = -place.offset; to < g.total && bottom < g.height; to++) bottom += g.heightOf(to);
  return { from: place.rank, to };
}

/** Moves as little as shows the whole row; one taller than the viewport is shown from its top. */
export function reveal(place: Place, rank: number, g: Geometry): Place {
  if (rank <= place.rank || g.heightOf(rank) >= g.height) return settle({ rank, offset: 0 }, g);
  const lowest = bottomAt(rank, g);
  return compare(lowest, place) > 0 ? lowest : place;
}

/** Puts the row in the middle, unless all of it is visible. */
export function centre(place: Place, rank: number, g: Geometry): Place {
  const shown = visible(place, g);
  const below = reveal(place, rank, g);
  if (rank >= shown.from && rank < shown.to && compare(below, place) === 0) return place;
  const above = Math.max(0, (g.height - g.heightOf(rank)) / 2);
  return moveBy({ rank, offset: 0 }, -above, g);
}

/** The thumb within a track, both in pixels. It is proportional in rows. */
export function thumb(place: Place, g: Geometry, track: number, least = 20): { top: number; size: number } {
  const end = endPlace(g);
  const last = position(end, g);
  if (last <= 0 || track <= least) return { top: 0, size: track };
  const size = Math.max(least, (track * (g.total - last)) / g.total);
  return { top: Math.min(1, position(place, g) / last) * (track - size), size };
}

/** The inverse of `thumb`: the place for a thumb whose top is there. */
export function placeAtThumb(top: number, g: Geometry, track: number, least = 20): Place {
  const { size } = thumb({ rank: 0, offset: 0 }, g, track, least);
  if (track <= size) return { rank: 0, offset: 0 };
  const fraction = Math.min(1, Math.max(0, top / (track - size)));
  if (fraction === 1) return endPlace(g);
  const at = fraction * position(endPlace(g), g);
  const rank = Math.floor(at);
  return settle({ rank, offset: (at - rank) * g.heightOf(rank) }, g);
}

function position(place: Place, g: Geometry): number {
  return g.total === 0 ? 0 : place.rank + place.offset / g.heightOf(place.rank);
}
