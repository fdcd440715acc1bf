/**
 * Safelog's own lines, each a record of one line, read many at once: by WebAssembly (server/wasm/ownLines.ts), which looks at 16 bytes at a
 * step. One reader for all scanners of a thread.
 */
import type { HashState } from './bodyHash.ts';
import { OWN_LINES_WASM } from './ownLinesWasm.ts';
import type { Value, WasmExports } from './wasm.ts';
import { onDemand } from './wasm.ts';

/** What server/wasm/ownLines.ts exports. */
interface Functions {
  read(from: number, to: number, master: boolean, lastKey: number): number;
}

/** What was read: the element of a line in each, `count` of them. Valid until more is read. */
export type Lines = Pick<OwnLines, 'count' | 'keys' | 'offsets' | 'hashes' | 'levels' | 'flags' | 'modules'>;

class OwnLines {
  count = 0;
  /** Of all lines, their line ends included. */
  bytes = 0;
  /** µs */
  readonly keys: Float64Array;
  /** How far apart they are: line `i` begins `offsets[i] - offsets[0]` bytes behind the first one. */
  readonly offsets: Int32Array;
  readonly hashes: Uint32Array;
  /** Codes of levels, as in a chunk. */
  readonly levels: Uint8Array;
  /** recordFlags */
  readonly flags: Uint8Array;
  /** As in a chunk; filled by who knows the names. */
  readonly modules: Uint16Array;
  private readonly nameStarts: Int32Array;
  private readonly nameEnds: Int32Array;
  private readonly input: Uint8Array;
  private readonly end: Value;
  private readonly last: { hash: Value; length: Value; rest: Value; restBytes: Value };
  /** Which bytes of the piece are the input. */
  private from = 0;
  private to = 0;

  constructor(private readonly wasm: WasmExports<Functions>) {
    const { buffer } = wasm;
    const most = wasm.constant('MOST');
    this.input = new Uint8Array(buffer, wasm.constant('INPUT'), wasm.constant('INPUT_BYTES'));
    this.keys = new Float64Array(buffer, wasm.constant('KEYS'), most);
    this.offsets = new Int32Array(buffer, wasm.constant('OFFSETS'), most);
    this.hashes = new Uint32Array(buffer, wasm.constant('HASHES'), most);
    this.nameStarts = new Int32Array(buffer, wasm.constant('NAME_STARTS'), most);
    this.nameEnds = new Int32Array(buffer, wasm.constant('NAME_ENDS'), most);
    this.levels = new Uint8Array(buffer, wasm.constant('LEVELS'), most);
    this.flags = new Uint8Array(buffer, wasm.constant('FLAGS'), most);
    this.modules = new Uint16Array(most);
    this.end = wasm.global('end');
    this.last = {
      hash: wasm.global('lastHash'),
      length: wasm.global('lastLength'),
      rest: wasm.global('lastRest'),
      restBytes: wasm.global('lastRestBytes'),
    };
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
      this.count = this.wasm.functions.read(at - from, to - from, master, lastKey);
      // Perhaps only for a line that goes on behind the input.
      if (this.count > 0 || isFresh || to === piece.length) break;
      to = 0;
    }
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

/** The reader of this thread; undefined where there is none: lines can be read one by one, too. */
export const ownLines = onDemand<Functions, OwnLines>(OWN_LINES_WASM, (wasm) => new OwnLines(wasm));
export type { OwnLines };
