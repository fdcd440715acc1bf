/** logfmt: `time=2026-11-20T22:56:00Z level=info msg="text" key=value` (logrus, slog's text handler, go-kit, Grafana's programs). */
import { BLANK, isAlphanumeric, QUOTE, textOf } from '../bytes.ts';
import type { Head, Layout } from '../head.ts';
import { quotedTrace } from '../traceLine.ts';
import { fieldOf, readLevel, readTime } from './fields.ts';
import { skipString, unescapeString } from './jsonBytes.ts';

const HEAD_BYTES = 64 * 1024;
const EQUALS = 0x3d;

const isKeyByte = (byte: number): boolean =>
  isAlphanumeric(byte) || byte === 0x2e || byte === 0x5f || byte === 0x2d || byte === 0x40 || byte === 0x2f;

export class LogfmtLayout implements Layout {
  readonly name = 'logfmt';
  readonly headBytes = HEAD_BYTES;
  private messageStart = -1;
  private messageEnd = -1;
  private quoted = false;

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    head.time = Number.NaN;
    head.offset = null;
    head.level = -1;
    this.messageStart = -1;
    let rank = 99;
    let i = start;
    while (i < end) {
      const key = i;
      while (i < end && isKeyByte(bytes[i] ?? 0)) i++;
      if (i === key || bytes[i] !== EQUALS || i >= end) {
        // A line begins with a pair; a word without a value may stand further on.
        if (key === start) return false;
        while (i < end && bytes[i] !== BLANK) i++;
        while (i < end && bytes[i] === BLANK) i++;
        continue;
      }
      const field = fieldOf(bytes, key, i);
      i++;
      const quoted = bytes[i] === QUOTE && i < end;
      const from = quoted ? i + 1 : i;
      let to: number;
      if (quoted) {
        const after = skipString(bytes, i, end);
        to = after === 0 ? end : after - 1;
        i = after === 0 ? end : after;
      } else {
        while (i < end && bytes[i] !== BLANK) i++;
        to = i;
      }
      while (i < end && bytes[i] === BLANK) i++;
      if (field === undefined) continue;
      if (field.role === 'time') {
        if (Number.isNaN(head.time)) readTime(bytes, from, to, head);
      } else if (field.role === 'message') {
        if (field.rank < rank) {
          rank = field.rank;
          this.messageStart = from;
          this.messageEnd = to;
          this.quoted = quoted;
        }
      } else if (field.role === 'level' && head.level === -1) head.level = readLevel('level', bytes, from, to);
    }
    const found = Number(!Number.isNaN(head.time)) + Number(head.level !== -1) + Number(this.messageStart !== -1);
    if (found < 2) return false;
    head.message = this.messageStart === -1 ? start : this.messageStart;
    head.body = start;
    head.nameStart = 0;
    head.nameEnd = 0;
    head.blockStart = start;
    head.blockEnd = end;
    head.trace = this.quoted && this.messageStart !== -1 && quotedTrace(bytes, this.messageStart, this.messageEnd);
    return true;
  }

  text(bytes: Uint8Array, end: number, head: Head): string {
    if (this.messageStart === -1) return textOf(bytes, head.blockStart, end);
    const raw = textOf(bytes, this.messageStart, this.messageEnd);
    return this.quoted ? unescapeString(raw) : raw;
  }
}
