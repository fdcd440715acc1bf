const SHORTEST_WAIT_MS = 0.05;
const LONGEST_WAIT_MS = 1;
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Repeats `attempt` until it gives true, for at most `limitMs`, and gives its last answer. Between attempts the thread sleeps, 50 µs at
 * first, doubling to 1 ms. A blocking flock would freeze an event loop for as long as a holder stands at a breakpoint.
 */
export function waitFor(attempt: () => boolean, limitMs: number): boolean {
  if (attempt()) return true;
  const deadline = performance.now() + limitMs;
  for (let wait = SHORTEST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    Atomics.wait(never, 0, 0, Math.min(wait, left));
    if (attempt()) return true;
  }
}
