/** A bit for each of many, eight in a byte, the first one lowest. */

export const has = (bits: Uint8Array, at: number): boolean => ((bits[at >>> 3] as number) & (1 << (at & 7))) !== 0;

/** Of four bytes, the first one lowest, the lowest bit of each: the product has them side by side at its upper end. */
export const lowestBits = (word: number): number => Math.imul(word & 0x01010101, 0x10204080) >>> 28;

/** So many bits, all set. */
export function firstBits(count: number): Uint8Array {
  const bits = new Uint8Array((count + 7) >>> 3);
  fillBits(bits, 0, count, true);
  return bits;
}

/** Calls `each` with the places of those of the first bits that are set, in order. */
export function eachBit(bits: Uint8Array, count: number, each: (at: number) => void): void {
  const bytes = Math.min(bits.length, (count + 7) >>> 3);
  for (let byte = 0; byte < bytes; byte++) {
    for (let rest = bits[byte] as number; rest !== 0; rest &= rest - 1) {
      const at = byte * 8 + 31 - Math.clz32(rest & -rest);
      if (at < count) each(at);
    }
  }
}

/** By the bits of a byte. */
const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** How many of the first bits are set, and which is the last one. */
export function countBits(bits: Uint8Array, count: number): { count: number; last: number } {
  const bytes = Math.min(bits.length, (count + 7) >>> 3);
  const beyond = Math.max(0, bytes * 8 - count);
  const byteAt = (at: number): number => (bits[at] as number) & (at === bytes - 1 ? 0xff >>> beyond : 0xff);
  let set = 0;
  let last = -1;
  for (let at = 0; at < bytes; at++) {
    const byte = byteAt(at);
    set += ones[byte] as number;
    if (byte !== 0) last = at;
  }
  return { count: set, last: last === -1 ? -1 : last * 8 + 31 - Math.clz32(byteAt(last)) };
}

/** Whether the first bits are all set. */
export function areAllSet(bits: Uint8Array, count: number): boolean {
  const whole = count >>> 3;
  if (bits.length < (count + 7) >>> 3) return false;
  for (let byte = 0; byte < whole; byte++) if (bits[byte] !== 0xff) return false;
  const rest = (1 << (count & 7)) - 1;
  return rest === 0 || ((bits[whole] as number) & rest) === rest;
}

/** Sets the bits [from, to), or clears them; there has to be room. */
export function fillBits(bits: Uint8Array, from: number, to: number, on: boolean): void {
  const set = (at: number): void => {
    const bit = 1 << (at & 7);
    bits[at >>> 3] = on ? (bits[at >>> 3] as number) | bit : (bits[at >>> 3] as number) & ~bit;
  };
  let at = from;
  for (; at < to && (at & 7) !== 0; at++) set(at);
  const whole = to & ~7;
  if (at < whole) {
    bits.fill(on ? 0xff : 0, at >>> 3, whole >>> 3);
    at = whole;
  }
  for (; at < to; at++) set(at);
}
