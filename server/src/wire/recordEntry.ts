/** A record of another logger as an entry of the tree: what Safelog's line has no place for becomes a block of the layout `safelog+source`. Pure. */

import { EMPTY_SOURCE, formatSource, MAX_SOURCE_BYTES, type Source } from '../record/layouts/sourceBlock.ts';
import { cleanModule } from '../record/treeName.ts';
import type { WireRecord } from './wireRecord.ts';

export interface RecordEntry {
  /** Empty: whose it is follows from who sent it. */
  user: string;
  /** Without `.log`. */
  module: string;
  level: string;
  /** µs since the epoch; 0: none. */
  time: number;
  text: string;
  /** Empty: there is nothing to tell. */
  source: string;
}

const MAX_WORD = 255;
/** Names come again and again. */
const modules = new Map<string, string>();
const MAX_MODULES = 10_000;

/**
 * Extras that are too long for a block follow the text as JSON.
 * @param defaultModule for a record that proposes none
 */
export function toEntry(record: WireRecord, defaultModule: string): RecordEntry {
  let { text } = record;
  let source = blockOf(record);
  if (source.length > MAX_SOURCE_BYTES / 3 && Buffer.byteLength(source) > MAX_SOURCE_BYTES) {
    const { extras, ...place } = record;
    if (extras) text += `\n${JSON.stringify(extras)}`;
    source = formatSource(place);
    if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) source = formatSource(cutWords(place));
  }
  if (source === EMPTY_SOURCE) source = '';
  return {
    user: '',
    module: record.module === '' ? defaultModule : moduleOf(record.module),
    level: record.level,
    time: record.time,
    text,
    source,
  };
}

/** Most records come from the place of the one before. */
let last: { place: Source; block: string } = { place: {}, block: formatSource({}) };

function blockOf(record: WireRecord): string {
  if (record.extras) return formatSource(record);
  const { logger, pid, thread, file, line } = record;
  const { place } = last;
  if (line !== place.line || logger !== place.logger || thread !== place.thread || pid !== place.pid || file !== place.file)
    last = { place: { logger, pid, thread, file, line } as Source, block: formatSource(record) };
  return last.block;
}

function moduleOf(name: string): string {
  let module = modules.get(name);
  if (module === undefined) {
    if (modules.size >= MAX_MODULES) modules.clear();
    module = cleanModule(name);
    modules.set(name, module);
  }
  return module;
}

function cutWords({ logger, thread, file, ...rest }: Source): Source {
  const words = Object.entries({ logger, thread, file }).flatMap(([key, word]) =>
    word === undefined ? [] : [[key, word.slice(0, MAX_WORD)] as const],
  );
  return { ...rest, ...(Object.fromEntries(words) as Source) };
}
