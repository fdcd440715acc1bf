/**
 * A few threads that read for the main one. They are started when there is first something to do, and end with the process. Jobs are taken
 * in the order in which they were given, two at once by each thread, so that one is decompressed while another is scanned; large ones
 * never take all places.
 */
import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { returnMemory } from './returnMemory.ts';

const MAX_THREADS = 4;
const JOBS_A_THREAD = 2;
/** Bytes from which on a job is a large one. */
const LARGE = 64 << 20;
const LITTLE = 8 << 20;
/** ms without a job after which threads that have read much let go of what they have handed on. */
const REST_AFTER = 1000;

/** main → thread */
export type ThreadRequest = { id: number; kind: string; task: unknown } | { cancel: number } | { rest: true };
/** thread → main. `news` may come any number of times before the end. */
export type ThreadReply = { id: number; news: unknown } | { id: number; done: unknown } | { id: number; error: string } | { rested: true };

export interface JobOptions {
  /** So many bytes are to be read. */
  bytes?: number;
  onNews?: (news: unknown) => void;
  signal?: AbortSignal | undefined;
  /** Asked when its turn has come; it fails where it is not any more. */
  isWanted?: () => boolean;
  /** ms without an answer after which the thread counts as hung, and is ended with all that it does; never where absent. */
  patience?: number;
}

/** The thread died, or was ended because it did not answer any more. */
export class ThreadLost extends Error {
  constructor(
    message: string,
    /** It did not answer any more. */
    readonly hung: boolean,
  ) {
    super(message);
    this.name = 'ThreadLost';
  }
}

export interface ThreadsOptions {
  /** How many threads at most. */
  size?: number;
  /** Bytes; see Threads. */
  little?: number;
  /** What the threads run; the bundle's own where absent. */
  file?: string;
}

interface Job {
  id: number;
  kind: string;
  task: unknown;
  options: JobOptions;
  large: boolean;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Thread {
  worker: Worker;
  jobs: Map<number, Job>;
  ended: boolean;
}

export class Threads {
  private readonly threads: Thread[] = [];
  private readonly waiting: Job[] = [];
  private lastId = 0;
  /** Bytes of jobs that ended since the threads had a rest. */
  private readBytes = 0;
  private restTimer: NodeJS.Timeout | undefined;

  /** Bytes that the main thread reads as fast as these, which have to be started first. */
  readonly little: number;
  private readonly size: number;
  private readonly file: string | undefined;

  constructor({ size = Math.min(MAX_THREADS, availableParallelism()), little = LITTLE, file }: ThreadsOptions = {}) {
    this.size = Math.max(1, size);
    this.little = little;
    this.file = file;
  }

