/** Reads the bytes of many records with few reads: neighbours in a file are read together. */
import type { Generation } from '../index/generation.ts';
import { isMoved } from '../index/moved.ts';
import type { RecordNumber } from '../index/recordStore.ts';

/** Bytes between two wanted records that are rather read than skipped. */
const GAP = 16 * 1024;
const SPAN = 1 << 20;

/** What stands in for a record whose file is gone or cannot be read any more. */
export const placeholder = (generation: Generation, error: unknown): Buffer =>
  Buffer.from(
    isMoved(error)
      ? `(${generation.file.file} has vanished)`
      : `(${generation.file.file} cannot be read: ${error instanceof Error ? error.message : String(error)})`,
  );

interface Wanted {
  index: number;
  start: number;
  end: number;
}

export interface ReadOptions {
  /** May tell early that no record in a span is wanted: they are then undefined in the result. */
  mayHold?: (span: Buffer, generation: Generation) => boolean;
  /** What stands in for a record that cannot be read; by default a text that says so. */
  unreadable?: (generation: Generation, error: unknown) => Buffer | undefined;
  /** In the timeline's turn: what has moved since the last look cannot be read. */
  inTurn?: boolean;
}

/**
 * The bytes of records, in the order asked for.
 * @param limit bytes of each record at most
 */
export async function readRecords(
  records: ArrayLike<RecordNumber>,
  generationOf: (record: RecordNumber) => Generation,
  limit: number,
  { mayHold = () => true, unreadable = placeholder, inTurn = false }: ReadOptions = {},
): Promise<(Buffer | undefined)[]> {
  const result = new Array<Buffer | undefined>(records.length);
  const byGeneration = new Map<Generation, Wanted[]>();
  for (let index = 0; index < records.length; index++) {
    const record = records[index] as RecordNumber;
    const generation = generationOf(record);
    const start = generation.store.offset(record);
    const wanted = { index, start, end: Math.min(generation.endOf(record), start + limit) };
    const list = byGeneration.get(generation);
    if (list === undefined) byGeneration.set(generation, [wanted]);
    else list.push(wanted);
  }
  await Promise.all(
    Array.from(byGeneration, async ([generation, wanted]) => {
      wanted.sort((a, b) => a.start - b.start);
      for (let from = 0; from < wanted.length; ) {
        const start = wanted[from]?.start ?? 0;
        let end = wanted[from]?.end ?? 0;
        let to = from + 1;
        for (let next = wanted[to]; next !== undefined && next.start - end <= GAP && next.end - start <= SPAN; next = wanted[++to]) {
          end = Math.max(end, next.end);
        }
        try {
          const span = await (inTurn ? generation.readHere(start, end) : generation.read(start, end));
          if (mayHold(span, generation)) {
            for (const { index, start: first, end: last } of wanted.slice(from, to))
              result[index] = span.subarray(first - start, last - start);
          }
        } catch (error) {
          for (const { index } of wanted.slice(from, to)) result[index] = unreadable(generation, error);
        }
        from = to;
      }
    }),
  );
  return result;
}
