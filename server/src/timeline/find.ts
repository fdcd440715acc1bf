/** Finds the next or previous row whose text matches; hides nothing. */
import type { FindParams, FindResult } from '../protocol.ts';
import { textMatcher } from './match.ts';
import { readMessage } from './message.ts';
import { needleOf, regexNeedle } from './needle.ts';
import type { Paged } from './page.ts';
import { rankOf } from './page.ts';
import { readRecords } from './reader.ts';
import { SEARCHED_BYTES } from './search.ts';
import { View } from './view.ts';

/** The first look is at few rows, since the next hit is mostly near. */
const FIRST_BATCH = 128;
const LARGEST_BATCH = 8192;
/** So many rows are looked at one after the other, before threads search all of them. */
const NEAR = 32_768;
/** Ranks that are gone through at a time. */
const STRIDE = 1 << 20;
/** ms */
const PACE = 50;

/**
 * @param cancelled asked between batches
 * @returns no hit when cancelled, too
 */
export async function find(view: Paged, params: FindParams, cancelled: () => boolean): Promise<FindResult> {
  const none: FindResult = { id: null, rank: -1, wrapped: false };
  if (params.text === '') return none;
  let matches: (text: string) => boolean;
  try {
    matches = textMatcher(params.text, params.isRegex, !params.matchCase);
  } catch (error) {
    return { ...none, error: error instanceof Error ? error.message : String(error) };
  }
  const needle = params.isRegex ? regexNeedle(params.text, params.matchCase ? '' : 'i') : needleOf(params.text, !params.matchCase);
  const { library } = view.timeline;
  const { generationOf } = library;
  const { length } = view.rows;
  const start = rankOf(view, params.from);
  const forward = params.direction === 'next';
  // Two stretches: from the anchor on, then, wrapped round, the others; the anchor itself comes last.
  const after: [number, number] = [Math.min(length, start + (params.inclusive ? 0 : 1)), length];
  const before: [number, number] = [0, Math.min(length, start + (params.inclusive ? 1 : 0))];
  const stretches: [number, number][] = forward ? [after, [0, after[0]]] : [before, [before[1], length]];
  let looked = 0;
  for (const [turn, [low, high]] of stretches.entries()) {
    for (let done = 0, batch = FIRST_BATCH; done < high - low; batch = Math.min(batch * 4, LARGEST_BATCH)) {
      if (cancelled()) return none;
      if (looked >= NEAR && library.threads !== undefined) {
        const rest: [number, number] = forward ? [low + done, high] : [low, high - done];
        return findFar(view, params, [rest, ...stretches.slice(turn + 1)], turn === 1, cancelled);
      }
      const from = forward ? low + done : Math.max(low, high - done - batch);
      const to = forward ? Math.min(high, low + done + batch) : high - done;
      done += to - from;
      looked += to - from;
      const records = view.rows.slice(from, to);
      const texts = await readRecords(records, generationOf, SEARCHED_BYTES, {
        // A text that is decoded may stand in the bytes in another form.
        mayHold: (span, { heads }) => needle === undefined || heads.decodes || needle.in(span)(0) !== -1,
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

/** What was searched last for a view: the next hit is mostly asked for soon. */
const known = new WeakMap<Paged, { key: string; hits: View }>();

/** Has threads search everything, and takes the first hit within the stretches. */
async function findFar(
  view: Paged,
  { text, isRegex, matchCase, direction }: FindParams,
  stretches: readonly [number, number][],
  wrapped: boolean,
  cancelled: () => boolean,
): Promise<FindResult> {
  const none: FindResult = { id: null, rank: -1, wrapped: false };
  const { timeline } = view;
  const key = JSON.stringify([text, isRegex, matchCase, timeline.rows.length]);
  let hits = known.get(view)?.key === key ? known.get(view)?.hits : undefined;
  if (hits === undefined) {
    known.delete(view);
    const searching = new View(timeline, { [isRegex ? 'regex' : 'text']: text, ignoreCase: !matchCase }, () => undefined);
    const timer = setInterval(() => {
      if (cancelled()) searching.close();
    }, PACE);
    await searching.settled();
    clearInterval(timer);
    searching.close();
    if (cancelled()) return none;
    const { filterError } = searching.state();
    if (filterError !== undefined) return { ...none, error: filterError };
    hits = searching;
    known.set(view, { key, hits });
  }
  const { generationOf } = timeline.library;
  for (const [index, [low, high]] of stretches.entries()) {
    for (let done = 0; done < high - low; done++) {
      if (done % STRIDE === STRIDE - 1) {
        await new Promise(setImmediate);
        if (cancelled()) return none;
      }
      const rank = direction === 'next' ? low + done : high - 1 - done;
      if (rank >= view.rows.length) return none;
      const record = view.rows.at(rank);
      if (hits.passes(record)) return { id: generationOf(record).recordId(record), rank, wrapped: wrapped || index > 0 };
    }
  }
  return none;
}
