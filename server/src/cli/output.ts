/** Records to stdout. */
import { once } from 'node:events';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import type { RecordFormat } from '../protocol.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { writeRecords as writeTo } from '../timeline/writeRecords.ts';
import { printable } from './usage.ts';

/** Writes to stdout, and waits while the reader of a pipe is slow. */
async function write(data: Buffer | string): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/** Says on stderr, once per file, that what a log held is not there any more. @param lost gets those that it held */
export function sayUnreadable(command: string, lost = new Set<Generation>()): (generation: Generation, error: unknown) => undefined {
  return (generation, error) => {
    if (lost.has(generation)) return;
    lost.add(generation);
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `safelog ${command}: ${printable(`${generation.file.path}: entries are gone, the file was changed meanwhile (${why})`)}\n`,
    );
  };
}

/**
 * Writes records in the order given. What cannot be read any more is left out, and said on stderr once per file.
 * @param known what was read of them already
 * @param isContext whether a record is only there beside another: JSON says so
 * @returns whether all were written
 */
export async function writeRecords(
  command: string,
  timeline: Timeline,
  records: Uint32Array,
  format: RecordFormat,
  { isContext = () => false, known }: { isContext?: (record: RecordNumber) => boolean; known?: ReadonlyMap<RecordNumber, Buffer> } = {},
): Promise<boolean> {
  const lost = new Set<Generation>();
  await writeTo(timeline, records, format, {
    write,
    unreadable: sayUnreadable(command, lost),
    clean: process.stdout.isTTY === true ? forTerminal : undefined,
    isContext,
    known,
  });
  return lost.size === 0;
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
