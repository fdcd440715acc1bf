/**
 * The system's lock on an open file, called in its own library through koffi: Node has no call for it. On Unix it is flock(2), on Windows
 * LockFileEx. It excludes the programs of other languages that use the same (Python's concurrent-log-handler does), in other processes
 * and in other threads alike, and the system takes it back when its holder dies.
 */

import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { type Flock, windowsLock } from './windowsLock.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

let loaded: Flock | null | undefined;

/** Null where koffi cannot be loaded on this machine. Looks once. */
export function loadFlock(): Flock | null {
  if (loaded === undefined) {
    try {
      const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
      loaded = process.platform === 'win32' ? windowsLock(koffi) : unixLock(koffi);
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

function unixLock(koffi: typeof import('koffi')): Flock {
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
}

function systemError(errno: number): Error {
  // Node's own names leave out those of network drives (ENOLCK, ESTALE).
  const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${code}: flock`), { code, errno: -errno, syscall: 'flock' });
}
