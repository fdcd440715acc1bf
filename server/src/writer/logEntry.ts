import { MASTER_LOG } from '../generation/name.ts';
import type { Micros } from '../protocol.ts';
import { withSource } from '../record/layouts/sourceBlock.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { nowMicros } from './clock.ts';

export interface Entry {
  user: string;
  /** Without `.log`. `master` itself is written once, to master.log. */
  module: string;
  /** A word, as Safelog's own: DEBUG, INFO, WARNING, ERROR. null: the line has none. */
  level: string | null;
  /** Any text; further lines are written as they are. */
  text: string;
  /** A block of the layout `safelog+source`, as formatSource makes it. */
  source?: string | undefined;
  /** Of the entry; now where it is absent. */
  time?: Micros;
}

/** What takes an entry's lines: with a lock or without one. */
export interface EntryWriter {
  /** Takes one whole entry with its line end. False where it could not; somebody has been told why. */
  append(user: string, basename: string, entry: Uint8Array): boolean;
}

/** Safelog's own line of a module's log: `TIMESTAMP LEVEL [SOURCE] text` and a line end. */
export function moduleLine(entry: Pick<Entry, 'level' | 'text' | 'source'>, time: Micros): string {
  return `${formatSafelog(time)} ${levelAndText(entry)}\n`;
}

/** Safelog's own line of a user's master.log: `TIMESTAMP MODULE.log LEVEL [SOURCE] text` and a line end. */
export function masterLine(entry: Pick<Entry, 'module' | 'level' | 'text' | 'source'>, time: Micros): string {
  return `${formatSafelog(time)} ${entry.module}.log ${levelAndText(entry)}\n`;
}

function levelAndText({ level, text, source }: Pick<Entry, 'level' | 'text' | 'source'>): string {
  const whole = withSource(level, source, text);
  return level === null ? whole : `${level} ${whole}`;
}

/**
 * Writes an entry as the original client does: into ROOT/USER/MODULE.log, then into ROOT/USER/master.log, each with its own time unless
 * one is given. True when the writer has taken both; what failed has been told to its onProblem.
 */
export function logEntry(writer: EntryWriter, entry: Entry): boolean {
  const { user, module, time } = entry;
  const inModule = writer.append(user, `${module}.log`, Buffer.from(moduleLine(entry, time ?? nowMicros())));
  if (module === 'master') return inModule;
  return writer.append(user, MASTER_LOG, Buffer.from(masterLine(entry, time ?? nowMicros()))) && inModule;
}
