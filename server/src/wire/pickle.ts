/**
 * Python's pickles, protocols 0 to 5 (https://docs.python.org/3/library/pickle.html, the opcodes in Lib/pickletools.py), as data: nothing is
 * imported, called or constructed. What would be an object becomes a PickledObject with what the pickle says of it. The work and the memory
 * are bounded by the pickle's length, and by MAX_VALUES. Pure.
 *
 * int → number, or bigint beyond 2^53; float → number; str → string (a lone surrogate stays one); bytes and bytearray → Buffer, a copy;
 * list → array; tuple → Tuple; dict → Map; set and frozenset → Set.
 */

/** What is no pickle, or one that is too much. */
export class PickleError extends Error {
  override name = 'PickleError';
}

export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** A class or function, by name. */
export class PickledGlobal {
  /** @param name `module.qualified_name` */
  constructor(readonly name: string) {}
}

/** An object that was not made. */
export class PickledObject {
  /** What BUILD would have set. */
  state: unknown = undefined;
  /** What was put into it, as into a dict, and as into a list. */
  items: Map<unknown, unknown> | null = null;
  list: unknown[] | null = null;

  /**
   * @param name of what was to be called: `datetime.datetime`
   * @param args what it was to be called with
   */
  constructor(
    readonly name: string,
    readonly args: readonly unknown[],
  ) {}
}

/** A float that writePickle writes as such, though it is a whole number. */
export class Float {
  constructor(readonly value: number) {}
}

/** Values that a pickle may push. */
const MAX_VALUES = 500_000;
/** Of an integer: what is longer is shown as its length, since to convert it costs more than its length. */
const MAX_INTEGER_BYTES = 256;
const MAX_MEMO = 1 << 16;

/** The value of a pickle that takes up [start, end). Throws a PickleError. */
export function readPickle(bytes: Buffer, start = 0, end = bytes.length): unknown {
  reader.begin(bytes, start, end);
  try {
    return reader.read();
  } finally {
    reader.forget();
  }
}

