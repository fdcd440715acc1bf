/**
 * Python's str.format (https://docs.python.org/3/library/string.html#format-string-syntax): `{}`, `{0}`, `{name}`, `{0.size}`, `{0[key]}`,
 * `{!r}`, `{:>8,.2f}`, `{:{width}}`. Named fields are those of the last value, where that is an object.
 */

import { pad, represent, toAscii, toFloat, toText } from './pythonText.ts';

/** Fills a format. Throws a RangeError for a format that there is not, or a value that is missing, and a TypeError for one that does not fit. */
export function braceFormat(format: string, values: readonly unknown[]): string {
  return new Filling(values).fill(format, 2);
}

/** One `{name!conversion:spec}`. */
export interface BraceField {
  /** With what follows it: `0.size`, `user[name]`; empty in `{}`. */
  name: string;
  conversion: string | undefined;
  /** May hold fields of its own. */
  spec: string;
}

/** The fields of a format, without those in specifications. Throws a RangeError for a format that there is not. */
export function braceFields(format: string): BraceField[] {
  return [...partsOf(format)].filter((part) => typeof part !== 'string');
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

class Filling {
  readonly #values: readonly unknown[];
  /** The number of the next `{}`; -1 when the format counts for itself. */
  #next = 0;

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  /** `depth`: fields may stand in the specification of a field, not in that of those. */
  fill(format: string, depth: number): string {
    let text = '';
    for (const part of partsOf(format)) {
      if (typeof part !== 'string' && depth === 0) throw new RangeError('fields are nested too deeply in format');
      text += typeof part === 'string' ? part : this.#field(part, depth);
    }
    return text;
  }

  #field({ name, conversion, spec }: BraceField, depth: number): string {
    const value = this.#value(name);
    const inner = this.fill(spec, depth - 1);
    if (conversion === undefined) return formatValue(value, inner);
    if (conversion === 's') return formatValue(toText(value), inner);
    if (conversion === 'r') return formatValue(represent(value), inner);
    if (conversion === 'a') return formatValue(toAscii(represent(value)), inner);
    throw new RangeError(`unknown conversion !${conversion} in format`);
  }

  #value(name: string): unknown {
    const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(name) ?? [];
    let value = this.#first(first);
    for (let at = 0; at < rest.length; ) {
      const step = /^(?:\.([^.[\]]+)|\[([^\]]+)\])/.exec(rest.slice(at));
      if (!step) throw new RangeError(`the field {${name}} is none`);
      value = property(value, step[1] ?? step[2] ?? '');
      at += step[0].length;
    }
    return value;
  }

  #first(name: string): unknown {
    if (name !== '' && !/^\d+$/.test(name)) return property(this.#values.at(-1), name);
    if ((name === '' && this.#next < 0) || (name !== '' && this.#next > 0)) {
      throw new RangeError('numbered and unnumbered fields are mixed in format');
    }
    const index = name === '' ? this.#next++ : Number(name);
    if (name !== '') this.#next = -1;
    if (index >= this.#values.length) throw new RangeError(`there is no value ${index} for the format`);
    return this.#values[index];
  }
}

/** Texts and fields, as they follow each other. */
function* partsOf(format: string): Generator<string | BraceField> {
  for (let at = 0; at < format.length; ) {
    const brace = nextBrace(format, at);
    if (brace < 0) {
      yield format.slice(at);
      return;
    }
    if (brace > at) yield format.slice(at, brace);
    if (format[brace] === format[brace + 1]) {
      yield format.slice(brace, brace + 1);
      at = brace + 2;
      continue;
    }
    if (format[brace] === '}') throw new RangeError("single '}' in format");
    const end = closing(format, brace);
    const field = format.slice(brace + 1, end);
    const parts = /^((?:\[[^\]]*\]|[^!:[])*)(?:!(.))?(?::(.*))?$/su.exec(field);
    if (!parts) throw new RangeError(`the field {${field}} is none`);
    yield { name: parts[1] ?? '', conversion: parts[2], spec: parts[3] ?? '' };
    at = end + 1;
  }
}

function nextBrace(format: string, from: number): number {
  for (let at = from; at < format.length; at++) if (format[at] === '{' || format[at] === '}') return at;
  return -1;
}

function closing(format: string, open: number): number {
  let depth = 0;
  for (let at = open; at < format.length; at++) {
    if (format[at] === '{') depth++;
    else if (format[at] === '}' && --depth === 0) return at;
  }
  throw new RangeError("single '{' in format");
}

function property(value: unknown, key: string): unknown {
  const holder: unknown = typeof value === 'string' ? Object(value) : value;
  if (holder instanceof Map && holder.has(key)) return holder.get(key);
  if (typeof holder === 'object' && holder !== null && key in holder) return (holder as Record<string, unknown>)[key];
  throw new RangeError(`the format names ${JSON.stringify(key)}, which is missing`);
}

function formatValue(value: unknown, spec: string): string {
  if (spec === '') return toText(value);
  const parts = SPEC.exec(spec);
  if (!parts) throw new RangeError(`the format specification ${JSON.stringify(spec)} is none`);
  const [, fill, align, sign = '-', , alternate, zero, widthText, grouping = '', precisionText, type] = parts;
  const width = Number(widthText ?? 0);
  const precision = precisionText === undefined ? null : Number(precisionText);
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'boolean' && type !== 's' && type !== undefined);
  if (!isNumber) {
    if ((type !== undefined && type !== 's') || align === '=' || grouping !== '' || parts[3] !== undefined) {
      throw new TypeError(
        `the format specification ${JSON.stringify(spec)} does not fit ${typeof value === 'string' ? 'a text' : typeof value}`,
      );
    }
    const text = toText(value);
    return aligned(precision === null ? text : [...text].slice(0, precision).join(''), '', fill ?? (zero ? '0' : ' '), align ?? '<', width);
  }
  const { isNegative, digits } = toDigits(value, { type, precision, hasAlternate: alternate !== undefined, grouping, spec });
  const shownSign = isNegative ? '-' : sign === '-' ? '' : sign;
  return aligned(digits, shownSign, fill ?? (zero ? '0' : ' '), align ?? (zero ? '=' : '>'), width);
}

