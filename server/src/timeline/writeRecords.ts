/** Records as `safelog cat` prints them and the timeline exports them: their own bytes, or a JSON object each. */
import { StringDecoder } from 'node:string_decoder';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import type { RecordFormat } from '../protocol.ts';
import { MAX_HEAD_BYTES } from '../record/layout.ts';
import { levelName } from '../record/level.ts';
import { formatIso } from '../record/timestamp.ts';
import { sourceOf } from './fields.ts';
import type { Message } from './message.ts';
import { messageStart, moduleOf, readMessage } from './message.ts';
import { readRecords } from './reader.ts';
import type { ViewedTimeline } from './view.ts';

const BATCH = 4096;
/** A larger record is written piece by piece. */
export const LARGE = 4 << 20;
const LF = 0x0a;

/** Where records go. */
export interface RecordSink {
  /** Resolves when more may come. */
  write(data: Buffer | string): Promise<void>;
  /** Told of what cannot be read any more, and is left out. */
  unreadable(generation: Generation, error: unknown): void;
  /** What becomes of the bytes of records as text; they may end in the middle of a line, but not of a character. */
  clean?: ((bytes: Buffer) => Buffer) | undefined;
  /** Whether a record is only there beside another: JSON says so. */
  isContext?: (record: RecordNumber) => boolean;
  /** The first bytes of records that have been read already, all of those that are not very large. */
  known?: ReadonlyMap<RecordNumber, Buffer> | undefined;
  /** Records that are not there any more are left out. */
  isThere?(record: RecordNumber): boolean;
  /** Told after each batch how many records are through; false ends it. */
  goOn?(count: number): boolean;
}

/** Writes records in the order given, holding a batch of them in memory. */
export async function writeRecords(timeline: ViewedTimeline, records: Uint32Array, format: RecordFormat, sink: RecordSink): Promise<void> {
  const { generationOf } = timeline.library;
  const { clean = (bytes) => bytes, isContext = () => false, known } = sink;
  const unreadable = (generation: Generation, error: unknown): undefined => {
    sink.unreadable(generation, error);
  };
  for (let from = 0; from < records.length; from += BATCH) {
    if (sink.goOn?.(from) === false) return;
    const all = records.subarray(from, from + BATCH);
    const batch = sink.isThere === undefined ? all : all.filter((record) => sink.isThere?.(record) === true);
    const small = batch.filter((record) => sizeOf(generationOf(record), record) <= LARGE);
    const texts = known ? Array.from(small, (record) => known.get(record)) : await readRecords(small, generationOf, LARGE, { unreadable });
    let next = 0;
    let out: (Buffer | string)[] = [];
    for (const record of batch) {
      const generation = generationOf(record);
      if (sizeOf(generation, record) > LARGE) {
        await flush(out, sink);
        out = [];
        await writeLarge(generation, record, format, sink).catch((error: unknown) => unreadable(generation, error));
        continue;
      }
      const bytes = texts[next++];
      if (bytes === undefined) continue;
      if (format === 'jsonl') out.push(`${jsonRow(generation, record, bytes, isContext(record))}\n`);
      else {
        out.push(clean(bytes));
        if (bytes.at(-1) !== LF) out.push('\n');
      }
    }
    await flush(out, sink);
  }
  sink.goOn?.(records.length);
}

const flush = (out: readonly (Buffer | string)[], { write }: RecordSink): Promise<void> =>
  write(Buffer.concat(out.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));

const sizeOf = (generation: Generation, record: RecordNumber): number => generation.endOf(record) - generation.store.offset(record);

async function writeLarge(generation: Generation, record: RecordNumber, format: RecordFormat, sink: RecordSink): Promise<void> {
  const { write, clean } = sink;
  const start = generation.store.offset(record);
  const end = generation.endOf(record);
  if (format === 'jsonl') {
    await writeLargeJson(generation, record, start, end, sink);
    return;
  }
  let carry = Buffer.alloc(0);
  let last: number | undefined;
  for (let at = start; at < end; at += LARGE) {
    const piece = Buffer.concat([carry, await generation.read(at, Math.min(end, at + LARGE))]);
    last = piece.at(-1);
    // A character may be cut in two here: its beginning waits for its end.
    const whole = clean !== undefined && at + LARGE < end ? piece.length - 3 : piece.length;
    carry = piece.subarray(whole);
    await write(clean === undefined ? piece : clean(piece.subarray(0, whole)));
  }
  if (last !== LF) await write('\n');
}

/** The row of an entry that is too large for one string, its message in pieces. */
async function writeLargeJson(
  generation: Generation,
  record: RecordNumber,
  start: number,
  end: number,
  { write, isContext }: RecordSink,
): Promise<void> {
  const first = await generation.read(start, Math.min(end, start + MAX_HEAD_BYTES));
  const { text, ...head } = readMessage(generation, record, first);
  const [before = '', after = ''] = json(generation, record, first, { ...head, text: '' }, isContext?.(record) === true).split(
    '"message":""',
  );
  await write(`${before}"message":"`);
  const decoder = new StringDecoder('utf8');
  let carry = '';
  // Where the text begins: behind what the head's reader has taken.
  const skip = messageStart(generation, first);
  for (let at = start + skip; at < end; at += LARGE) {
    const piece = carry + decoder.write(await generation.read(at, Math.min(end, at + LARGE)));
    // Line ends wait: the last ones are dropped, and a CR before LF may stand at the cut.
    const kept = piece.replace(/[\r\n]+$/, '');
    carry = piece.slice(kept.length);
    await write(jsonText(kept.replaceAll('\r\n', '\n')));
  }
  const rest = (carry + decoder.end()).replaceAll('\r\n', '\n').replace(/\n+$/, '');
  await write(`${jsonText(rest)}"${after}\n`);
}

/** A string's inside, as JSON has it. */
const jsonText = (text: string): string => asJson(text).slice(1, -1);

/** JSON without anything that a terminal would obey: DEL and the C1 controls are escaped, too. */
const asJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);

/** The row of `--format jsonl`, without a line end. */
export const jsonRow = (generation: Generation, record: RecordNumber, bytes: Buffer, isContext = false): string =>
  json(generation, record, bytes, readMessage(generation, record, bytes), isContext);

function json(generation: Generation, record: RecordNumber, bytes: Buffer, message: Message, isContext: boolean): string {
  const { logger, pid, thread, file, line, extras } = sourceOf(generation, bytes) ?? {};
  const row = {
    time: formatIso(message.time),
    user: generation.file.user,
    module: moduleOf(generation, record),
    level: message.level === null ? null : levelName(message.level),
    message: message.text,
    file: generation.file.file,
    line: generation.store.line(record),
    ...(logger !== undefined && { logger }),
    ...(pid !== undefined && { pid }),
    ...(thread !== undefined && { thread }),
    ...(file !== undefined && { source: line === undefined ? file : `${file}:${line}` }),
    ...(extras !== undefined && { extra: extras }),
    ...(isContext && { context: true }),
  };
  return asJson(row);
}
