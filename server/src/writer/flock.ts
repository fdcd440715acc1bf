/**
 * flock(2), called in the system's C library through koffi: Node has no call for it. It excludes the programs of other languages that use
 * flock on the same file (Python's concurrent-log-handler does), in other processes and in other threads alike, and the system takes it
 * back when its holder dies.
 */

import { createRequire } from 'node:module';
import { constants } from 'node:os';

export interface Flock {
  /** Takes the exclusive lock without waiting; false where another holds it. Throws the system's error (ENOLCK, EBADF …). */
  tryLock(fd: number): boolean;
  /** Gives it back. */
  unlock(fd: number): void;
}

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

let loaded: Flock | null | undefined;

/** Null where koffi cannot be loaded on this machine, or the system has no flock (Windows). Looks once. */
export function loadFlock(): Flock | null {
  if (loaded === undefined) loaded = process.platform === 'win32' ? null : load();
  return loaded;
}

function load(): Flock | null {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const flock = koffi.load(null).func('int flock(int fd, int operation)') as unknown as (fd: number, operation: number) => number;
    const { EAGAIN, EWOULDBLOCK, EINTR } = constants.errno;
    const call = (fd: number, operation: number): boolean => {
      for (;;) {
        if (flock(fd, operation) === 0) return true;
        const errno = koffi.errno();
        if (errno === EAGAIN || errno === EWOULDBLOCK) return false;
        if (errno !== EINTR) throw systemError(errno);
      }
    };
    return {
      tryLock: (fd) => call(fd, LOCK_EX | LOCK_NB),
      unlock: (fd) => {
        call(fd, LOCK_UN);
      },
    };
  } catch {
    return null;
  }
}

function systemError(errno: number): Error {
  // Node's own names leave out those of network drives (ENOLCK, ESTALE).
  const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${code}: flock`), { code, errno: -errno, syscall: 'flock' });
}

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
