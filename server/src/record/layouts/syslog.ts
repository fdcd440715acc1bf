/**
 * Syslog as it is on the wire and in files that keep the priority: RFC 5424 `<34>1 2026-11-20T22:56:00.003Z host app pid id - text`, and
 * RFC 3164 `<34>Nov 20 22:56:00 host app[pid]: text`. Without a priority both are stamped lines. What follows the stamp is the message.
 */
import { BLANK, isDigit, skipDigits } from '../bytes.ts';
import { DateFormat } from '../dateFormat.ts';
import type { FileContext, Head, Layout } from '../head.ts';
import { levelOfSeverity } from '../level.ts';
import { StampReader } from '../timestamp.ts';

export class SyslogLayout implements Layout {
  readonly name = 'syslog';
  private readonly iso = new StampReader();
  private readonly old: DateFormat;

  constructor(context: FileContext) {
    this.old = new DateFormat('%b %d %H:%M:%S', context);
  }

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    if (bytes[start] !== 0x3c) return false;
    const closing = skipDigits(bytes, start + 1, Math.min(end, start + 4));
    if (closing === start + 1 || bytes[closing] !== 0x3e || closing >= end) return false;
    let priority = 0;
    for (let i = start + 1; i < closing; i++) priority = priority * 10 + ((bytes[i] ?? 0) - 0x30);
    if (priority > 191) return false;
    let at = closing + 1;
    // RFC 5424's version.
    if (at + 1 < end && isDigit(bytes[at]) && bytes[at + 1] === BLANK) at += 2;
    head.time = Number.NaN;
    head.offset = null;
    const stamps = this.iso.read(bytes, at, end) ? this.iso : this.old.read(bytes, at, end) ? this.old : undefined;
    if (stamps !== undefined) {
      head.time = stamps.stamp.time;
      head.offset = stamps.stamp.offset;
      at = stamps.stamp.end;
      if (at < end && bytes[at] === 0x3a) at++;
    } else if (at < end && bytes[at] === 0x2d) at++;
    if (at < end && bytes[at] === BLANK) at++;
    head.level = levelOfSeverity(priority & 7);
    head.message = at;
    head.body = at;
    head.nameStart = 0;
    head.nameEnd = 0;
    head.blockStart = 0;
    head.blockEnd = 0;
    return true;
  }
}