class Reader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #stack: unknown[] = [];
  /** Where the marks are in the stack. */
  #marks: number[] = [];
  #memo: unknown[] = [];
  #memoLength = 0;
  /** What is memoized under numbers that do not follow each other. */
  #sparse: Map<number, unknown> | null = null;
  #values = 0;

  begin(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#values = 0;
    this.#memoLength = 0;
  }

  forget(): void {
    this.#stack.length = 0;
    this.#marks.length = 0;
    this.#sparse = null;
    if (this.#memoLength > 256) this.#memo = [];
  }

  read(): unknown {
    for (;;) {
      const op = this.#byte();
      switch (op) {
        case 0x58: // X BINUNICODE
          this.#push(this.#unicode(this.#u32()));
          break;
        case 0x71: // q BINPUT
          this.#put(this.#byte());
          break;
        case 0x4b: // K BININT1
          this.#push(this.#byte());
          break;
        case 0x4d: // M BININT2
          this.#push(this.#byte() | (this.#byte() << 8));
          break;
        case 0x4a: // J BININT
          this.#push(this.#u32() | 0);
          break;
        case 0x4e: // N NONE
          this.#push(null);
          break;
        case 0x47: // G BINFLOAT
          this.#push(this.#bytes.readDoubleBE(this.#skip(8)));
          break;
        case 0x4c: // L LONG
          this.#push(integer(this.#line().replace(/L$/, '')));
          break;
        case 0x49: // I INT, and booleans
          this.#push(this.#int());
          break;
        case 0x28: // ( MARK
          this.#marks.push(this.#stack.length);
          this.#count();
          break;
        case 0x7d: // } EMPTY_DICT
          this.#push(new Map());
          break;
        case 0x75: // u SETITEMS
          this.#setItems(this.#mark());
          break;
        case 0x73: // s SETITEM
          this.#setItems(this.#stack.length - 2);
          break;
        case 0x2e: // . STOP
          return this.#pop();
        case 0x72: // r LONG_BINPUT
          this.#put(this.#u32());
          break;
        case 0x68: // h BINGET
          this.#get(this.#byte());
          break;
        case 0x6a: // j LONG_BINGET
          this.#get(this.#u32());
          break;
        case 0x5d: // ] EMPTY_LIST
          this.#push([]);
          break;
        case 0x61: // a APPEND
          this.#append(this.#stack.length - 1);
          break;
        case 0x65: // e APPENDS
          this.#append(this.#mark());
          break;
        case 0x29: // ) EMPTY_TUPLE
          this.#push(new Tuple([]));
          break;
        case 0x74: // t TUPLE
          this.#tuple(this.#mark());
          break;
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: // TUPLE3
          this.#tuple(this.#stack.length - (op - 0x84));
          break;
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
          this.#push(op === 0x88);
          break;
        case 0x8c: // SHORT_BINUNICODE
          this.#push(this.#unicode(this.#byte()));
          break;
        case 0x94: // MEMOIZE
          this.#put(this.#memoLength + (this.#sparse?.size ?? 0));
          break;
        case 0x55: // U SHORT_BINSTRING
          this.#push(this.#string(this.#byte()));
          break;
        default:
          this.#rare(op);
      }
    }
  }

  #rare(op: number): void {
    switch (op) {
      case 0x80: // PROTO
        if (this.#byte() > 5) throw new PickleError('a protocol above 5');
        break;
      case 0x95: // FRAME
        if (this.#u64() > this.#end - this.#at) throw new PickleError('a frame that is too long');
        break;
      case 0x30: // 0 POP
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
        else this.#pop();
        break;
      case 0x31: // 1 POP_MARK
        this.#stack.length = this.#mark();
        break;
      case 0x32: // 2 DUP
        this.#push(this.#top());
        break;
      case 0x46: // F FLOAT
        this.#push(float(this.#line()));
        break;
      case 0x53: // S STRING
        this.#push(this.#quoted());
        break;
      case 0x54: // T BINSTRING
        this.#push(this.#string(this.#u32()));
        break;
      case 0x56: // V UNICODE
        this.#push(rawUnicode(this.#lineBytes()));
        break;
      case 0x8d: // BINUNICODE8
        this.#push(this.#unicode(this.#u64()));
        break;
      case 0x42: // B BINBYTES
        this.#push(this.#copy(this.#u32()));
        break;
      case 0x43: // C SHORT_BINBYTES
        this.#push(this.#copy(this.#byte()));
        break;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.#push(this.#copy(this.#u64()));
        break;
      case 0x8a: // LONG1
        this.#push(this.#long(this.#byte()));
        break;
      case 0x8b: // LONG4
        this.#push(this.#long(this.#u32()));
        break;
      case 0x6c: // l LIST
        this.#push(this.#stack.splice(this.#mark()));
        break;
      case 0x64: {
        // d DICT
        const from = this.#mark();
        const items = this.#stack.splice(from);
        const dict = new Map();
        fill(dict, items, 0);
        this.#push(dict);
        break;
      }
      case 0x70: // p PUT
        this.#put(this.#number(this.#line()));
        break;
      case 0x67: // g GET
        this.#get(this.#number(this.#line()));
        break;
      case 0x8f: // EMPTY_SET
        this.#push(new Set());
        break;
      case 0x90: {
        // ADDITEMS
        const from = this.#mark();
        const set = this.#stack[from - 1];
        const items = this.#stack.splice(from);
        if (set instanceof Set) for (const item of items) set.add(item);
        else if (set instanceof PickledObject) set.list = [...(set.list ?? []), ...items];
        else throw new PickleError('no set');
        break;
      }
      case 0x91: // FROZENSET
        this.#push(new Set(this.#stack.splice(this.#mark())));
        break;
      case 0x63: // c GLOBAL
        this.#push(new PickledGlobal(`${this.#line()}.${this.#line()}`));
        break;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw new PickleError('a global without a name');
        this.#push(new PickledGlobal(`${module}.${name}`));
        break;
      }
      case 0x52: // R REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.#pop();
        this.#push(object(this.#pop(), args instanceof Tuple ? args.items : [args]));
        break;
      }
      case 0x92: {
        // NEWOBJ_EX
        const named = this.#pop();
        const args = this.#pop();
        const positional = args instanceof Tuple ? args.items : [args];
        this.#push(object(this.#pop(), named instanceof Map && named.size === 0 ? positional : [...positional, named]));
        break;
      }
      case 0x69: {
        // i INST
        const name = `${this.#line()}.${this.#line()}`;
        this.#push(new PickledObject(name, this.#stack.splice(this.#mark())));
        break;
      }
      case 0x6f: {
        // o OBJ
        const [what, ...args] = this.#stack.splice(this.#mark());
        this.#push(object(what, args));
        break;
      }
      case 0x62: {
        // b BUILD
        const state = this.#pop();
        const target = this.#top();
        if (!(target instanceof PickledObject)) throw new PickleError('a state of no object');
        target.state = state;
        break;
      }
      case 0x50: // P PERSID
        this.#push(new PickledObject('persistent id', [this.#line()]));
        break;
      case 0x51: // Q BINPERSID
        this.#push(new PickledObject('persistent id', [this.#pop()]));
        break;
      case 0x82: // EXT1
        this.#push(new PickledGlobal(`extension ${this.#byte()}`));
        break;
      case 0x83: // EXT2
        this.#push(new PickledGlobal(`extension ${this.#byte() | (this.#byte() << 8)}`));
        break;
      case 0x84: // EXT4
        this.#push(new PickledGlobal(`extension ${this.#u32()}`));
        break;
      case 0x97: // NEXT_BUFFER
        this.#push(new PickledObject('buffer', []));
        break;
      case 0x98: // READONLY_BUFFER
        this.#top();
        break;
      default:
        throw new PickleError(`no opcode: ${op}`);
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new PickleError('a pickle that ends too early');
    return this.#bytes[this.#at++] as number;
  }

  /** Where so many bytes begin, which are there. */
  #skip(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw new PickleError('a pickle that ends too early');
    this.#at = at + length;
    return at;
  }

  #u32(): number {
    return this.#bytes.readUInt32LE(this.#skip(4));
  }

  #u64(): number {
    const at = this.#skip(8);
    return this.#bytes.readUInt32LE(at) + this.#bytes.readUInt32LE(at + 4) * 2 ** 32;
  }

  /** Up to the line feed, which is passed. */
  #lineBytes(): Buffer {
    const at = this.#at;
    const lineFeed = this.#bytes.indexOf(0x0a, at);
    if (lineFeed < 0 || lineFeed >= this.#end) throw new PickleError('a pickle that ends too early');
    this.#at = lineFeed + 1;
    return this.#bytes.subarray(at, lineFeed);
  }

  #line(): string {
    return this.#lineBytes().toString();
  }

  #number(text: string): number {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    if (number < 0) throw new PickleError('no number');
    return number;
  }

  #int(): unknown {
    const text = this.#line();
    return text === '01' ? true : text === '00' ? false : integer(text);
  }

  #long(length: number): unknown {
    const at = this.#skip(length);
    if (length === 0) return 0;
    if (length > MAX_INTEGER_BYTES) return new PickledObject('int', [`${length} bytes`]);
    let value = 0n;
    for (let i = at + length - 1; i >= at; i--) value = (value << 8n) | BigInt(this.#bytes[i] as number);
    return narrow(BigInt.asIntN(length * 8, value));
  }

  #unicode(length: number): string {
    const at = this.#skip(length);
    return length <= MAX_KNOWN_BYTES ? knownText(this.#bytes, at, length) : decodeText(this.#bytes, at, at + length);
  }

  /** Python 2's str: bytes, which are text nearly always. */
  #string(length: number): string {
    const at = this.#skip(length);
    return legacyText(this.#bytes.subarray(at, at + length));
  }

  #quoted(): string {
    const text = this.#lineBytes().toString('latin1');
    const quote = text[0];
    if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) throw new PickleError('a string without quotes');
    const inner = text.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/gs, (_, hex, octal, other: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return ESCAPES[other] ?? `\\${other}`;
    });
    return legacyText(Buffer.from(inner, 'latin1'));
  }

  #copy(length: number): Buffer {
    const at = this.#skip(length);
    return Buffer.from(this.#bytes.subarray(at, at + length));
  }

  #count(): void {
    if (++this.#values > MAX_VALUES) throw new PickleError('too many values');
  }

  #push(value: unknown): void {
    if (++this.#values > MAX_VALUES) throw new PickleError('too many values');
    this.#stack.push(value);
  }

  #pop(): unknown {
    this.#top();
    return this.#stack.pop();
  }

  /** What is above the last mark. */
  #top(): unknown {
    const { length } = this.#stack;
    if (length === 0 || (this.#marks.length > 0 && this.#marks[this.#marks.length - 1] === length)) throw new PickleError('an empty stack');
    return this.#stack[length - 1];
  }

  /** Where the values above the last mark begin, which is then gone. */
  #mark(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleError('no mark');
    return mark;
  }

  #put(index: number): void {
    const value = this.#top();
    this.#count();
    if (index < this.#memoLength) this.#memo[index] = value;
    else if (index === this.#memoLength && index < MAX_MEMO) this.#memo[this.#memoLength++] = value;
    else {
      this.#sparse ??= new Map();
      this.#sparse.set(index, value);
    }
  }

  #get(index: number): void {
    if (index < this.#memoLength) this.#push(this.#memo[index]);
    else if (this.#sparse?.has(index)) this.#push(this.#sparse.get(index));
    else throw new PickleError('nothing is memoized there');
  }

  /** The values from `from` on go into the dict below them. */
  #setItems(from: number): void {
    const stack = this.#stack;
    const into = from > 0 && from >= (this.#marks.at(-1) ?? 0) + 1 ? stack[from - 1] : undefined;
    if (into instanceof Map) fill(into, stack, from);
    else if (into instanceof PickledObject) {
      into.items ??= new Map();
      fill(into.items, stack, from);
    } else throw new PickleError('no dict');
    stack.length = from;
  }

  #append(from: number): void {
    const stack = this.#stack;
    const into = from > 0 && from >= (this.#marks.at(-1) ?? 0) + 1 ? stack[from - 1] : undefined;
    let list: unknown[];
    if (Array.isArray(into)) list = into;
    else if (into instanceof PickledObject) {
      into.list ??= [];
      list = into.list;
    } else throw new PickleError('no list');
    for (let i = from; i < stack.length; i++) list.push(stack[i]);
    stack.length = from;
  }

  #tuple(from: number): void {
    if (from < (this.#marks.at(-1) ?? 0)) throw new PickleError('an empty stack');
    this.#push(new Tuple(this.#stack.splice(from)));
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
};

function fill(map: Map<unknown, unknown>, items: readonly unknown[], from: number): void {
  if ((items.length - from) % 2 !== 0) throw new PickleError('a key without a value');
  for (let i = from; i < items.length; i += 2) map.set(items[i], items[i + 1]);
}

function object(what: unknown, args: readonly unknown[]): PickledObject {
  return new PickledObject(what instanceof PickledGlobal || what instanceof PickledObject ? what.name : 'object', args);
}

function integer(text: string): unknown {
  if (!/^\s*[-+]?\d+$/.test(text)) throw new PickleError('no integer');
  if (text.length > 2 * MAX_INTEGER_BYTES) return new PickledObject('int', [`${text.length} digits`]);
  return text.length < 16 ? Number(text) : narrow(BigInt(text.trim()));
}

const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

function float(text: string): number {
  const named = /^([-+]?)(inf|nan)$/i.exec(text);
  if (named) return named[2]?.toLowerCase() === 'nan' ? Number.NaN : named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(text) || Number.isNaN(Number(text))) throw new PickleError('no number');
  return Number(text);
}

/** UTF-8; Python writes a lone surrogate as if it were a character (`surrogatepass`). */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\ufffd\ufffd\ufffd')) return text;
  let whole = '';
  let from = start;
  for (let at = bytes.indexOf(0xed, start); at >= 0 && at + 2 < end; at = bytes.indexOf(0xed, at + 1)) {
    const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
    if (second < 0xa0 || second > 0xbf || (third & 0xc0) !== 0x80) continue;
    whole += bytes.toString('utf8', from, at) + String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    from = at + 3;
  }
  return whole + bytes.toString('utf8', from, end);
}

function legacyText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

/** Protocol 0: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
function rawUnicode(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short, long) => {
    const code = Number.parseInt(short ?? long, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/** Records have the same keys and names again and again: texts that came lately are not decoded anew. */
const MAX_KNOWN_BYTES = 48;
const known: { bytes: Buffer; text: string }[] = [];
const KNOWN_SLOTS = 2048;

export function knownText(bytes: Buffer, at: number, length: number): string {
  let hash = length;
  const end = at + length;
  for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  const slot = (hash ^ (hash >>> 11)) & (KNOWN_SLOTS - 1);
  const candidate = known[slot];
  if (candidate !== undefined && candidate.bytes.length === length) {
    const other = candidate.bytes;
    let i = 0;
    while (i < length && other[i] === bytes[at + i]) i++;
    if (i === length) return candidate.text;
  }
  const text = decodeText(bytes, at, end);
  known[slot] = { bytes: Buffer.from(bytes.subarray(at, end)), text };
  return text;
}

for (let i = 0; i < KNOWN_SLOTS; i++) known.push({ bytes: Buffer.alloc(0), text: '' });

const reader = new Reader();

/** What writePickle writes; a whole number is an int, any other a float. */
export type Picklable =
  | string
  | number
  | bigint
  | boolean
  | null
  | Float
  | Tuple
  | Uint8Array
  | readonly Picklable[]
  | ReadonlyMap<Picklable, Picklable>
  | { readonly [key: string]: Picklable };

/** A pickle of protocol 1, as SocketHandler.makePickle makes it. Throws a RangeError for what is nested too deeply. */
export function writePickle(value: Picklable): Buffer {
  const parts: Buffer[] = [];
  write(value, parts, 0);
  parts.push(STOP);
  return Buffer.concat(parts);
}

const MAX_DEPTH = 500;
const op = (text: string): Buffer => Buffer.from(text, 'latin1');
const [STOP, NONE, TRUE, FALSE, MARK] = [op('.'), op('N'), op('I01\n'), op('I00\n'), op('(')];
const [TUPLE, EMPTY_TUPLE, LIST, APPENDS, DICT, SETITEMS] = [op('t'), op(')'), op(']'), op('e'), op('}'), op('u')];
/** What Python 3 writes for bytes below protocol 3: `_codecs.encode(text, 'latin1')`. */
const [ENCODE, REDUCE] = [op('c_codecs\nencode\n'), op('R')];

function write(value: unknown, parts: Buffer[], depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply for a pickle');
  if (value === null || value === undefined) parts.push(NONE);
  else if (value === true) parts.push(TRUE);
  else if (value === false) parts.push(FALSE);
  else if (typeof value === 'string') writeText(encodeText(value), parts);
  else if (typeof value === 'number') writeNumber(value, parts);
  else if (typeof value === 'bigint') parts.push(op(`L${value}L\n`));
  else if (value instanceof Float) writeFloat(value.value, parts);
  else if (value instanceof Uint8Array) {
    parts.push(ENCODE, MARK);
    writeText(Buffer.from(Buffer.from(value).toString('latin1')), parts);
    writeText(op('latin1'), parts);
    parts.push(TUPLE, REDUCE);
  } else if (value instanceof Tuple) {
    if (value.items.length === 0) parts.push(EMPTY_TUPLE);
    else writeAll(value.items, TUPLE, parts, depth);
  } else if (Array.isArray(value)) {
    parts.push(LIST);
    if (value.length > 0) writeAll(value, APPENDS, parts, depth);
  } else {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    parts.push(DICT);
    if (entries.length > 0) writeAll(entries.flat(1), SETITEMS, parts, depth);
  }
}

function writeAll(values: readonly unknown[], end: Buffer, parts: Buffer[], depth: number): void {
  parts.push(MARK);
  for (const value of values) write(value, parts, depth + 1);
  parts.push(end);
}

function writeNumber(value: number, parts: Buffer[]): void {
  if (!Number.isInteger(value) || Object.is(value, -0)) writeFloat(value, parts);
  else if (value >= 0 && value < 0x100) parts.push(Buffer.from([0x4b, value]));
  else if (value >= 0 && value < 0x10000) parts.push(Buffer.from([0x4d, value & 0xff, value >> 8]));
  else if (value >= -0x80000000 && value <= 0x7fffffff) {
    const bytes = Buffer.from([0x4a, 0, 0, 0, 0]);
    bytes.writeInt32LE(value, 1);
    parts.push(bytes);
  } else if (Number.isSafeInteger(value)) parts.push(op(`L${value}L\n`));
  else writeFloat(value, parts);
}

function writeFloat(value: number, parts: Buffer[]): void {
  const bytes = Buffer.from([0x47, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeDoubleBE(value, 1);
  parts.push(bytes);
}

function writeText(text: Buffer, parts: Buffer[]): void {
  const head = Buffer.from([0x58, 0, 0, 0, 0]);
  head.writeUInt32LE(text.length, 1);
  parts.push(head, text);
}

/** UTF-8, lone surrogates as Python's `surrogatepass` writes them. */
function encodeText(text: string): Buffer {
  if (!/[\ud800-\udfff]/.test(text)) return Buffer.from(text);
  const parts = text.split(/((?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff]))/).map((part, i) => {
    if (i % 2 === 0) return Buffer.from(part);
    const code = part.charCodeAt(0);
    return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
  });
  return Buffer.concat(parts);
}
