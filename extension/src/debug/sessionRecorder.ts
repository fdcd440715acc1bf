/** One debug session: what its adapter tells becomes entries of its log. Nothing of VS Code is needed for it. */

import type { DebugEntry } from '../../../server/src/protocol.ts';
import {
  type AdapterFrame,
  type AdapterMessage,
  type AdapterPlace,
  parseAdapterMessage,
  parseClientMessage,
  parseExceptionInfo,
  parseFrames,
} from './adapterMessages.ts';
import type { DebugLog, WaitingEntry } from './debugLog.ts';
import { exceptionText, maxFrames, placeLine } from './exceptionText.ts';
import { Logpoints } from './logpoints.ts';
import { OutputLines } from './outputLines.ts';
import { StreamEntries } from './streamEntries.ts';

/** What can be recorded: categories of output, and events. The setting `safelog.debug.record` names them. */
export const recordKinds = ['stdout', 'stderr', 'console', 'important', 'logpoints', 'exceptions', 'breakpoints', 'sessions'] as const;

export type RecordKind = (typeof recordKinds)[number];

export interface RecordedSession {
  name: string;
  /** The debugger's type. */
  type: string;
  isChild: boolean;
  /** Asks the adapter; gives the answer's body. */
  ask: (command: string, args: object) => PromiseLike<unknown>;
}

/** ms that an adapter has to tell of a stop: what is logged meanwhile waits behind it. */
const answerMs = 15_000;

const levels: Record<'stdout' | 'stderr' | 'console' | 'important', DebugEntry['level']> = {
  stdout: 'INFO',
  stderr: 'ERROR',
  console: 'DEBUG',
  important: 'WARNING',
};
type Category = keyof typeof levels;

/** Others, adapters' own, count as the console. */
const categoryOf = (category: string): Category => (category in levels ? (category as Category) : 'console');

interface Stream {
  lines: OutputLines;
  entries: StreamEntries;
}

export class SessionRecorder {
  readonly #session: RecordedSession;
  readonly #log: DebugLog;
  readonly #records: ReadonlySet<RecordKind>;
  readonly #now: () => number;
  readonly #streams = new Map<Category, Stream>();
  readonly #logpoints = new Logpoints();
  #pid: number | undefined;
  #hasEnded = false;

  /** @param now µs since the epoch */
  constructor(session: RecordedSession, log: DebugLog, records: ReadonlySet<RecordKind>, now: () => number) {
    this.#session = session;
    this.#log = log;
    this.#records = records;
    this.#now = now;
    // js-debug and debugpy name children after their processes.
    const pid = session.isChild ? /(?:\[|Subprocess )(\d+)\]?$/.exec(session.name)?.[1] : undefined;
    if (pid !== undefined) this.#pid = Number(pid);
  }

  /** Once, before anything else. */
  begin(): void {
    const { name, type } = this.#session;
    this.#event('sessions', 'INFO', `Session started: ${name} (${type})`);
  }

  /** A message of the adapter's. */
  fromAdapter(message: unknown): void {
    const parsed = parseAdapterMessage(message);
    switch (parsed?.kind) {
      case 'output':
        this.#output(parsed);
        return;
      case 'stopped':
        void this.#stopped(parsed);
        return;
      case 'process':
        this.#pid ??= parsed.pid;
        return;
      case 'exited':
        this.#exited(`Process exited with code ${parsed.exitCode}`, parsed.exitCode);
    }
  }

  /** A message of VS Code's. */
  fromClient(message: unknown): void {
    const parsed = parseClientMessage(message);
    if (parsed?.kind === 'logpoints') this.#logpoints.set(parsed.file, parsed.logpoints);
    else if (parsed?.kind === 'restart') this.#event('sessions', 'INFO', `Session restarted: ${this.#session.name}`);
  }

  /** What is still open ends. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const { lines, entries } of this.#streams.values()) {
      const rest = lines.end();
      if (rest !== undefined) entries.push([rest]);
    }
    if (this.#session.isChild) this.conclude();
  }

  /** The root's last word, once all its children have had theirs. */
  conclude(): void {
    this.#event('sessions', 'INFO', `Session ended: ${this.#session.name}`);
  }

