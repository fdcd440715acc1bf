/** What an entry's first line holds besides time, level and message: a source block, or the members of a JSON object. */
import type { Generation } from '../index/generation.ts';
import type { RecordField } from '../protocol.ts';
import type { Source } from '../record/layouts/sourceBlock.ts';

/** Fields of one entry, and characters of one value, at the most. */
const MAX_FIELDS = 200;
const MAX_VALUE = 4096;

/**
 * What a source block says; undefined where there is none.
 * @param bytes of a record, from its beginning on
 */
export function sourceOf({ heads }: Pick<Generation, 'heads'>, bytes: Buffer): Source | undefined {
  const lf = bytes.indexOf(0x0a);
  if (!heads.read(bytes, 0, lf === -1 ? bytes.length : lf)) return undefined;
  return heads.source(bytes);
}

/** @param bytes of a record, from its beginning on */
export function fieldsOf({ heads }: Generation, bytes: Buffer): RecordField[] {
  const lf = bytes.indexOf(0x0a);
  if (!heads.read(bytes, 0, lf === -1 ? bytes.length : lf)) return [];
  const { blockStart, blockEnd } = heads.head;
  const source = heads.source(bytes);
  if (source === undefined) return blockEnd > blockStart ? membersOf(bytes.toString('utf8', blockStart, blockEnd)) : [];
  const { logger, pid, thread, file, line, extras = {} } = source;
  const fields: RecordField[] = [];
  if (logger !== undefined) fields.push({ name: 'logger', value: logger });
  if (pid !== undefined) fields.push({ name: 'process', value: String(pid) });
  if (thread !== undefined) fields.push({ name: 'thread', value: thread });
  if (file !== undefined) {
    const value = line === undefined ? file : `${file}:${line}`;
    fields.push({ name: 'source', value, ...(line === undefined ? {} : { place: { path: file, line } }) });
  }
  return [...fields, ...fieldsIn(extras)];
}

function membersOf(text: string): RecordField[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? fieldsIn(value) : [];
  } catch {
    return [];
  }
}

const fieldsIn = (members: object): RecordField[] =>
  Object.entries(members)
    .slice(0, MAX_FIELDS)
    .map(([name, value]: [string, unknown]) => ({
      name,
      value: (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_VALUE),
    }));
