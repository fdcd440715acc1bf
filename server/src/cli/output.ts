/** Records to stdout: their own bytes, or a JSON object each. */
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { MAX_HEAD_BYTES } from '../record/layout.ts';
import { levelName } from '../record/level.ts';
import { formatIso } from '../record/timestamp.ts';
import type { Message } from '../timeline/message.ts';
import { messageStart, moduleOf, readMessage } from '../timeline/message.ts';
import { readRecords } from '../timeline/reader.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Format } from './selection.ts';
import { printable } from './usage.ts';

const BATCH = 4096;
/** A larger record is written piece by piece. */
const LARGE = 4 << 20;
const LF = 0x0a;

/** Writes to stdout, and waits while the reader of a pipe is slow. */
async function write(data: Buffer | string): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/**
 * Writes records in the order given. What cannot be read any more is left out, and said on stderr once per file.
 * @param isContext whether a record is only there beside another: JSON says so
 * @returns whether all were written
 */
export async function writeRecords(
  command: string,
  timeline: Timeline,
  records: Uint32Array,
  format: Format,
  isContext: (record: RecordNumber) => boolean = () => false,
): Promise<boolean> {
  const lost = new Set<string>();
  const unreadable = ({ file }: Generation, error: unknown): undefined => {
    if (!lost.has(file.path)) {
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`safelog ${command}: ${printable(`${file.path}: entries are gone, the file was changed meanwhile (${why})`)}\n`);
    }
    lost.add(file.path);
    return undefined;
  };
  const { generationOf } = timeline.library;
  const clean = process.stdout.isTTY === true;
  for (let from = 0; from < records.length; from += BATCH) {
    const batch = records.subarray(from, from + BATCH);
    const small = batch.filter((record) => sizeOf(generationOf(record), record) <= LARGE);
    const texts = await readRecords(small, generationOf, LARGE, { unreadable });
    let next = 0;
    let out: (Buffer | string)[] = [];
    for (const record of batch) {
      const generation = generationOf(record);
      if (sizeOf(generation, record) > LARGE) {
        await flush(out);
        out = [];
        await writeLarge(generation, record, format, clean, isContext(record)).catch((error: unknown) => unreadable(generation, error));
        continue;
      }
      const bytes = texts[next++];
      if (bytes === undefined) continue;
      if (format === 'jsonl') out.push(jsonRow(generation, record, bytes, isContext(record)));
      else {
        out.push(clean ? forTerminal(bytes) : bytes);
        if (bytes.at(-1) !== LF) out.push('\n');
      }
    }
    await flush(out);
  }
  return lost.size === 0;
}

const flush = (out: readonly (Buffer | string)[]): Promise<void> =>
  write(Buffer.concat(out.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));

const sizeOf = (generation: Generation, record: RecordNumber): number => generation.endOf(record) - generation.store.offset(record);

async function writeLarge(generation: Generation, record: RecordNumber, format: Format, clean: boolean, isContext: boolean): Promise<void> {
  const start = generation.store.offset(record);
  const end = generation.endOf(record);
  if (format === 'jsonl') {
    await writeLargeJson(generation, record, start, end, isContext);
    return;
  }
  let carry = Buffer.alloc(0);
  let last: number | undefined;
  for (let at = start; at < end; at += LARGE) {
    const piece = Buffer.concat([carry, await generation.read(at, Math.min(end, at + LARGE))]);
    last = piece.at(-1);
    // A character may be cut in two here: its beginning waits for its end.
    const whole = clean && at + LARGE < end ? piece.length - 3 : piece.length;
    carry = piece.subarray(whole);
    await write(clean ? forTerminal(piece.subarray(0, whole)) : piece);
  }
  if (last !== LF) await write('\n');
}

/** The row of an entry that is too large for one string, its message in pieces. */
async function writeLargeJson(generation: Generation, record: RecordNumber, start: number, end: number, isContext: boolean): Promise<void> {
  const first = await generation.read(start, Math.min(end, start + MAX_HEAD_BYTES));
  const { text, ...head } = readMessage(generation, record, first);
  const [before = '', after = ''] = json(generation, record, { ...head, text: '' }, isContext).split('"message":""');
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
  await write(`${jsonText(rest)}"${after}`);
}

/** A string's inside, as JSON has it. */
const jsonText = (text: string): string => asJson(text).slice(1, -1);

/** JSON without anything that a terminal would obey: DEL and the C1 controls are escaped, too. */
const asJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);

const jsonRow = (generation: Generation, record: RecordNumber, bytes: Buffer, isContext: boolean): string =>
  json(generation, record, readMessage(generation, record, bytes), isContext);

function json(generation: Generation, record: RecordNumber, message: Message, isContext: boolean): string {
  const row = {
    time: formatIso(message.time),
    user: generation.file.user,
    module: moduleOf(generation, record),
    level: message.level === null ? null : levelName(message.level),
    message: message.text,
    file: generation.file.file,
    line: generation.store.line(record),
    ...(isContext && { context: true }),
  };
  return `${asJson(row)}\n`;
}

/**
 * What a terminal would obey as `\xNN`: control bytes but line ends and TABs, C1 controls in UTF-8, and bytes that are no UTF-8 (one
 * of them may be a C1 control where the terminal is not in UTF-8).
 */
function forTerminal(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (!/[\x00-\x08\x0b-\x1f\x7f-\xff]/.test(text)) return bytes;
  const asHex = (control: string): string =>
    Array.from(control, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
  const sequence =
    /(\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})|[\x00-\x08\x0b-\x1f\x7f-\xff]/g;
  return Buffer.from(
    text.replace(sequence, (found, whole: string | undefined) => whole ?? asHex(found)),
    'latin1',
  );
}
