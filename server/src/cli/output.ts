/** Records to stdout: their own bytes, or a JSON object each. */
import { once } from 'node:events';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { levelName } from '../record/level.ts';
import { formatIso } from '../record/timestamp.ts';
import { moduleOf, readMessage } from '../timeline/message.ts';
import { readRecords } from '../timeline/reader.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Format } from './selection.ts';

const BATCH = 4096;
/** A larger record is written piece by piece. */
const LARGE = 4 << 20;
const LF = 0x0a;

/** Writes to stdout, and waits while the reader of a pipe is slow. */
async function write(data: Buffer | string): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/** Writes records in the order given. */
export async function writeRecords(timeline: Timeline, records: Uint32Array, format: Format): Promise<void> {
  const { generationOf } = timeline.library;
  const clean = process.stdout.isTTY === true;
  for (let from = 0; from < records.length; from += BATCH) {
    const batch = records.subarray(from, from + BATCH);
    const small = batch.filter((record) => sizeOf(generationOf(record), record) <= LARGE);
    const texts = await readRecords(small, generationOf, LARGE);
    let next = 0;
    let out: (Buffer | string)[] = [];
    for (const record of batch) {
      const generation = generationOf(record);
      if (sizeOf(generation, record) > LARGE) {
        await flush(out);
        out = [];
        await writeLarge(generation, record, format, clean);
        continue;
      }
      const bytes = texts[next++] ?? Buffer.alloc(0);
      if (format === 'jsonl') out.push(jsonRow(generation, record, bytes));
      else {
        out.push(clean ? forTerminal(bytes) : bytes);
        if (bytes.at(-1) !== LF) out.push('\n');
      }
    }
    await flush(out);
  }
}

const flush = (out: readonly (Buffer | string)[]): Promise<void> =>
  write(Buffer.concat(out.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));

const sizeOf = (generation: Generation, record: RecordNumber): number => generation.endOf(record) - generation.store.offset(record);

async function writeLarge(generation: Generation, record: RecordNumber, format: Format, clean: boolean): Promise<void> {
  const start = generation.store.offset(record);
  const end = generation.endOf(record);
  if (format === 'jsonl') {
    await write(jsonRow(generation, record, await generation.read(start, end)));
    return;
  }
  let last: number | undefined;
  for (let at = start; at < end; at += LARGE) {
    const piece = await generation.read(at, Math.min(end, at + LARGE));
    last = piece.at(-1);
    await write(clean ? forTerminal(piece) : piece);
  }
  if (last !== LF) await write('\n');
}

function jsonRow(generation: Generation, record: RecordNumber, bytes: Buffer): string {
  const message = readMessage(generation, record, bytes);
  const row = {
    time: formatIso(message.time),
    user: generation.file.user,
    module: moduleOf(generation, record),
    level: message.level === null ? null : levelName(message.level),
    message: message.text,
    file: generation.file.file,
    line: generation.store.line(record),
  };
  return `${JSON.stringify(row)}\n`;
}

/** Control bytes, which a terminal would obey, as `\xNN`; line ends and TABs stay. C1 controls stand as two bytes in UTF-8. */
function forTerminal(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(text)) return bytes;
  const asHex = (control: string): string =>
    Array.from(control, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
  return Buffer.from(text.replace(/\xc2[\x80-\x9f]|[\x00-\x08\x0b-\x1f\x7f]/g, asHex), 'latin1');
}
