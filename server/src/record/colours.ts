/**
 * Lines whose stamps and levels are coloured, as programs write them that take a file for a terminal: tracing-subscriber, coloredlogs,
 * winston's colorize. They are read without their colours (SGR, ECMA-48 8.3.117); what is found is told in places of the line as it stands.
 */
import { isDigit } from './bytes.ts';
import type { Head } from './head.ts';

const ESC = 0x1b;
const BRACKET = 0x5b;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const M = 0x6d;

/** Where the sequence ends that begins at `at`; `at` itself where none does. */
function colourEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== ESC || bytes[at + 1] !== BRACKET) return at;
  let next = at + 2;
  for (; next < end; next++) {
    const byte = bytes[next] ?? 0;
    if (byte === M) return next + 1;
    if (!isDigit(byte) && byte !== SEMICOLON && byte !== COLON) return at;
  }
  return at;
}

export const hasColours = (bytes: Uint8Array): boolean => bytes.includes(ESC);

/** Reads lines without their colours; keeps the one that was read last. */
export class Uncoloured {
  /** The last line begins in its first place. */
  bytes = Buffer.alloc(0);
  /** Places in it where a colour has been taken out, and how many bytes were until then. */
  private readonly cuts: { at: number; taken: number }[] = [];

  /**
   * Takes the colours out of [start, end).
   * @returns how many bytes are left
   */
  strip(bytes: Uint8Array, start: number, end: number): number {
    if (this.bytes.length < end - start) this.bytes = Buffer.allocUnsafe(2 * (end - start));
    this.cuts.length = 0;
    let length = 0;
    let taken = 0;
    for (let at = start; at < end; ) {
      const next = colourEnd(bytes, at, end);
      if (next === at) this.bytes[length++] = bytes[at++] as number;
      else {
        taken += next - at;
        this.cuts.push({ at: length, taken });
        at = next;
      }
    }
    return length;
  }

  /** Turns what is told of the line without colours into what it is in the line that begins at `start`. */
  restore(head: Head, start: number): void {
    // A colour in front of the message is the message's.
    head.message = start + this.before(head.message);
    head.body = start + this.before(head.body);
    if (head.blockEnd === 0) return;
    head.blockStart = start + this.before(head.blockStart);
    head.blockEnd = start + this.before(head.blockEnd);
  }

  /** The place of one of the bytes that are left, before the colours that stand in front of it. */
  private before(place: number): number {
    let taken = 0;
    for (const cut of this.cuts) {
      if (cut.at >= place) break;
      taken = cut.taken;
    }
    return place + taken;
  }
}
