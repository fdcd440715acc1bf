/** What is known of a chunk's records together. */
import { ERROR } from '../record/level.ts';
import type { Chunk } from './chunk.ts';
import { keyAt, recordFlags } from './chunk.ts';
import { NO_LEVEL_CODE } from './nameTable.ts';

/** How many of some records one should look at. */
export interface Alarms {
  /** At ERROR and above, or a traceback at any level. */
  errors: number;
  /** Tracebacks at any level. */
  exceptions: number;
}

/** What is known of a chunk's records together. */
export interface ChunkSummary extends Alarms {
  /** The smallest and the largest key. */
  minKey: number;
  maxKey: number;
}

/** Of a chunk's first records. */
export function summaryOf(chunk: Chunk, count: number): ChunkSummary {
  const { level, flags } = chunk;
  const summary = { errors: 0, exceptions: 0, minKey: Number.POSITIVE_INFINITY, maxKey: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < count; i++) {
    const code = level[i] as number;
    const key = keyAt(chunk, i);
    const isException = ((flags[i] as number) & recordFlags.exception) !== 0;
    if (isException) summary.exceptions++;
    if (isException || (code >= ERROR && code !== NO_LEVEL_CODE)) summary.errors++;
    if (key < summary.minKey) summary.minKey = key;
    if (key > summary.maxKey) summary.maxKey = key;
  }
  return summary;
}
