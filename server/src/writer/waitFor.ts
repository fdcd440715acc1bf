const SHORTEST_WAIT_MS = 0.05;
const LONGEST_WAIT_MS = 1;
/** A holder that runs meanwhile is done within microseconds: asking again costs less than one more sleep. */
const ATTEMPTS = 8;
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Repeats `attempt` until it gives true, for at most `limitMs` (0: once), and gives its last answer. Between rows of attempts the thread
 * sleeps, 50 µs at first, doubling to 1 ms. A blocking flock would freeze an event loop for as long as a holder stands at a breakpoint.
 */
export function waitFor(attempt: () => boolean, limitMs: number): boolean {
  if (limitMs <= 0) return attempt();
  const deadline = performance.now() + limitMs;
  for (let wait = SHORTEST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    for (let i = 0; i < ATTEMPTS; i++) if (attempt()) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    Atomics.wait(never, 0, 0, Math.min(wait, left));
  }
}
