/** The language server's end of the thread that writes. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Problem } from '../protocol.ts';
import type { WriterData, WriterMessage, WriterRequest } from './writerMessages.ts';

interface Pending {
  resolve: () => void;
  reject: (error: Error) => void;
}

export class WriterThread {
  readonly root: string;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #isUsable = true;

  /** Starts the thread. `root`: the tree's absolute path. Throws where the build lacks its file. */
  constructor(root: string, onProblem: (problem: Problem) => void) {
    this.root = root;
    // The same file from the sources, when they are tested, and from the bundle: server/package.json says where it is.
    const file = createRequire(import.meta.url).resolve('#writerWorker');
    this.#worker = new Worker(file, { workerData: { root } satisfies WriterData });
    this.#worker.on('message', (message: WriterMessage) => {
      if ('problem' in message) onProblem(message.problem);
      else this.#settle(message.done);
    });
    let failure = new Error('the writing thread has ended');
    this.#worker.once('error', (error) => {
      failure = error;
      // Those who wait for an answer get it.
      if (this.#pending.size > 0) return;
      onProblem({ path: root, message: `the writing thread has ended: ${error.message}`, advice: 'The next entry starts another one.' });
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#isUsable = false;
        for (const { reject } of this.#pending.values()) reject(failure);
        this.#pending.clear();
        resolve();
      });
    });
  }

  /** False when it has been closed or has died: another one is needed. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Resolves when the entries are in their files, or wait in memory, which onProblem is told. Rejects where the thread has died. */
  write(request: Omit<WriterRequest, 'id'>): Promise<void> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id } satisfies WriterRequest);
    });
  }

  /** Resolves when everything that was given is written, or given up, which onProblem is told, and the thread has ended. */
  async close(): Promise<void> {
    if (this.#isUsable) this.#worker.postMessage(null);
    this.#isUsable = false;
    await this.#ended;
  }

  #settle(id: number): void {
    this.#pending.get(id)?.resolve();
    this.#pending.delete(id);
  }
}