function aligned(text: string, sign: string, fill: string, align: string, width: number): string {
  const length = [...text].length + sign.length;
  const missing = Math.max(0, width - length);
  if (fill === ' ' && align === '>') return pad(sign + text, '', width, false, false);
  if (align === '<') return sign + text + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + sign + text;
  if (align === '=') return sign + fill.repeat(missing) + text;
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + sign + text + fill.repeat(missing - left);
}

interface NumberFormat {
  type: string | undefined;
  precision: number | null;
  hasAlternate: boolean;
  grouping: string;
  spec: string;
}

function toDigits(value: unknown, format: NumberFormat): { isNegative: boolean; digits: string } {
  const { type, precision, hasAlternate, grouping, spec } = format;
  const isWhole = typeof value === 'bigint' || typeof value === 'boolean' || Number.isInteger(value);
  if (type === 'c') return { isNegative: false, digits: String.fromCodePoint(Number(value)) };
  if ((type !== undefined && 'bdoxXn'.includes(type)) || (type === undefined && isWhole && precision === null)) {
    if (isWhole && precision !== null) throw new RangeError('a whole number has no precision in format');
    if (type === 'n' && grouping !== '') throw new RangeError("',' and 'n' do not go together in format");
    if (!isWhole) throw new TypeError(`the format specification ${JSON.stringify(spec)} wants a whole number`);
    const whole = BigInt(value as bigint | number | boolean);
    const base = { b: 2, o: 8, x: 16, X: 16 }[type ?? ''] ?? 10;
    const digits = group((whole < 0n ? -whole : whole).toString(base), grouping, base === 10 ? 3 : 4);
    const prefix = hasAlternate && base !== 10 ? `0${type}` : '';
    return { isNegative: whole < 0n, digits: prefix + (type === 'X' ? digits.toUpperCase() : digits) };
  }
  if (type !== undefined && !'eEfFgG%'.includes(type)) throw new RangeError(`unknown format code ${JSON.stringify(type)}`);
  const number = Number(value) * (type === '%' ? 100 : 1);
  const isNegative = number < 0 || Object.is(number, -0);
  const size = Math.abs(number);
  const tail = type === '%' ? '%' : '';
  const isUpper = type === 'E' || type === 'F' || type === 'G';
  let digits: string;
  if (!Number.isFinite(size)) digits = Number.isNaN(size) ? 'nan' : 'inf';
  else if (type === undefined && precision === null) digits = String(size);
  else digits = toFloat(type === '%' ? 'f' : (type ?? 'g').toLowerCase(), size, precision ?? 6, hasAlternate);
  const [whole = '', rest = ''] = /^(\d*)(.*)$/s.exec(digits)?.slice(1) ?? [];
  digits = group(whole, grouping, 3) + rest;
  return { isNegative: isNegative && !Number.isNaN(size), digits: (isUpper ? digits.toUpperCase() : digits) + tail };
}

function group(digits: string, separator: string, size: number): string {
  if (separator === '') return digits;
  const pattern = size === 3 ? /\B(?=(?:\d{3})+$)/g : /\B(?=(?:[\da-f]{4})+$)/g;
  return digits.replace(pattern, separator);
}
