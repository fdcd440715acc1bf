/**
 * Access logs of web servers in the Common and Combined Log Format: `host ident user [20/Nov/2026:22:56:00 +0000] "GET / HTTP/1.1" 200 …`
 * (https://httpd.apache.org/docs/current/logs.html#accesslog). The status tells the level; the whole line is the message, since the stamp
 * stands within it.
 */
import { BACKSLASH, BLANK, findByte, fixedNumber, QUOTE } from '../bytes.ts';
import { DateFormat } from '../dateFormat.ts';
import type { FileContext, Head, Layout } from '../head.ts';

const MAX_PREFIX = 1024;
/** A request line may be as long as a server takes it. */
const HEAD_BYTES = 64 * 1024;

export class AccessLayout implements Layout {
  readonly name = 'access';
  readonly headBytes = HEAD_BYTES;
  private readonly stamps: DateFormat;

  constructor(context: FileContext) {
    this.stamps = new DateFormat('%d/%b/%Y:%H:%M:%S %z', context);
  }

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    const { stamps } = this;
    const bracket = findByte(bytes, 0x5b, start, Math.min(end, start + MAX_PREFIX));
    if (bracket <= start || bytes[bracket - 1] !== BLANK || !stamps.read(bytes, bracket + 1, end)) return false;
    let at = stamps.stamp.end;
    if (bytes[at] !== 0x5d || bytes[at + 1] !== BLANK || bytes[at + 2] !== QUOTE || at + 2 >= end) return false;
    at += 3;
    while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    const status = fixedNumber(bytes, at + 2, 3, end);
    head.time = stamps.stamp.time;
    head.offset = stamps.stamp.offset;
    head.level = status >= 500 ? 40 : status >= 400 ? 30 : status >= 100 ? 20 : -1;
    head.message = start;
    head.body = start;
    head.nameStart = 0;
    head.nameEnd = 0;
    head.blockStart = 0;
    head.blockEnd = 0;
    return true;
  }
}
