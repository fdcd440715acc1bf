/** Values as Python's two ways of formatting (`%` and braces) both show them. */

import { inspect } from 'node:util';

/** A value as Python's `%s` and `{}` show it; objects without a text of their own as Node's inspect shows them. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return typeof value === 'symbol' ? value.toString() : String(value);
  // What has a text of its own (errors, dates, URLs, classes that define toString) is shown by it.
  const own: unknown = 'toString' in value ? value.toString : undefined;
  const isPlain = own === Object.prototype.toString || own === Array.prototype.toString || typeof own !== 'function';
  return isPlain ? inspect(value, { breakLength: Number.POSITIVE_INFINITY }) : String(value);
}

/** A value as `%r` and `{!r}` show it: texts in Python's quotes. */
export function represent(value: unknown): string {
  if (typeof value !== 'string')
    return typeof value === 'object' ? inspect(value, { breakLength: Number.POSITIVE_INFINITY }) : toText(value);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', [quote]: `\\${quote}` };
  const inner = value.replace(/[\\'"]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === ' ' || ((character === "'" || character === '"') && character !== quote)) return character;
    return named[character] ?? escapeCode(character.codePointAt(0) ?? 0);
  });
  return quote + inner + quote;
}

/** What `%a` and `{!a}` make of such a text: ASCII. */
export function toAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => escapeCode(character.codePointAt(0) ?? 0));
}

/** Python's escape of a code point: `\xe9`, `\u20ac`, `\U0001f600`. */
export function escapeCode(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Python counts characters, not UTF-16 units. */
export function pad(text: string, sign: string, width: number, isLeft: boolean, isZero: boolean): string {
  const missing = width - sign.length - (/[\ud800-\udfff]/.test(text) ? [...text].length : text.length);
  if (missing <= 0) return sign + text;
  if (isLeft) return sign + text + ' '.repeat(missing);
  if (!isZero) return ' '.repeat(missing) + sign + text;
  const prefix = /^0[xXoO]/.exec(text)?.[0] ?? '';
  return sign + prefix + '0'.repeat(missing) + text.slice(prefix.length);
}

/** A finite, positive number as `f`, `e` or `g` (lower case) shows it in C and Python: ties are rounded to the even digit. */
export function toFloat(type: string, size: number, precision: number, hasAlternate: boolean): string {
  if (type === 'f') return fixed(size, precision) + (hasAlternate && precision === 0 ? '.' : '');
  if (type === 'e') return exponential(size, precision, hasAlternate);
  const significant = Math.max(1, precision);
  const exponent = size === 0 ? 0 : Number(exponential(size, significant - 1, false).split('e')[1]);
  const isSmall = exponent >= -4 && exponent < significant;
  const text = isSmall ? fixed(size, significant - 1 - exponent) : exponential(size, significant - 1, false);
  if (hasAlternate) return text.includes('.') ? text : text.replace(/^(\d+)/, '$1.');
  return text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}

/** JavaScript rounds a tie up, C to the even digit: a tie has few bits. Also, toFixed takes no more than 100 digits, and no 1e21. */
function fixed(size: number, precision: number): string {
  if (size < 1e21 && precision <= 100 && !Number.isInteger(size * 2 ** (precision + 1))) return size.toFixed(precision);
  const digits = scale(size, precision)
    .toString()
    .padStart(precision + 1, '0');
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

function exponential(size: number, precision: number, hasAlternate: boolean): string {
  const most = Math.min(precision, 100);
  const [text = '0', power = '0'] = size.toExponential(most).split('e');
  const exponent = Number(power);
  const places = most - exponent;
  let mantissa = text;
  if (size > 0 && (places < 0 || Number.isInteger(size * 2 ** (places + 1)))) {
    const digits = scale(size, places).toString();
    mantissa = most === 0 ? digits.slice(0, 1) : `${digits.slice(0, 1)}.${digits.slice(1, most + 1)}`;
  }
  if (precision > most) mantissa += '0'.repeat(precision - most);
  if (hasAlternate && precision === 0) mantissa += '.';
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A number times a power of ten, as a whole number: exactly, ties to even. */
function scale(size: number, places: number): bigint {
  let numerator = size;
  let divisor = 1n;
  for (; !Number.isInteger(numerator); numerator *= 2) divisor *= 2n;
  const dividend = BigInt(numerator) * 10n ** BigInt(Math.max(places, 0));
  divisor *= 10n ** BigInt(Math.max(-places, 0));
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
