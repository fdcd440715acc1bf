/** Looking at bytes, for readers of lines. */

export const BLANK = 0x20;
export const TAB = 0x09;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;

export const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** A digit or a letter of ASCII. */
export const isAlphanumeric = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

/** True where `literal` stands at `at`, within `end`. */
export function literalAt(bytes: Uint8Array, at: number, end: number, literal: Uint8Array): boolean {
  if (at + literal.length > end) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

/** The number that exactly `length` digits at `at` make; -1 where there is anything else. */
export function fixedNumber(bytes: Uint8Array, at: number, length: number, end: number): number {
  if (at + length > end) return -1;
  let value = 0;
  for (let i = at; i < at + length; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The byte after the digits that begin at `at`. */
export function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i])) i++;
  return i;
}

/** The byte after the blanks that begin at `at`. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] === BLANK) i++;
  return i;
}

/** Where `byte` stands in [from, end); -1 where it does not. */
export function findByte(bytes: Uint8Array, byte: number, from: number, end: number): number {
  for (let i = from; i < end; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** µs that the digits [from, to) stand for behind a second's point. */
export function fractionMicros(bytes: Uint8Array, from: number, to: number): number {
  let micros = 0;
  let unit = 100_000;
  for (let i = from; i < to && unit >= 1; i++) {
    micros += ((bytes[i] ?? 0) - 0x30) * unit;
    unit /= 10;
  }
  return micros;
}

/** UTF-8, invalid bytes as U+FFFD. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end);
}

/** The lines in bytes, without their line ends. */
export function* linesIn(bytes: Uint8Array): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < bytes.length; ) {
    const lf = bytes.indexOf(0x0a, start);
    const end = lf === -1 ? bytes.length : lf;
    yield [start, end];
    start = end + 1;
  }
}
