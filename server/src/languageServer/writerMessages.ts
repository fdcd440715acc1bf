/** What the language server and its writing thread say to each other. */
import type { Micros, Problem } from '../protocol.ts';

export interface WriterData {
  /** Absolute path of the tree. */
  root: string;
}

export interface WriterRequest {
  id: number;
  user: string;
  module: string;
  level: string;
  entries: { text: string; time: Micros }[];
}

/** `done`: the entries are in the files, or wait in memory, which a problem has told. */
export type WriterMessage = { done: number } | { problem: Problem };
