/**
 * The thread that writes to the tree for the language server, so that a program that is stopped inside a log's lock (at a breakpoint,
 * perhaps) holds up nothing else. Takes WriterRequests in their order, and null as the last.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Problem } from '../protocol.ts';
import { markContinuations } from '../record/continuation.ts';
import { formatSource } from '../record/layouts/sourceBlock.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { LockedTreeWriter } from '../writer/lockedTreeWriter.ts';
import { logEntry } from '../writer/logEntry.ts';
import { TreeWriter } from '../writer/treeWriter.ts';
import { Mask } from './mask.ts';
import type { WriterData, WriterMessage, WriterRequest } from './writerMessages.ts';

/** Others wait for theirs meanwhile, and the server for this thread when it ends. */
const LOCK_LIMIT_MS = 300;

const port = parentPort;
if (!port) throw new Error('This is a worker of the language server.');
const { root } = workerData as WriterData;
const say = (message: WriterMessage): void => port.postMessage(message);
const onProblem = (problem: Problem): void => say({ problem });

const locked = loadFlock() ? new LockedTreeWriter({ root, onProblem, lockLimitMs: LOCK_LIMIT_MS }) : null;
const writer = locked ?? new TreeWriter({ root, onProblem });
if (!locked) {
  onProblem({
    path: root,
    message: 'entries are written without the lock: the package koffi could not be loaded for this system',
    advice: 'Do not let other programs rotate these logs meanwhile.',
  });
}

port.on('message', (request: WriterRequest | null) => {
  if (request === null) {
    writer.close();
    port.close();
    return;
  }
  const { id, user, module, entries } = request;
  const mask = maskOf(request.mask);
  for (const { time, level, text, source } of entries) {
    const block = source && formatSource({ ...source, logger: source.kind });
    logEntry(writer, { user, module, level, text: markContinuations(mask.apply(text)), source: block, time });
  }
  locked?.flushSync();
  say({ done: id });
});

let kept: { key: string; mask: Mask } | undefined;

/** Compiled once for as long as the setting stays. */
function maskOf(patterns: readonly string[]): Mask {
  const key = JSON.stringify(patterns);
  if (kept?.key !== key) kept = { key, mask: new Mask(patterns) };
  return kept.mask;
}
