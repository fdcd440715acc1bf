/**
 * What looks most like some words, which may be misspelt: a rough filter finds what holds a part of each of them, and of that the newest is
 * ranked by Fuse. Never the whole log.
 */
import Fuse from 'fuse.js';
import type { RecordNumber } from '../index/recordStore.ts';
import { readRows } from './page.ts';
import type { View } from './view.ts';

/** So many of the hits, the newest, are ranked. */
const MOST = 5000;
/** Shorter words are looked for as they are. */
const SHORT = 6;

/** The words that are looked for. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

/** A query that lets through what holds, in any case, a half of each word: of a word with one slip, one of its halves is right. */
export function roughQuery(words: readonly string[]): string {
  return words
    .map((word) => {
      const letters = [...word];
      const half = letters.length >> 1;
      const parts = letters.length < SHORT ? [word] : [letters.slice(0, half).join(''), letters.slice(half).join('')];
      return `(${parts.map((part) => `/${part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}/i`).join(' or ')})`;
    })
    .join(' ');
}

/**
 * @param view of the rough query, settled
 * @returns the records that look most like the words, the best first, of equal ones the newest
 */
export async function bestOf({ timeline, rows }: View, words: readonly string[], count: number): Promise<RecordNumber[]> {
  const records = rows.slice(Math.max(0, rows.length - MOST), rows.length);
  const texts = (await readRows(timeline, records)).map(({ text }) => text);
  const fuse = new Fuse(texts, { includeScore: true, ignoreLocation: true, threshold: 0.5 });
  // 0: as it is; 1: nothing like it.
  const scores = new Float64Array(texts.length).fill(words.length);
  for (const word of words)
    for (const { refIndex, score = 1 } of fuse.search(word)) scores[refIndex] = (scores[refIndex] ?? 0) - (1 - score);
  return [...records.keys()]
    .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || b - a)
    .slice(0, count)
    .map((index) => records[index] as RecordNumber);
}
