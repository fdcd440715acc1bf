/** A thread's end of threads.ts. */
import { parentPort } from 'node:worker_threads';
import { collectGarbage } from './collectGarbage.ts';
import type { ThreadReply, ThreadRequest } from './threads.ts';

export interface JobContext {
  /** True once nobody waits for the job any more. */
  readonly cancelled: () => boolean;
  /** Tells something before the end. */
  readonly tell: (news: unknown) => void;
}

/** What does a job. Several may be under way: who works for long gives way now and then (a read does). */
export type RunJob = (task: never, context: JobContext) => Promise<unknown>;

/** Answers requests until the thread is ended. */
export function serveJobs(kinds: Readonly<Record<string, RunJob>>): void {
  const port = parentPort;
  if (port === null) throw new Error('this runs in a thread');
  const running = new Set<number>();
  const reply = (message: ThreadReply): void => port.postMessage(message);
  port.on('message', (request: ThreadRequest) => {
    if ('rest' in request) {
      // Without it the thread needs more memory, no more.
      void collectGarbage()
        .catch(() => undefined)
        .then(() => reply({ rested: true }));
      return;
    }
    if ('cancel' in request) {
      running.delete(request.cancel);
      return;
    }
    const { id, kind, task } = request;
    const run = kinds[kind];
    running.add(id);
    const context: JobContext = { cancelled: () => !running.has(id), tell: (news) => reply({ id, news }) };
    const job = run === undefined ? Promise.reject(new Error(`no job is called ${kind}`)) : run(task as never, context);
    job
      .then(
        (done) => reply({ id, done }),
        (error: unknown) => reply({ id, error: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => running.delete(id));
  });
}
