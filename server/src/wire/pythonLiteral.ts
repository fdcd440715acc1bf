/**
 * Python's literals as data, as `repr` writes them (https://docs.python.org/3/reference/lexical_analysis.html#literals); nothing is
 * evaluated. And back: values as Python's `repr` and `str` show them. Pure.
 *
 * None → null; int → number, or bigint beyond 2^53; float → Float; str → string; bytes → Buffer; list → array; tuple → Tuple; dict → Map;
 * set → Set. What is no literal (`Decimal('1')`, `<object at 0x…>`) stays its text, an Unparsed.
 */

import type { ValueStyle } from '../record/percentFormat.ts';
import { escapeCode, represent } from '../record/pythonText.ts';
import { Float, PickledGlobal, PickledObject, Tuple } from './pickle.ts';
import { WireError } from './wireRecord.ts';

/** The `repr` of an object. */
export class Unparsed {
  constructor(readonly text: string) {}
}

const MAX_DEPTH = 64;

/** The value of a literal that is the whole text. Throws a WireError. */
export function parsePythonLiteral(text: string): unknown {
  const parser = new Parser(text);
  const value = parser.value(0, '');
  parser.end();
  return value;
}

const NAMED = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
  ['inf', new Float(Number.POSITIVE_INFINITY)],
  ['-inf', new Float(Number.NEGATIVE_INFINITY)],
  ['nan', new Float(Number.NaN)],
  ['set()', new Set()],
]);

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param stops what ends an object's text here, besides the end */
  value(depth: number, stops: string): unknown {
    if (depth > MAX_DEPTH) throw new WireError('nested too deeply');
    this.#blanks();
    const start = this.#at;
    const first = this.#text[start];
    if (first === '(') return new Tuple(this.#items(depth, ')'));
    if (first === '[') return this.#items(depth, ']');
    if (first === '{') return this.#braces(depth);
    const string = /[bBuUrR]{0,2}(['"])/y;
    string.lastIndex = start;
    if (string.test(this.#text)) return this.#string();
    return this.#word(stops);
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#text.length) throw new WireError('something behind the value');
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #items(depth: number, closing: string): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === closing) break;
      items.push(this.value(depth + 1, `,${closing}`));
      this.#blanks();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== closing) throw new WireError(`no ${closing}`);
    }
    this.#at++;
    return items;
  }

  #braces(depth: number): Map<unknown, unknown> | Set<unknown> {
    const map = new Map<unknown, unknown>();
    const set = new Set<unknown>();
    this.#at++;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === '}') break;
      const key = this.value(depth + 1, ',:}');
      this.#blanks();
      if (this.#text[this.#at] === ':') {
        this.#at++;
        map.set(key, this.value(depth + 1, ',}'));
        this.#blanks();
      } else set.add(key);
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== '}') throw new WireError('no }');
    }
    this.#at++;
    return set.size > 0 ? set : map;
  }

  #string(): string | Buffer {
    let prefix = '';
    while (!/['"]/.test(this.#text[this.#at] ?? '')) prefix += this.#text[this.#at++];
    prefix = prefix.toLowerCase();
    const inner = this.#quoted();
    if (prefix.includes('r')) return prefix.includes('b') ? Buffer.from(inner, 'latin1') : inner;
    const isBytes = prefix.includes('b');
    const text = inner.replace(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))/gs,
      (whole, x, u, U, octal, other) => {
        if ((u ?? U) !== undefined && isBytes) return whole;
        const code = Number.parseInt(x ?? u ?? U ?? '', 16);
        if (!Number.isNaN(code)) return code > 0x10ffff ? whole : String.fromCodePoint(code);
        return octal === undefined ? (ESCAPES[other] ?? whole) : String.fromCharCode(Number.parseInt(octal, 8));
      },
    );
    return isBytes ? Buffer.from(text, 'latin1') : text;
  }

  /** What is between the quotes, as it stands there. */
  #quoted(): string {
    const quote = this.#text[this.#at];
    const start = ++this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at++;
      else if (character === quote) return this.#text.slice(start, this.#at++);
    }
    throw new WireError('a string that does not end');
  }

  /** A number, a name, or the text of an object up to where the next value begins. */
  #word(stops: string): unknown {
    const start = this.#at;
    const open: string[] = [];
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? '';
      if (open.length === 0 && stops.includes(character)) break;
      if (character === "'" || character === '"') {
        this.#quoted();
        this.#at--;
      } else if ('([{<'.includes(character)) open.push(character);
      else if (open.length > 0 && ')]}>'.includes(character)) open.pop();
    }
    const word = this.#text.slice(start, this.#at).trim();
    if (word === '') throw new WireError('no value');
    if (NAMED.has(word)) return NAMED.get(word);
    return numberOf(word) ?? new Unparsed(word);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

function numberOf(word: string): number | bigint | Float | undefined {
  if (/^[-+]?\d{1,400}L?$/.test(word)) {
    const value = BigInt(word.replace('L', '').replace('+', ''));
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word) ? new Float(Number(word)) : undefined;
}

/** Values as Python shows them, for percentFormat. */
export const pythonStyle: ValueStyle = {
  toText: (value) => (typeof value === 'string' ? value : pythonRepr(value)),
  represent: pythonRepr,
  toNumber: (value) => (value instanceof Float ? value.value : value),
};

/** A value as Python's `repr` shows it; nested too deeply: `...`, and no longer than makes sense for a line. */
export function pythonRepr(value: unknown): string {
  let budget = 100_000;
  const show = (each: unknown, depth: number): string => {
    if (depth > MAX_DEPTH || budget-- < 0) return '...';
    const all = (items: Iterable<unknown>): string => Array.from(items, (item) => show(item, depth + 1)).join(', ');
    if (each === null || each === undefined) return 'None';
    if (each === true || each === false) return each ? 'True' : 'False';
    if (typeof each === 'string') return represent(each);
    if (typeof each === 'number') return Number.isInteger(each) && !Object.is(each, -0) ? String(each) : floatText(each);
    if (each instanceof Float) return floatText(each.value);
    if (each instanceof Unparsed) return each.text;
    if (each instanceof Uint8Array) return bytesText(each);
    if (each instanceof Tuple) return each.items.length === 1 ? `(${all(each.items)},)` : `(${all(each.items)})`;
    if (Array.isArray(each)) return `[${all(each)}]`;
    if (each instanceof Set) return each.size === 0 ? 'set()' : `{${all(each)}}`;
    if (each instanceof Map)
      return `{${Array.from(each, ([key, item]) => `${show(key, depth + 1)}: ${show(item, depth + 1)}`).join(', ')}}`;
    if (each instanceof PickledGlobal) return `<${each.name}>`;
    if (each instanceof PickledObject) return `${each.name}(${all(each.args)})`;
    return String(each);
  };
  return show(value, 0);
}

/** Python's shortest text that reads back as the same float; an exponent below 1e-4 and from 1e16 on. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const [mantissa = '0', power = '0'] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16)
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', [quote]: `\\${quote}` };
  const inner = text.replace(/[\\'"\x00-\x1f\x7f-\xff]/g, (character) => {
    if ((character === "'" || character === '"') && character !== quote) return character;
    return named[character] ?? escapeCode(character.charCodeAt(0));
  });
  return `b${quote}${inner}${quote}`;
}
