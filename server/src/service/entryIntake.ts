/** What becomes of a message of the original protocol: it is written, refused, or dropped, and counted as that. */

import { decodeSafelog } from '../wire/safelog.ts';
import type { ServiceCounts } from './counts.ts';
import type { Ending } from './entryReceiver.ts';
import { type Identity, mayWriteAs } from './identity.ts';
import type { Writers } from './writers.ts';

export interface EntryIntakeOptions {
  writers: Writers;
  counts: ServiceCounts;
  markContinuations: boolean;
  /** Told once for each kind of problem. */
  sayOnce: (kind: string, message: string, advice?: string) => void;
}

const LINE_FEED = 0x0a;
const TAB = 0x09;

/** `done` is called when it is written or dropped. */
export function takeEntry(options: EntryIntakeOptions, message: Buffer, ending: Ending, identity: Identity, done: () => void): void {
  const { counts, sayOnce, writers } = options;
  counts.connections++;
  const packet = decodeSafelog(message);
  if (packet.kind === 'entry') {
    const { user, basename, entry } = packet;
    // Without EOF nobody knows whether there would have been more. With a line end at its end, what came is worth keeping.
    if (ending !== 'eof' && entry.at(-1) !== LINE_FEED) counts.dropped[ending]++;
    else if (mayWrite(identity, user, options)) {
      const bytes = options.markContinuations ? mark(entry) : entry;
      writers.raw(user, basename, bytes, (error) => {
        if (error) counts.failed++;
        else {
          counts.written++;
          counts.writtenBytes += bytes.length;
        }
        done();
      });
      return;
    }
  } else if (packet.kind === 'blank') counts.blank++;
  else if (packet.kind === 'malformed') {
    counts.dropped[ending === 'eof' ? 'malformed' : ending]++;
    if (ending === 'eof') sayOnce('malformed', `a message with ${packet.fields} fields instead of 3 has been dropped`);
  } else {
    counts.refused[packet.fault]++;
    sayOnce(
      `${packet.field} ${packet.fault}`,
      `an entry has been refused: its ${packet.field === 'user' ? 'user' : 'file name'} is ${JSON.stringify(packet.name.slice(0, 80))}`,
      'Names must be those of a file in the directory of a user.',
    );
  }
  done();
}

function mayWrite(identity: Identity, user: string, { counts, sayOnce, writers }: EntryIntakeOptions): boolean {
  if (!mayWriteAs(identity, user)) {
    if (identity.kind === 'none') counts.unidentified++;
    else counts.foreign++;
    const who = identity.kind === 'one' ? JSON.stringify(identity.name) : 'a process that cannot be identified';
    sayOnce(
      `as ${user}`,
      `an entry for ${JSON.stringify(user)} has been refused: it came from ${who}`,
      'A process writes only as its own user.',
    );
    return false;
  }
  if (writers.refuses(user)) {
    counts.refused.stranger++;
    sayOnce(`stranger ${user}`, `an entry for ${JSON.stringify(user)} has been refused: the system knows no such user`);
    return false;
  }
  if (identity.kind === 'any' && !identity.isKnown) counts.unknown++;
  return true;
}

/** Puts a TAB before each further line that is not empty. */
function mark(entry: Uint8Array): Uint8Array {
  let from = 0;
  const parts: Uint8Array[] = [];
  for (let at = entry.indexOf(LINE_FEED); at >= 0 && at + 1 < entry.length; at = entry.indexOf(LINE_FEED, at + 1)) {
    if (entry[at + 1] === LINE_FEED) continue;
    parts.push(entry.subarray(from, at + 1), Uint8Array.of(TAB));
    from = at + 1;
  }
  return parts.length === 0 ? entry : Buffer.concat([...parts, entry.subarray(from)]);
}
