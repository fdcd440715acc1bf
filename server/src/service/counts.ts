import type { NameFault } from '../record/treeName.ts';
import type { Ending, Overflow } from './entryReceiver.ts';

/** What a service has done since its start. */
export interface ServiceCounts {
  /** Of the original protocol: each is counted in exactly one of the following up to `failed`, or among the written. */
  connections: number;
  /** Entries and records that are in their files, and the bytes that brought them. */
  written: number;
  writtenBytes: number;
  /** Connections with nothing but white space. */
  blank: number;
  /** Entries and records whose user, module or level has no place in the tree; `stranger`: the system does not know the user. */
  refused: Record<NameFault | 'level' | 'stranger', number>;
  /**
   * Connections that brought no whole entry: not three fields; too long; broken off (`idle`, `reset`, `stop`); too many at once. And what
   * other receivers could not take: frames and requests that are none, connections that broke off, datagrams that are too many.
   */
  dropped: Record<'malformed' | 'count' | 'rate' | Overflow | Exclude<Ending, 'eof'>, number>;
  /** Entries and records that could not be written: onProblem was told. */
  failed: number;
  /** Entries and records that came in as somebody else's than the process's own user; and, of those refused, where nobody knew whose it was. */
  foreign: number;
  unidentified: number;
  /** Entries, and streams, that were taken though nobody knows whose process sent them. */
  unknown: number;
  /** Streaming connections since the start; and those that broke the protocol, or were one too many. */
  streams: number;
  brokenStreams: number;
  rejectedStreams: number;
  /** HTTP requests that a web page may have made. */
  webPages: number;
}

export function newCounts(): ServiceCounts {
  return {
    connections: 0,
    written: 0,
    writtenBytes: 0,
    blank: 0,
    refused: { empty: 0, dot: 0, separator: 0, control: 0, long: 0, reserved: 0, level: 0, stranger: 0 },
    dropped: { malformed: 0, oversized: 0, memory: 0, count: 0, rate: 0, idle: 0, reset: 0, stop: 0 },
    failed: 0,
    foreign: 0,
    unidentified: 0,
    unknown: 0,
    streams: 0,
    brokenStreams: 0,
    rejectedStreams: 0,
    webPages: 0,
  };
}
