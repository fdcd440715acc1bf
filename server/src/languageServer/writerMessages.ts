/** What the language server and its writing thread say to each other. */
import type { DebugEntry, Problem } from '../protocol.ts';

export interface WriterData {
  /** Absolute path of the tree. */
  root: string;
}

export interface WriterRequest {
  id: number;
  user: string;
  module: string;
  entries: DebugEntry[];
  /** Patterns of what is masked in their texts. */
  mask: readonly string[];
}

/** `done`: the entries are in the files, or wait in memory, which a problem has told. */
export type WriterMessage = { done: number } | { problem: Problem };
