/** AssemblyScript: the places at which a text stands in bytes, 16 of which are looked at in a step. Either case of ASCII's letters may count. */

/** Bytes of the text at most, and of what it is looked for in. */
export const TEXT_BYTES: i32 = 1 << 10;
export const INPUT_BYTES: i32 = 1 << 18;
/** Places that are told by one call at most. */
export const MOST: i32 = 1 << 13;

// Where all that is in memory begins; there is room for a step, and for the text, behind the input.
export const TEXT: usize = 1 << 16;
/** Bits that do not count in each of the text's bytes, where they are set in it. */
export const FOLDS: usize = TEXT + <usize>TEXT_BYTES;
export const INPUT: usize = FOLDS + <usize>TEXT_BYTES;
export const PLACES: usize = INPUT + <usize>INPUT_BYTES + <usize>TEXT_BYTES + 64;

/** Where to go on. */
export let end: i32 = 0;

function standsAt(at: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if ((load<u64>(at + i) | load<u64>(FOLDS + i)) !== load<u64>(TEXT + i)) return false;
  for (; i < length; i++) if ((load<u8>(at + i) | load<u8>(FOLDS + i)) !== load<u8>(TEXT + i)) return false;
  return true;
}

/**
 * Looks for a text of so many bytes, 1 or more, in the input's bytes [from, to).
 * @returns how many places there are in PLACES (i32); `end` is `to` where these are all
 */
export function find(length: i32, from: i32, to: i32): i32 {
  const bytes = <usize>length;
  const limit = INPUT + <usize>to;
  const first = i8x16.splat(load<u8>(TEXT));
  const firstFold = i8x16.splat(load<u8>(FOLDS));
  const last = i8x16.splat(load<u8>(TEXT + bytes - 1));
  const lastFold = i8x16.splat(load<u8>(FOLDS + bytes - 1));
  let count: usize = 0;
  for (let at = INPUT + <usize>from; at < limit; at += 16) {
    const heads = v128.load(at);
    const tails = v128.load(at + bytes - 1);
    let found = i8x16.bitmask(v128.and(i8x16.eq(v128.or(heads, firstFold), first), i8x16.eq(v128.or(tails, lastFold), last)));
    while (found !== 0) {
      const place = at + <usize>ctz(found);
      found &= found - 1;
      if (place + bytes > limit) break;
      if (!standsAt(place, bytes)) continue;
      store<i32>(PLACES + 4 * count, <i32>(place - INPUT));
      if (++count === <usize>MOST) {
        end = <i32>(place - INPUT) + 1;
        return <i32>count;
      }
    }
  }
  end = to;
  return <i32>count;
}
