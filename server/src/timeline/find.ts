/** Finds the next or previous row whose text matches; hides nothing. */
import type { FindParams, FindResult } from '../protocol.ts';
import { textMatcher } from './match.ts';
import { readMessage } from './message.ts';
import { rankOf } from './page.ts';
import { readRecords } from './reader.ts';
import { SEARCHED_BYTES } from './search.ts';
import type { View } from './view.ts';

/** The first look is at few rows, since the next hit is mostly near. */
const FIRST_BATCH = 128;
const LARGEST_BATCH = 8192;

/**
 * @param cancelled asked between batches
 * @returns no hit when cancelled, too
 */
export async function find(view: View, params: FindParams, cancelled: () => boolean): Promise<FindResult> {
  const none: FindResult = { id: null, rank: -1, wrapped: false };
  if (params.text === '') return none;
  let matches: (text: string) => boolean;
  try {
    matches = textMatcher(params.text, params.isRegex, !params.matchCase);
  } catch (error) {
    return { ...none, error: error instanceof Error ? error.message : String(error) };
  }
  const literal = params.isRegex || !params.matchCase || params.text.includes('\n') ? undefined : Buffer.from(params.text);
  const { library } = view.timeline;
  const { generationOf } = library;
  const { length } = view.rows;
  const start = rankOf(view, params.from);
  const forward = params.direction === 'next';
  // Two stretches: from the anchor on, then, wrapped round, the others; the anchor itself comes last.
  const after: [number, number] = [Math.min(length, start + (params.inclusive ? 0 : 1)), length];
  const before: [number, number] = [0, Math.min(length, start + (params.inclusive ? 1 : 0))];
  const stretches: [number, number][] = forward ? [after, [0, after[0]]] : [before, [before[1], length]];
  for (const [turn, [low, high]] of stretches.entries()) {
    for (let done = 0, batch = FIRST_BATCH; done < high - low; batch = Math.min(batch * 4, LARGEST_BATCH)) {
      if (cancelled()) return none;
      const from = forward ? low + done : Math.max(low, high - done - batch);
      const to = forward ? Math.min(high, low + done + batch) : high - done;
      done += to - from;
      const records = view.rows.slice(from, to);
      const texts = await readRecords(records, generationOf, SEARCHED_BYTES, {
        // A text that is decoded may stand in the bytes in another form.
        mayHold: (span, { heads }) => literal === undefined || heads.decodes || span.includes(literal),
        unreadable: () => undefined,
      });
      for (let i = 0; i < records.length; i++) {
        const at = forward ? i : records.length - 1 - i;
        const record = records[at];
        const text = texts[at];
        if (record === undefined || text === undefined) continue;
        const generation = generationOf(record);
        if (matches(readMessage(generation, record, text).text)) {
          return { id: generation.recordId(record), rank: view.rows.rankOf(record), wrapped: turn === 1 };
        }
      }
    }
  }
  return none;
}
