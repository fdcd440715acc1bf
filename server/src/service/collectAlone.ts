import { setFlagsFromString } from 'node:v8';

/**
 * From now on a scavenge of this process's young objects takes one thread. The service makes many that die at once, so that a scavenge has
 * little to do; V8 would wait in each for helper threads, which on a busy machine wait for a processor themselves while every client waits
 * (acknowledged p99 at half load: about two thirds, processor: nine tenths).
 */
export function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}
