/** A record's bytes → what it says. */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NO_LEVEL } from '../index/recordStore.ts';
import type { Level, Micros } from '../protocol.ts';

export interface Message {
  /** Of its own stamp; of its place in the order where it has none. */
  time: Micros;
  /** The stamp's offset from UTC in minutes; null where it names none. */
  offset: number | null;
  level: Level;
  /** Lines joined by LF; CR before LF and trailing LFs dropped; invalid UTF-8 as U+FFFD. */
  text: string;
}

const LF = 0x0a;
const CR = 0x0d;

/** What a record says. The bytes may be only its beginning: the text is then that much of it. */
export function readMessage(generation: Generation, record: RecordNumber, bytes: Buffer): Message {
  const { store, heads } = generation;
  const level = store.level(record);
  const message: Message = { time: store.key(record), offset: null, level: level === NO_LEVEL ? null : level, text: '' };
  const lf = bytes.indexOf(LF);
  const end = lf === -1 ? bytes.length : lf;
  let text: string;
  // A record may begin with a line that has no head: the end of an entry whose beginning is in an older generation.
  if (heads.read(bytes, 0, end > 0 && bytes[end - 1] === CR ? end - 1 : end)) {
    if (!Number.isNaN(heads.head.time)) message.time = heads.head.time;
    message.offset = heads.head.offset;
    text = heads.text(bytes, end) + bytes.toString('utf8', end);
  } else text = bytes.toString('utf8');
  message.text = text.replaceAll('\r\n', '\n').replace(/\n+$/, '');
  return message;
}

/** Where the message starts in a record's bytes; they may be only its beginning. */
export function messageStart({ heads }: Generation, bytes: Buffer): number {
  const lf = bytes.indexOf(LF);
  return heads.read(bytes, 0, lf === -1 ? bytes.length : lf) ? heads.head.message : 0;
}

/** The module that a record belongs to: the one that a line of master.log names, else the file's. */
export function moduleOf(generation: Generation, record: RecordNumber): string {
  return (generation.master ? generation.store.namedModule(record) : '') || generation.file.module;
}
