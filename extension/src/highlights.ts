import type { Highlight } from '../../server/src/protocol.ts';

/** The entries of `safelog.highlights` that have a pattern and a colour; the others are left out. */
export function parseHighlights(value: unknown): Highlight[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const { pattern, color } = item as Record<string, unknown>;
    return typeof pattern === 'string' && pattern !== '' && typeof color === 'string' ? [{ pattern, color }] : [];
  });
}
