/**
 * The places at which a text stands in bytes, found many at once: by WebAssembly (server/wasm/places.ts). A call of Buffer.indexOf for each
 * costs more than what it finds.
 */
import type { Value, WasmExports } from '../index/wasm.ts';
import { onDemand } from '../index/wasm.ts';
import { PLACES_WASM } from './placesWasm.ts';

/** What server/wasm/places.ts exports. */
interface Functions {
  find(length: number, from: number, to: number): number;
}

/** The first place at or after one, -1 where there is none; asked for in ascending order. */
export type NextPlace = (from: number) => number;

const CASE = 0x20;
const isLetter = (byte: number): boolean => (byte | CASE) >= 0x61 && (byte | CASE) <= 0x7a;

class Finder {
  private readonly text: Uint8Array;
  private readonly folds: Uint8Array;
  private readonly input: Uint8Array;
  private readonly places: Int32Array;
  private readonly end: Value;

  constructor(private readonly wasm: WasmExports<Functions>) {
    const { buffer } = wasm;
    this.text = new Uint8Array(buffer, wasm.constant('TEXT'), wasm.constant('TEXT_BYTES'));
    this.folds = new Uint8Array(buffer, wasm.constant('FOLDS'), wasm.constant('TEXT_BYTES'));
    this.input = new Uint8Array(buffer, wasm.constant('INPUT'), wasm.constant('INPUT_BYTES'));
    this.places = new Int32Array(buffer, wasm.constant('PLACES'), wasm.constant('MOST'));
    this.end = wasm.global('end');
  }

  /** Longer texts are not looked for. */
  get mostBytes(): number {
    return this.text.length;
  }

  /** In as much of a span as is looked at together, from `start` on; the places, and where to go on. */
  find(span: Uint8Array, start: number, { text, folds }: Text): { places: Int32Array; next: number } {
    this.text.set(text);
    this.folds.set(folds);
    const end = Math.min(span.length, start + this.input.length);
    this.input.set(span.subarray(start, end));
    const count = this.wasm.functions.find(text.length, 0, end - start);
    const looked = start + this.end.value;
    // What begins before the end of what was looked at, and ends behind it.
    const next = looked === end && end < span.length ? end - text.length + 1 : looked;
    return { places: this.places.slice(0, count), next };
  }
}

interface Text {
  text: Uint8Array;
  /** Bits that do not count, and are set in the text. */
  folds: Uint8Array;
}

const finder = onDemand<Functions, Finder>(PLACES_WASM, (wasm) => new Finder(wasm));

/**
 * Finds a text in spans.
 * @param text one byte or more
 * @param ignoreCase of ASCII's letters
 * @returns undefined where it has to be found in another way
 */
export function placesOf(text: Uint8Array, ignoreCase: boolean): ((span: Uint8Array) => NextPlace) | undefined {
  const found = finder();
  if (found === undefined || text.length > found.mostBytes) return undefined;
  const folds = text.map((byte) => (ignoreCase && isLetter(byte) ? CASE : 0));
  const wanted = { folds, text: text.map((byte, i) => byte | (folds[i] ?? 0)) };
  return (span) => {
    let places: Int32Array = new Int32Array(0);
    let base = 0;
    let at = 0;
    let next = 0;
    return (from) => {
      for (;;) {
        for (; at < places.length; at++) {
          const place = base + (places[at] as number);
          if (place >= from) return place;
        }
        base = Math.max(next, from);
        if (base + text.length > span.length) return -1;
        ({ places, next } = found.find(span, base, wanted));
        at = 0;
      }
    };
  };
}
