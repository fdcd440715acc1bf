import type { NameFault } from '../record/treeName.ts';
import type { Ending, Overflow } from './entryReceiver.ts';

/** What a service has done since its start. Every connection is counted in exactly one of the others. */
export interface ServiceCounts {
  connections: number;
  /** Entries that are in their files, and their bytes. */
  written: number;
  writtenBytes: number;
  /** Connections with nothing but white space. */
  blank: number;
  /** Entries whose user or file name could lead out of its place in the tree. */
  refused: Record<NameFault, number>;
  /** Connections that brought no whole entry: not three fields; too long; broken off (`idle`, `reset`, `stop`). */
  dropped: Record<'malformed' | Overflow | Exclude<Ending, 'eof'>, number>;
  /** Entries that could not be written: onProblem was told. */
  failed: number;
}

export function newCounts(): ServiceCounts {
  return {
    connections: 0,
    written: 0,
    writtenBytes: 0,
    blank: 0,
    refused: { empty: 0, dot: 0, separator: 0, control: 0, long: 0, reserved: 0 },
    dropped: { malformed: 0, oversized: 0, memory: 0, idle: 0, reset: 0, stop: 0 },
    failed: 0,
  };
}
