/**
 * Zlib that can stop between the blocks of deflate and tells at which bit (inflate with Z_BLOCK; Node's own binding does not): the
 * WebAssembly of the package zlib-streams, of which only the exported functions are used.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { WINDOW } from './checkpoint.ts';

// Neither es2023 nor Node's types declare it.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object): Promise<{ exports: Record<string, unknown> }>;
};

const Z_NO_FLUSH = 0;
const Z_STREAM_END = 1;
const Z_BLOCK = 5;
const Z_BUF_ERROR = -5;
/** Offset of z_stream.data_type, of 32 bits, which says where inflate has stopped. */
const DATA_TYPE = 44;
/** In data_type: the bits that are left of the last byte, in the last block, between two blocks. */
const [BITS, LAST_BLOCK, BETWEEN_BLOCKS] = [7, 64, 128];

/** Bytes of input and of output of one call: about a millisecond. */
export const INPUT = 32 * 1024;
export const OUTPUT = 256 * 1024;
/** All output of the last calls in one piece, so that the window before any place in it can be cut out. */
const HISTORY = 4 * OUTPUT;

interface Zlib {
  memory: { buffer: ArrayBuffer };
  malloc(bytes: number): number;
  inflate_new(): number;
  inflate_init_raw(stream: number): number;
  /** Gives zlib's result in the high 8 bits, the bytes of output in the others. */
  inflate_process(stream: number, input: number, inputBytes: number, output: number, outputBytes: number, flush: number): number;
  inflate_last_consumed(stream: number): number;
  inflate_end(stream: number): number;
}

const names = ['malloc', 'inflate_new', 'inflate_init_raw', 'inflate_process', 'inflate_last_consumed', 'inflate_end'];

function isZlib(exports: Record<string, unknown>): exports is Record<string, unknown> & Zlib {
  return typeof exports.memory === 'object' && names.every((name) => typeof exports[name] === 'function');
}

let compiled: Promise<object> | undefined;

async function compile(): Promise<object> {
  // Beside the bundle; from the package where TypeScript runs as it is.
  const beside = fileURLToPath(new URL('zlib-streams.wasm', import.meta.url));
  const path = existsSync(beside) ? beside : createRequire(import.meta.url).resolve('zlib-streams/zlib-streams.wasm');
  return WebAssembly.compile(await readFile(path));
}

export class InvalidDeflate extends Error {}

export interface Step {
  /** Bytes of input that were used. */
  used: number;
  /** Valid until the next call. */
  output: Buffer;
  /** The member's deflate has ended. */
  ended: boolean;
  /** It stands between two blocks: so many bits of the last byte that was used are left. Only where it was asked for. */
  bits: number | undefined;
}

/** Inflates raw deflate; one after the other. */
export class BlockInflater {
  private stream = 0;
  private readonly input: number;
  private readonly output: number;
  private at = 0;
  /** Bytes of output since the beginning. */
  private produced = 0;

  /** An instance has memory of its own, so that all of it goes when this goes. */
  static async create(): Promise<BlockInflater> {
    compiled ??= compile();
    const { exports } = await WebAssembly.instantiate(await compiled);
    if (!isZlib(exports)) throw new Error('zlib-streams.wasm has not the functions that are expected');
    return new BlockInflater(exports);
  }

  private constructor(private readonly zlib: Zlib) {
    this.input = zlib.malloc(INPUT);
    this.output = zlib.malloc(HISTORY);
    if (this.input === 0 || this.output === 0) throw new Error('zlib-streams.wasm has no memory');
  }

  /** Before each member. */
  begin(): void {
    if (this.stream !== 0) this.zlib.inflate_end(this.stream);
    this.stream = this.zlib.inflate_new();
    if (this.stream === 0 || this.zlib.inflate_init_raw(this.stream) !== 0) throw new Error('zlib-streams.wasm has no memory');
    this.produced = 0;
  }

  /**
   * @param bytes of input, up to INPUT
   * @param stopBetweenBlocks end at the next place between two blocks
   * @param most bytes of output; OUTPUT, if it is more
   * @throws InvalidDeflate where the input is none
   */
  step(bytes: Uint8Array, stopBetweenBlocks: boolean, most = OUTPUT): Step {
    const { zlib } = this;
    if (this.at + OUTPUT > HISTORY) {
      this.heap().copyWithin(this.output, this.output + this.at - WINDOW, this.output + this.at);
      this.at = WINDOW;
    }
    this.heap().set(bytes, this.input);
    const out = this.output + this.at;
    const result = zlib.inflate_process(
      this.stream,
      this.input,
      bytes.length,
      out,
      Math.min(most, OUTPUT),
      stopBetweenBlocks ? Z_BLOCK : Z_NO_FLUSH,
    );
    const code = result >> 24;
    if (code < 0 && code !== Z_BUF_ERROR) throw new InvalidDeflate(`zlib error ${code}`);
    const length = result & 0xffffff;
    this.at += length;
    this.produced += length;
    const type = new DataView(zlib.memory.buffer).getInt32(this.stream + DATA_TYPE, true);
    const between = stopBetweenBlocks && (type & BETWEEN_BLOCKS) !== 0 && (type & LAST_BLOCK) === 0;
    return {
      used: zlib.inflate_last_consumed(this.stream),
      output: Buffer.from(zlib.memory.buffer, out, length),
      ended: code === Z_STREAM_END,
      bits: between ? type & BITS : undefined,
    };
  }

  /** A copy of the member's last bytes, WINDOW at most. */
  window(): Buffer {
    const end = this.output + this.at;
    return Buffer.from(this.heap().subarray(end - Math.min(WINDOW, this.produced), end));
  }

  private heap(): Uint8Array {
    return new Uint8Array(this.zlib.memory.buffer);
  }
}
