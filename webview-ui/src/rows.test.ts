import { describe, expect, it } from 'vitest';
import { encodeRows, type Page, type Row } from '../../server/src/protocol.ts';
import { RowCache } from './rows.ts';

const row = (id: string, text = id): Row => ({
  id,
  time: 0,
  level: 20,
  user: 'u',
  module: 'm',
  text,
  lines: 1,
  cut: 0,
  flags: 0,
  file: 'u/m.log',
  line: 1,
  offset: null,
  links: [],
  libraryRuns: [],
  raised: null,
});

const page = (version: number, first: number, ids: string[], total = 100, anchor = 0): Page => ({
  view: 1,
  version,
  total,
  final: true,
  first,
  anchor,
  rows: encodeRows(ids.map((id) => row(id))),
});

describe('the cache of rows', () => {
  it('keeps rows by rank', () => {
    const cache = new RowCache();
    expect(cache.accept(page(1, 10, ['a', 'b']))).toBe(0);
    expect(cache.get(11)?.id).toBe('b');
    expect(cache.rankOf('a')).toBe(10);
    expect(cache.get(12)).toBeUndefined();
    expect(cache.total).toBe(100);
  });

  it('drops answers that are older than what it has', () => {
    const cache = new RowCache();
    cache.accept(page(5, 0, ['a']));
    expect(cache.accept(page(4, 0, ['old']))).toBeNull();
    cache.expect(9);
    expect(cache.accept(page(8, 0, ['other filter']))).toBeNull();
    expect(cache.get(0)?.id).toBe('a');
    expect(cache.accept(page(9, 3, ['c']))).toBe(0);
    expect(cache.get(0)).toBeUndefined();
    expect(cache.get(3)?.id).toBe('c');
  });

  it('moves all rows when the record that was asked for has moved', () => {
    const cache = new RowCache();
    cache.accept(page(1, 10, ['a', 'b', 'c']));
    expect(cache.accept(page(2, 1010, ['b'], 1100), { id: 'b', rank: 11 })).toBe(999);
    expect([1009, 1010, 1011].map((rank) => cache.get(rank)?.id)).toEqual(['a', 'b', 'c']);
    expect(cache.rankOf('c')).toBe(1011);
  });

  it('finds the movement from any row that it knows', () => {
    const cache = new RowCache();
    cache.accept(page(1, 10, ['a', 'b']));
    expect(cache.accept(page(2, 20, ['new', 'b']))).toBe(10);
    expect(cache.rankOf('a')).toBe(20 === cache.rankOf('new') ? undefined : 20);
    expect(cache.get(21)?.id).toBe('b');
  });

  it('starts anew where a newer page shares nothing with it', () => {
    const cache = new RowCache();
    cache.accept(page(1, 10, ['a']));
    cache.accept(page(2, 50, ['x']));
    expect(cache.get(10)).toBeUndefined();
    expect(cache.rankOf('a')).toBeUndefined();
  });

  it('never holds a record twice, when a late entry came between', () => {
    const cache = new RowCache();
    cache.accept(page(1, 0, ['a', 'b', 'c', 'd']));
    expect(cache.accept(page(2, 0, ['a', 'b', 'late', 'c'], 101), { id: 'a', rank: 0 })).toBe(0);
    expect([0, 1, 2, 3].map((rank) => cache.get(rank)?.id)).toEqual(['a', 'b', 'late', 'c']);
    expect(cache.rankOf('c')).toBe(3);
    expect(cache.rankOf('d')).toBeUndefined();
  });

  it('keeps the object of an unchanged row and takes one that grew', () => {
    const cache = new RowCache();
    cache.accept(page(1, 0, ['a', 'b']));
    const [a, b] = [cache.get(0), cache.get(1)];
    cache.accept({ ...page(2, 0, []), rows: encodeRows([row('a'), row('b', 'b\nmore')]) }, { id: 'a', rank: 0 });
    expect(cache.get(0)).toBe(a);
    expect(cache.get(1)).not.toBe(b);
  });

  it('forgets what was used longest ago', () => {
    const cache = new RowCache();
    const ids = Array.from({ length: 3000 }, (_, index) => `r${index}`);
    cache.accept(page(1, 0, ids));
    cache.use(5);
    cache.accept(
      page(
        1,
        10_000,
        Array.from({ length: 3000 }, (_, index) => `s${index}`),
      ),
    );
    expect(cache.get(5)?.id).toBe('r5');
    expect(cache.get(6)).toBeUndefined();
    expect(cache.rankOf('r6')).toBeUndefined();
    expect(cache.get(2999)?.id).toBe('r2999');
  });
});
