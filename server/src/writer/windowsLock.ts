import type { Flock } from './flock.ts';

/** https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex */
const LOCKFILE_FAIL_IMMEDIATELY = 1;
const LOCKFILE_EXCLUSIVE_LOCK = 2;
const ERROR_NOT_LOCKED = 158;
/** What says that another holds it: ERROR_LOCK_VIOLATION, ERROR_IO_PENDING, or nothing, where the code was lost on the way. */
const BUSY = [33, 997, 0];
/** The whole file, as Python's portalocker locks it; or one byte far behind its end. Low and high half of the number of bytes. */
const WHOLE_FILE = [0, 0xffff0000] as const;
const ONE_BYTE = [1, 0] as const;
const BEHIND_THE_END = 0x40000000;

/** Throws where the functions are not to be had. Libuv, a part of Node, knows which of the system's handles a descriptor stands for. */
export function windowsLock(koffi: typeof import('koffi')): Flock {
  const kernel = koffi.load('kernel32.dll');
  const handleOf = koffi.load(null).func('void *uv_get_osfhandle(int fd)') as unknown as (fd: number) => unknown;
  const lastError = kernel.func('uint32_t __stdcall GetLastError()') as unknown as () => number;
  const lock = kernel.func(
    'int __stdcall LockFileEx(void *file, uint32_t flags, uint32_t reserved, uint32_t low, uint32_t high, void *overlapped)',
  ) as unknown as (file: unknown, flags: number, reserved: number, low: number, high: number, overlapped: Buffer) => number;
  const unlock = kernel.func(
    'int __stdcall UnlockFileEx(void *file, uint32_t reserved, uint32_t low, uint32_t high, void *overlapped)',
  ) as unknown as (file: unknown, reserved: number, low: number, high: number, overlapped: Buffer) => number;

  // OVERLAPPED: two words of the size of a pointer, the offset's low and high half, and an event that is not used.
  const overlapped = (isReadable: boolean): Buffer => {
    const pointerBytes = koffi.sizeof('void *');
    const structure = Buffer.alloc(3 * pointerBytes + 8);
    if (isReadable) structure.writeUInt32LE(BEHIND_THE_END, 2 * pointerBytes + 4);
    return structure;
  };
  const fail = (call: string, code: number): never => {
    throw Object.assign(new Error(`${call}: error ${code} of the system`), { code: `E${call.toUpperCase()}`, errno: code, syscall: call });
  };
  return {
    tryLock: (fd, isReadable = false) => {
      const [low, high] = isReadable ? ONE_BYTE : WHOLE_FILE;
      const flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
      if (lock(handleOf(fd), flags, 0, low, high, overlapped(isReadable)) !== 0) return true;
      const code = lastError();
      return BUSY.includes(code) ? false : fail('LockFileEx', code);
    },
    unlock: (fd, isReadable = false) => {
      const [low, high] = isReadable ? ONE_BYTE : WHOLE_FILE;
      if (unlock(handleOf(fd), 0, low, high, overlapped(isReadable)) !== 0) return;
      const code = lastError();
      if (code !== 0 && code !== ERROR_NOT_LOCKED) fail('UnlockFileEx', code);
    },
  };
}
