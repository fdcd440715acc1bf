/** A stretch of text that something applies to. */
export interface Stretch {
  start: number;
  end: number;
}

/** A piece of text to which the same stretch of each layer applies throughout; -1 where none of a layer does. */
export interface Segment extends Stretch {
  on: number[];
}

/**
 * Cuts `0..length` where any stretch of any layer begins or ends.
 * @param layers each ascending and without overlaps within itself
 */
export function segments(length: number, layers: readonly (readonly Stretch[])[]): Segment[] {
  const edges = new Set([0, length]);
  for (const layer of layers) {
    for (const { start, end } of layer) {
      if (start < length) edges.add(Math.max(0, start));
      if (end < length) edges.add(Math.max(0, end));
    }
  }
  const cuts = [...edges].sort((a, b) => a - b);
  const next = layers.map(() => 0);
  const found: Segment[] = [];
  for (let index = 0; index + 1 < cuts.length; index++) {
    const start = cuts[index] ?? 0;
    const end = cuts[index + 1] ?? length;
    const on = layers.map((layer, number) => {
      let at = next[number] ?? 0;
      while ((layer[at]?.end ?? Number.POSITIVE_INFINITY) <= start) at++;
      next[number] = at;
      return (layer[at]?.start ?? Number.POSITIVE_INFINITY) <= start ? at : -1;
    });
    found.push({ start, end, on });
  }
  return found;
}
