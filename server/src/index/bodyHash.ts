/**
 * The hash of a record's text: 32 bits, four bytes a step, the same for the same text whatever pieces it comes in. The steps are those of
 * MurmurHash3 (x86, 32 bits; public domain), each line's last word filled up with zeros, line ends as a word of their own.
 */

const LF_WORD = 0x0a;

export interface HashState {
  /** Of the whole words so far. */
  hash: number;
  /** Bytes, line ends included. */
  length: number;
  /** The up to 3 bytes of the line that fill no word yet, the first one lowest. */
  rest: number;
  restBytes: number;
}

export const newHash = (): HashState => ({ hash: 0, length: 0, rest: 0, restBytes: 0 });

export function clearHash(state: HashState): void {
  state.hash = 0;
  state.length = 0;
  state.rest = 0;
  state.restBytes = 0;
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Bytes [start, end) of a line. `view` is one on the same bytes. */
export function hashBytes(state: HashState, bytes: Uint8Array, view: DataView, start: number, end: number): void {
  let { hash } = state;
  let at = start;
  state.length += end - start;
  if (state.restBytes > 0) {
    while (at < end && state.restBytes < 4) state.rest |= (bytes[at++] as number) << (8 * state.restBytes++);
    if (state.restBytes < 4) return;
    hash = mix(hash, state.rest);
  }
  for (const last = end - 4; at <= last; at += 4) hash = mix(hash, view.getInt32(at, true));
  let rest = 0;
  for (let i = 0; at + i < end; i++) rest |= (bytes[at + i] as number) << (8 * i);
  state.hash = hash;
  state.rest = rest;
  state.restBytes = end - at;
}

/** So many line ends. */
export function hashLineEnds(state: HashState, count: number): void {
  let hash = state.restBytes > 0 ? mix(state.hash, state.rest) : state.hash;
  for (let i = 0; i < count; i++) hash = mix(hash, LF_WORD);
  state.hash = hash;
  state.rest = 0;
  state.restBytes = 0;
  state.length += count;
}

/** The hash of what has come; more may come. */
export function hashSoFar({ hash, length, rest, restBytes }: HashState): number {
  let h = (restBytes > 0 ? mix(hash, rest) : hash) ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
