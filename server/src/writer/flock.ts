import { constants } from 'node:os';

/** A lock on an open file, as flock(2) gives it. */
export interface Flock {
  /**
   * Takes the exclusive lock without waiting; false where another holds it. Throws the system's error (ENOLCK, EBADF …). On Windows others
   * cannot even read what is locked: with `isReadable` a part behind every file's end is locked instead.
   */
  tryLock(fd: number, isReadable?: boolean): boolean;
  /** Gives it back. */
  unlock(fd: number, isReadable?: boolean): void;
}

const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** flock(2) of the system's C library. */
export function unixLock(koffi: typeof import('koffi')): Flock {
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
