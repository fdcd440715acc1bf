/**
 * Safelog's own lines, each a record of one line, read many at once: by WebAssembly (server/wasm/ownLines.ts), which looks at 16 bytes at a
 * step. One reader for all scanners of a thread.
 */
import type { HashState } from './bodyHash.ts';
import { OWN_LINES_WASM } from './ownLinesWasm.ts';

// Neither es2023 nor Node's types declare it.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Record<string, unknown> };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  read(from: number, to: number, master: boolean, lastKey: number): number;
}

interface Value {
  readonly value: number;
}

/** What was read: the element of a line in each, `count` of them. Valid until more is read. */
export interface Lines {
  count: number;
  /** Bytes of all, their line ends included. */
  bytes: number;
  /** Where the first one begins in the piece that was given. */
  start: number;
  /** µs */
  readonly keys: Float64Array;
  /** Counted from that beginning: `offsets[i] - offsets[0]`. */
  readonly offsets: Int32Array;
  readonly hashes: Uint32Array;
  /** Codes of levels, as in a chunk. */
  readonly levels: Uint8Array;
  /** recordFlags */
  readonly flags: Uint8Array;
  /** As in a chunk. */
  readonly modules: Uint16Array;
}

export class OwnLines implements Lines {
  count = 0;
  bytes = 0;
  start = 0;
  readonly keys: Float64Array;
  readonly offsets: Int32Array;
  readonly hashes: Uint32Array;
  readonly levels: Uint8Array;
  readonly flags: Uint8Array;
  readonly modules: Uint16Array;
  private readonly nameStarts: Int32Array;
  private readonly nameEnds: Int32Array;
  private readonly input: Uint8Array;
  private readonly end: Value;
  private readonly last: { hash: Value; length: Value; rest: Value; restBytes: Value };
  /** Which bytes of the piece are the input. */
  private from = 0;
  private to = 0;

  private constructor(
    private readonly wasm: Exports,
    values: Record<string, unknown>,
  ) {
    const exported = (name: string): Value => values[name] as Value;
    const numberOf = (name: string): number => exported(name).value;
    const { buffer } = wasm.memory;
    const most = numberOf('MOST');
    this.input = new Uint8Array(buffer, numberOf('INPUT'), numberOf('INPUT_BYTES'));
    this.keys = new Float64Array(buffer, numberOf('KEYS'), most);
    this.offsets = new Int32Array(buffer, numberOf('OFFSETS'), most);
    this.hashes = new Uint32Array(buffer, numberOf('HASHES'), most);
    this.nameStarts = new Int32Array(buffer, numberOf('NAME_STARTS'), most);
    this.nameEnds = new Int32Array(buffer, numberOf('NAME_ENDS'), most);
    this.levels = new Uint8Array(buffer, numberOf('LEVELS'), most);
    this.flags = new Uint8Array(buffer, numberOf('FLAGS'), most);
    this.modules = new Uint16Array(most);
    this.end = exported('end');
    this.last = {
      hash: exported('lastHash'),
      length: exported('lastLength'),
      rest: exported('lastRest'),
      restBytes: exported('lastRestBytes'),
    };
  }

  /** That of this thread; null where WebAssembly, or its SIMD, cannot be had. */
  private static reader: OwnLines | null | undefined;

  static get shared(): OwnLines | undefined {
    if (OwnLines.reader === undefined) OwnLines.reader = OwnLines.create();
    return OwnLines.reader ?? undefined;
  }

  private static create(): OwnLines | null {
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(OWN_LINES_WASM, 'base64')));
      return new OwnLines(exports as unknown as Exports, exports);
    } catch {
      // One by one they are read, too.
      return null;
    }
  }

  /** Before another piece. */
  begin(): void {
    this.to = 0;
  }

  /**
   * Reads lines of a piece as long as they are such ones and no clock steps back by much.
   * @param at where a line begins
   * @param lastKey µs, whole: the key of the record before
   * @returns how many there are
   */
  read(piece: Uint8Array, at: number, master: boolean, lastKey: number): number {
    let { from, to } = this;
    for (;;) {
      const isFresh = at < from || at >= to;
      if (isFresh) {
        from = at;
        to = Math.min(piece.length, at + this.input.length);
        this.input.set(piece.subarray(from, to));
        this.from = from;
        this.to = to;
      }
      this.count = this.wasm.read(at - from, to - from, master, lastKey);
      // Perhaps only for a line that goes on behind the input.
      if (this.count > 0 || isFresh || to === piece.length) break;
      to = 0;
    }
    this.start = at;
    this.bytes = this.end.value + from - at;
    return this.count;
  }

  /** Where in the piece the name stands that line `i` of a master.log has. */
  nameStart(i: number): number {
    return this.from + (this.nameStarts[i] as number);
  }

  nameEnd(i: number): number {
    return this.from + (this.nameEnds[i] as number);
  }

  /** The hash of the last line's body: others may follow that belong to it. */
  copyHash(into: HashState): void {
    const { hash, length, rest, restBytes } = this.last;
    into.hash = hash.value;
    into.length = length.value;
    into.rest = rest.value;
    into.restBytes = restBytes.value;
  }
}
