import type { Micros } from '../protocol.ts';

/**
 * The time now. The system's clock is read in ms; the µs within one come from the monotonic clock, anchored anew whenever the two are no
 * longer in the same ms, so that steps and drift of the system's clock are followed.
 */
export function nowMicros(): Micros {
  const wall = Date.now() * 1000;
  const monotonic = performance.now() * 1000;
  const behind = wall - (anchor + monotonic);
  if (behind > 0) anchor += behind;
  else if (behind <= -1000) anchor += behind + 999;
  return Math.floor(anchor + monotonic);
}

/** A clock that was set back by more than this is believed: entries would get no time of their own until it has caught up, µs. */
const SET_BACK = 1_000_000;

/** The time now for what comes after something with the time `last`: later, whatever the clock does, unless it was set back. */
export function nowAfter(last: Micros): Micros {
  const now = nowMicros();
  return now > last || last - now > SET_BACK ? now : last + 1;
}

/** What the monotonic clock's zero is in µs since the epoch. */
let anchor = performance.timeOrigin * 1000;
