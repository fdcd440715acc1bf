/** Memory that is free again, given back to the system: the C library keeps what many threads have freed, as much as the index takes. */

import { createRequire } from 'node:module';

let trim: (() => void) | undefined;

/**
 * To be called after much was read. Takes some ms of another thread's time; does nothing where the C library has no malloc_trim(3), which
 * only glibc has.
 */
export function returnMemory(): void {
  trim ??= load();
  trim();
}

function load(): () => void {
  if (process.platform !== 'linux') return () => undefined;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const mallocTrim = koffi.load(null).func('int malloc_trim(size_t pad)');
    return () => mallocTrim.async(0, () => undefined);
  } catch {
    return () => undefined;
  }
}