  #output({ category, output, isMessage, place }: AdapterMessage & { kind: 'output' }): void {
    if (category === 'telemetry') return;
    const exit = /^Process exited with code (-?\d+)\s*$/.exec(output);
    // js-debug has no other word on it.
    if (exit !== null) this.#exited(output.trim(), Number(exit[1]));
    else if (isMessage && output.endsWith('\n')) this.#message(categoryOf(category), output, place);
    else this.#fragment(categoryOf(category), output);
  }

  #fragment(category: Category, output: string): void {
    if (!this.#records.has(category)) return;
    const { lines, entries } = this.#stream(category);
    entries.push(lines.push(output));
  }

  /** Output that is whole: one entry, with the place that the adapter tells, or that of the logpoint which it comes from. */
  #message(category: Category, output: string, place: AdapterPlace | undefined): void {
    const text = output.replaceAll('\r\n', '\n').replace(/\n+$/, '');
    const logpoint = this.#logpoints.find(text, place);
    if (text === '' || !this.#records.has(logpoint === undefined ? category : 'logpoints')) return;
    // What the program prints next does not continue this.
    this.#streams.get(category)?.entries.interrupt();
    const source = logpoint === undefined ? this.#source(category, place) : this.#source('logpoint', logpoint.place);
    this.#log.add({ time: this.#now(), level: levels[category], text, source });
  }

  #stream(category: Category): Stream {
    const known = this.#streams.get(category);
    if (known !== undefined) return known;
    let current: WaitingEntry | undefined;
    const entries = new StreamEntries({
      begin: (text, patience) => {
        if (current !== undefined) current.state = 'closed';
        // What kind it is says the level; only of a child one has to know whose it is.
        const source = this.#session.isChild ? { source: this.#source(category) } : {};
        current = this.#log.add({ time: this.#now(), level: levels[category], text, ...source }, 'growing', patience);
      },
      extend: (text, patience) => current !== undefined && this.#log.extend(current, text, patience),
    });
    const stream = { lines: new OutputLines(), entries };
    this.#streams.set(category, stream);
    return stream;
  }

  async #stopped({ reason, threadId, description, text }: AdapterMessage & { kind: 'stopped' }): Promise<void> {
    const isException = reason === 'exception';
    if (!isException && !reason.endsWith('breakpoint')) return;
    if (!this.#records.has(isException ? 'exceptions' : 'breakpoints')) return;
    const kind = isException ? 'exception' : 'breakpoint';
    // What is known at once, should the adapter not answer: the program may be gone on before it is asked.
    const entry: DebugEntry = {
      time: this.#now(),
      level: isException ? 'ERROR' : 'INFO',
      text: isException
        ? `Stopped at an exception: ${[text, description].filter((part) => part !== '').join(': ')}`
        : `Stopped at a ${reason}`,
      source: this.#source(kind),
    };
    const waiting = this.#log.add(entry, 'asked');
    const [body, frames] = await Promise.all([
      isException ? this.#ask('exceptionInfo', { threadId }) : undefined,
      this.#ask('stackTrace', { threadId, startFrame: 0, levels: isException ? maxFrames : 1 }).then(parseFrames),
    ]);
    if (!waiting.isTaken) this.#complete(waiting, isException, body, frames);
    waiting.state = 'closed';
  }

  #complete({ entry }: WaitingEntry, isException: boolean, body: unknown, frames: readonly AdapterFrame[]): void {
    const [top] = frames;
    if (isException && body !== undefined) entry.text = exceptionText(parseExceptionInfo(body), frames, this.#session.type);
    else if (top?.place !== undefined) entry.text += `\n${placeLine(top.name, top.place)}`;
    if (top?.place !== undefined && entry.source !== undefined) entry.source = this.#source(entry.source.kind, top.place);
  }

  /** The answer's body; undefined where there is none in time. */
  async #ask(command: string, args: object): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, answerMs, undefined);
      });
      return await Promise.race([this.#session.ask(command, args), late]);
    } catch {
      // It does not know the request, or the thread runs again.
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #exited(text: string, code: number): void {
    this.#event('sessions', code === 0 ? 'INFO' : 'WARNING', text);
  }

  #event(record: 'sessions', level: DebugEntry['level'], text: string): void {
    if (this.#records.has(record)) this.#log.add({ time: this.#now(), level, text, source: this.#source('session') });
  }

  #source(kind: string, place?: AdapterPlace): NonNullable<DebugEntry['source']> {
    return {
      kind,
      ...(this.#pid !== undefined && { pid: this.#pid }),
      ...(place !== undefined && { file: place.file, line: place.line }),
    };
  }
}
