/** Writes for another user: in a child process that has that user's uid and gid, and no others. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Problem } from '../protocol.ts';
import { LineFormat } from '../record/lineFormat.ts';
import { type Channel, RecordBatch } from '../wire/stream.ts';
import type { TreeRotation } from '../writer/treeRotation.ts';
import { UserWriter } from '../writer/userWriter.ts';
import type { Done } from './batchItem.ts';
import { type Batch, LocalWriter, type Writer } from './localWriter.ts';
import type { Account } from './users.ts';

type Task =
  | { kind: 'raw'; basename: string; entry: Uint8Array }
  | { kind: 'batch'; payload: Uint8Array; client: string | null; channels: readonly (Channel | null)[]; receivedAt: number };
type Request = (Task & { id: number }) | { kind: 'forget'; client: string } | { kind: 'close' };
type Answer = { done: number; error: string | null; modules?: readonly string[] | undefined } | { problem: Problem };

export interface ChildWriterOptions {
  command: readonly string[];
  root: string;
  user: string;
  account: Account;
  rotation: TreeRotation;
  format: LineFormat | null;
  onProblem: (problem: Problem) => void;
}

/** A child that has died is started anew after so long, ms. */
const RESTART_MS = 250;
const LONGEST_RESTART_MS = 30_000;

export class ChildWriter implements Writer {
  readonly #options: ChildWriterOptions;
  /** What the child has and has not answered, in its order. */
  readonly #tasks = new Map<number, { task: Task; done: Done; bytes: number }>();
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  #restartMs = RESTART_MS;
  #next = 1;
  #isClosing = false;
  queuedBytes = 0;

  constructor(options: ChildWriterOptions) {
    this.#options = options;
    this.#start();
  }

  raw(basename: string, entry: Uint8Array, done: Done): void {
    this.#take({ kind: 'raw', basename, entry }, entry.length, done);
  }

  batch({ batch, client, channels, receivedAt }: Batch, done: Done): void {
    this.#take({ kind: 'batch', payload: batch.payload, client, channels, receivedAt }, batch.payload.length, done);
  }

  forget(client: string): void {
    this.#send({ kind: 'forget', client });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (child) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      this.#send({ kind: 'close' });
      await ended;
    }
    if (this.#restart) clearTimeout(this.#restart);
    for (const { done } of this.#tasks.values()) done(new Error('the service ended before it could be written'));
    this.#tasks.clear();
  }

  #take(task: Task, bytes: number, done: Done): void {
    const id = this.#next++;
    this.#tasks.set(id, { task, done, bytes });
    this.queuedBytes += bytes;
    this.#send({ ...task, id });
  }

  #send(request: Request): void {
    // What a dead child did not take, its successor is sent.
    if (this.#child?.connected) this.#child.send(request, () => {});
  }

  #start(): void {
    const { command, root, user, account, rotation, format, onProblem } = this.#options;
    const [program = process.execPath, ...args] = command;
    const child = spawn(program, [...args, JSON.stringify({ root, user, rotation, format: format?.name ?? null } satisfies ChildTask)], {
      uid: account.uid,
      gid: account.gid,
      cwd: '/',
      // VS Code's program is Node only when it is told so.
      env: { PATH: process.env.PATH, TZ: process.env.TZ, HOME: '/', ELECTRON_RUN_AS_NODE: process.env.ELECTRON_RUN_AS_NODE },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      // A signal of the terminal is for the service, which has more for the child then.
      detached: true,
    });
    this.#child = child;
    child.on('message', (answer) => this.#answer(answer as Answer));
    child.once('error', (error) => onProblem({ path: root, message: `cannot write as ${user}: ${error.message}`, advice: '' }));
    child.once('close', () => this.#ended());
    for (const [id, { task }] of this.#tasks) this.#send({ ...task, id });
  }

  #ended(): void {
    this.#child = null;
    if (this.#isClosing) return;
    this.#options.onProblem({
      path: this.#options.root,
      message: `the writer for ${this.#options.user} has ended and is started anew`,
      advice: '',
    });
    this.#restart = setTimeout(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
  }

  #answer(answer: Answer): void {
    if ('problem' in answer) {
      this.#options.onProblem(answer.problem);
      return;
    }
    const task = this.#tasks.get(answer.done);
    if (!task) return;
    this.#restartMs = RESTART_MS;
    this.#tasks.delete(answer.done);
    this.queuedBytes -= task.bytes;
    task.done(answer.error === null ? null : new Error(answer.error), answer.modules);
  }
}

/** What a child is started with. */
interface ChildTask {
  root: string;
  user: string;
  rotation: TreeRotation;
  format: string | null;
}

/** The child: writes what its parent sends, until that closes or ends. `text` is what the parent has put behind its command. */
export function runChildWriter(text: string): Promise<void> {
  const { root, user, rotation, format }: ChildTask = JSON.parse(text);
  const say = (answer: Answer): void => {
    if (process.connected) process.send?.(answer, undefined, undefined, () => {});
  };
  const writer = new LocalWriter(
    new UserWriter({ root, user, rotation, onProblem: (problem) => say({ problem }) }),
    user,
    format === null ? null : new LineFormat(format),
  );
  const done =
    (id: number): Done =>
    (error, modules) =>
      say({ done: id, error: error?.message ?? null, modules });
  return new Promise((resolve) => {
    const close = (): void => {
      writer.close().then(() => {
        if (process.connected) process.disconnect();
        resolve();
      });
    };
    process.once('disconnect', close);
    process.on('message', (message) => {
      const request = message as Request;
      if (request.kind === 'raw') writer.raw(request.basename, request.entry, done(request.id));
      else if (request.kind === 'batch') {
        const { payload, client, channels, receivedAt } = request;
        const batch = new RecordBatch(Buffer.from(payload.buffer, payload.byteOffset, payload.length));
        writer.batch({ batch, client, channels, receivedAt }, done(request.id));
      } else if (request.kind === 'forget') writer.forget(request.client);
      else close();
    });
  });
}