  /**
   * Has a thread do a job (threadServer.ts).
   * @param task plain data, and memory that is shared
   * @throws ThreadLost; what the job has thrown, by its message; AbortError where the signal said so
   */
  run(kind: string, task: unknown, options: JobOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal, bytes = 0 } = options;
      signal?.throwIfAborted();
      const onAbort = (): void => this.cancel(job);
      const ended = (): void => signal?.removeEventListener('abort', onAbort);
      const job: Job = {
        id: ++this.lastId,
        kind,
        task,
        options,
        large: bytes >= LARGE,
        resolve: (result) => {
          ended();
          resolve(result);
        },
        reject: (error) => {
          ended();
          reject(error);
        },
        timer: undefined,
      };
      // One signal may be that of any number of jobs.
      if (signal !== undefined) setMaxListeners(0, signal);
      signal?.addEventListener('abort', onAbort);
      this.waiting.push(job);
      this.start();
    });
  }

  /** Ends all threads; what they were at fails. */
  async close(): Promise<void> {
    clearTimeout(this.restTimer);
    await Promise.all(this.threads.map((thread) => this.end(thread, new ThreadLost('the reading threads were closed', false))));
  }

  private start(): void {
    while (this.waiting.length > 0) {
      const places = this.size * JOBS_A_THREAD;
      const large = this.threads.reduce((sum, { jobs }) => sum + [...jobs.values()].filter((job) => job.large).length, 0);
      const at = this.waiting.findIndex((job) => !job.large || large < places - 1);
      const thread = at === -1 ? undefined : this.freeThread();
      if (thread === undefined) return;
      for (const job of this.waiting.splice(at, 1)) {
        if (job.options.isWanted?.() === false) {
          job.reject(new Error('not wanted any more'));
          continue;
        }
        thread.jobs.set(job.id, job);
        this.listen(thread, job);
        thread.worker.ref();
        thread.worker.postMessage({ id: job.id, kind: job.kind, task: job.task } satisfies ThreadRequest);
      }
    }
  }

  /** The one with the least to do; a new one while all have something to do. */
  private freeThread(): Thread | undefined {
    const [least] = this.threads.toSorted((a, b) => a.jobs.size - b.jobs.size);
    if (least !== undefined && (least.jobs.size === 0 || this.threads.length >= this.size)) {
      return least.jobs.size < JOBS_A_THREAD ? least : undefined;
    }
    return this.startThread();
  }

  private startThread(): Thread {
    const worker = new Worker(this.file ?? createRequire(import.meta.url).resolve('#readingWorker'));
    const thread: Thread = { worker, jobs: new Map(), ended: false };
    worker.on('message', (reply: ThreadReply) => this.take(thread, reply));
    worker.on('error', (error) => void this.end(thread, new ThreadLost(error.message, false)));
    worker.on('exit', () => void this.end(thread, new ThreadLost('a reading thread has ended', false)));
    worker.unref();
    this.threads.push(thread);
    return thread;
  }

  private take(thread: Thread, reply: ThreadReply): void {
    if ('rested' in reply) {
      returnMemory();
      return;
    }
    const job = thread.jobs.get(reply.id);
    if (job === undefined) return;
    if ('news' in reply) {
      this.listen(thread, job);
      job.options.onNews?.(reply.news);
      return;
    }
    this.settle(thread, job);
    if ('error' in reply) job.reject(new Error(reply.error));
    else job.resolve(reply.done);
    this.start();
  }

  private settle(thread: Thread, job: Job): void {
    clearTimeout(job.timer);
    thread.jobs.delete(job.id);
    this.readBytes += job.options.bytes ?? 0;
    if (thread.jobs.size > 0) return;
    thread.worker.unref();
    clearTimeout(this.restTimer);
    if (this.readBytes >= LARGE) this.restTimer = setTimeout(() => this.rest(), REST_AFTER).unref();
  }

  /** Unless there is something to do again. */
  private rest(): void {
    if (this.threads.some(({ jobs }) => jobs.size > 0)) return;
    this.readBytes = 0;
    for (const { worker } of this.threads) worker.postMessage({ rest: true } satisfies ThreadRequest);
  }

  private listen(thread: Thread, job: Job): void {
    const { patience } = job.options;
    if (patience === undefined) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(() => void this.end(thread, new ThreadLost('a reading thread did not answer any more', true)), patience);
    job.timer.unref();
  }

  private cancel(job: Job): void {
    const waiting = this.waiting.indexOf(job);
    if (waiting !== -1) this.waiting.splice(waiting, 1);
    for (const thread of this.threads) {
      if (!thread.jobs.has(job.id)) continue;
      this.settle(thread, job);
      thread.worker.postMessage({ cancel: job.id } satisfies ThreadRequest);
    }
    job.reject(job.options.signal?.reason instanceof Error ? job.options.signal.reason : new Error('cancelled'));
    this.start();
  }

  private async end(thread: Thread, error: ThreadLost): Promise<void> {
    if (thread.ended) return;
    thread.ended = true;
    this.threads.splice(this.threads.indexOf(thread), 1);
    const jobs = [...thread.jobs.values()];
    for (const job of jobs) this.settle(thread, job);
    for (const job of jobs) job.reject(error);
    await thread.worker.terminate();
    this.start();
  }
}

let shared: Threads | undefined;

/** The process's own. */
export function sharedThreads(): Threads {
  shared ??= new Threads();
  return shared;
}
