/**
 * Python's %-formatting (https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting): `%s %05.2f %-10s %(name)r`.
 * Objects without a text of their own are shown as Node's inspect shows them.
 */

import { pad, represent, toAscii, toFloat, toText } from './pythonText.ts';

/** What fills a format: positional values, or one mapping for `%(name)s`. */
export type FormatArguments = readonly unknown[] | Readonly<Record<string, unknown>> | ReadonlyMap<unknown, unknown>;

/** How values are shown: by default as JavaScript's. */
export interface ValueStyle {
  /** For `%s` and `%r`. */
  toText(value: unknown): string;
  represent(value: unknown): string;
  /** For conversions that want a number: what of a value is one. */
  toNumber(value: unknown): unknown;
}

const OWN_STYLE: ValueStyle = { toText, represent, toNumber: (value) => value };

interface Field {
  /** The key in the mapping; null takes the next positional value. */
  key: string | null;
  isLeft: boolean;
  isZero: boolean;
  hasAlternate: boolean;
  /** What stands before positive numbers: `+`, a blank or nothing. */
  plus: string;
  /** `*` takes the next positional value. */
  width: number | '*';
  precision: number | '*' | null;
  type: string;
}

type Part = string | Field;

const FIELD = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-#0 +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?(.)?/gs;
const MAX_CACHED = 1000;
const cache = new Map<string, readonly Part[]>();

/** Fills a format. Throws a TypeError where values and format do not fit, as Python does, and a RangeError for a format that there is not. */
export function percentFormat(format: string, values: FormatArguments, style: ValueStyle = OWN_STYLE): string {
  const parts = parse(format);
  const isList = Array.isArray(values);
  let next = 0;
  const take = (): unknown => {
    if (!isList) return values;
    if (next >= values.length) throw new TypeError('not enough arguments for format string');
    return values[next++];
  };
  let usesMapping = false;
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    if (part.type === 's' && part.key === null && part.width === 0 && part.precision === null) {
      text += style.toText(take());
      continue;
    }
    if (part.key !== null) usesMapping = true;
    const width = part.width === '*' ? toInteger(take(), '*') : part.width;
    const precision = part.precision === '*' ? Math.max(0, toInteger(take(), '*')) : part.precision;
    const value = part.key === null ? take() : lookUp(values, part.key);
    text += write(part, value, width, precision, style);
  }
  if (isList && !usesMapping && next < values.length) throw new TypeError('not all arguments converted during string formatting');
  return text;
}

/** The keys that a format names. */
export function formatKeys(format: string): string[] {
  return parse(format).flatMap((part) => (typeof part === 'string' || part.key === null ? [] : [part.key]));
}

function parse(format: string): readonly Part[] {
  const known = cache.get(format);
  if (known) return known;
  const parts: Part[] = [];
  let literal = '';
  let at = 0;
  for (const match of format.matchAll(FIELD)) {
    const [whole, key, flags = '', width, precision, type] = match;
    literal += format.slice(at, match.index);
    at = match.index + whole.length;
    if (type === undefined) throw new RangeError('incomplete format');
    if (type === '%' && whole === '%%') {
      literal += '%';
      continue;
    }
    if (!'diouxXeEfFgGcrsa'.includes(type)) throw new RangeError(`unsupported format character ${JSON.stringify(type)}`);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({
      key: key ?? null,
      isLeft: flags.includes('-'),
      isZero: flags.includes('0'),
      hasAlternate: flags.includes('#'),
      plus: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
      width: width === '*' ? '*' : Number(width ?? 0),
      precision: precision === '*' ? '*' : precision !== undefined ? Number(precision) : /\.[hlL]?.$/s.test(whole) ? 0 : null,
      type,
    });
  }
  literal += format.slice(at);
  if (literal !== '') parts.push(literal);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(format, parts);
  return parts;
}

function lookUp(values: FormatArguments, key: string): unknown {
  if (Array.isArray(values)) throw new TypeError('format requires a mapping');
  if (values instanceof Map) {
    if (!values.has(key)) throw new TypeError(`the format names ${JSON.stringify(key)}, which is missing`);
    return values.get(key);
  }
  const mapping = values as Readonly<Record<string, unknown>>;
  if (!(key in mapping)) throw new TypeError(`the format names ${JSON.stringify(key)}, which is missing`);
  return mapping[key];
}

function write(field: Field, value: unknown, width: number, precision: number | null, style: ValueStyle): string {
  const isLeft = field.isLeft || width < 0;
  const length = Math.abs(width);
  switch (field.type) {
    case 's':
    case 'r':
    case 'a': {
      const whole =
        field.type === 's' ? style.toText(value) : field.type === 'r' ? style.represent(value) : toAscii(style.represent(value));
      return pad(precision === null ? whole : [...whole].slice(0, precision).join(''), '', length, isLeft, false);
    }
    case 'c':
      return pad(toCharacter(value), '', length, isLeft, false);
    default: {
      const { sign, digits, isNumber } = toDigits(field, style.toNumber(value), precision);
      return pad(digits, sign === '' ? field.plus : sign, length, isLeft, field.isZero && isNumber);
    }
  }
}

function toDigits(field: Field, value: unknown, precision: number | null): { sign: string; digits: string; isNumber: boolean } {
  const { type, hasAlternate } = field;
  if ('diouxX'.includes(type)) {
    const whole = toBigInt(value, type);
    const size = whole < 0n ? -whole : whole;
    const base = type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10;
    let digits = size.toString(base).padStart(precision ?? 0, '0');
    if (hasAlternate && base !== 10) digits = `0${type}${type === 'X' ? digits.toUpperCase() : digits}`;
    else if (type === 'X') digits = digits.toUpperCase();
    return { sign: whole < 0n ? '-' : '', digits, isNumber: true };
  }
  const number = toNumber(value);
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  const size = Math.abs(number);
  const isUpper = type === type.toUpperCase();
  if (!Number.isFinite(size)) {
    const digits = Number.isNaN(size) ? 'nan' : 'inf';
    return { sign: Number.isNaN(size) ? '' : sign, digits: isUpper ? digits.toUpperCase() : digits, isNumber: false };
  }
  const digits = toFloat(type.toLowerCase(), size, precision ?? 6, hasAlternate);
  return { sign, digits: isUpper ? digits.toUpperCase() : digits, isNumber: true };
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw new TypeError(`a number is required, not ${typeof value}`);
}

function toBigInt(value: unknown, type: string): bigint {
  if (typeof value === 'bigint') return value;
  const isHex = type === 'o' || type === 'x' || type === 'X';
  if (typeof value === 'boolean' || (typeof value === 'number' && (Number.isInteger(value) || (!isHex && Number.isFinite(value))))) {
    return BigInt(Math.trunc(Number(value)));
  }
  throw new TypeError(
    `%${type} format: a${isHex ? 'n integer' : ' number'} is required, not ${typeof value === 'number' ? value : typeof value}`,
  );
}

function toInteger(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new TypeError(`${where} wants a whole number`);
}

function toCharacter(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x10ffff) return String.fromCodePoint(value);
  if (typeof value === 'string' && [...value].length === 1) return value;
  throw new TypeError('%c requires a whole number or one character');
}
