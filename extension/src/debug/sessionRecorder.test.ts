import { describe, expect, it } from 'vitest';
import type { DebugEntry } from '../../../server/src/protocol.ts';
import { DebugLog } from './debugLog.ts';
import { type RecordedSession, type RecordKind, recordKinds, SessionRecorder } from './sessionRecorder.ts';

/** Messages go in as adapters send them; what was logged comes out. */
async function record(
  messages: object[],
  session: Partial<RecordedSession> = {},
  records: readonly RecordKind[] = recordKinds,
): Promise<string[]> {
  const sent: DebugEntry[] = [];
  const log = new DebugLog({
    gate: () => 'open',
    send: async (entries) => sent.push(...entries),
    report: (error) => {
      throw error;
    },
  });
  let time = 0;
  const full = { name: 'Run', type: 'debugpy', isChild: false, ask: () => Promise.reject(new Error('unknown')), ...session };
  const recorder = new SessionRecorder(full, log, new Set(records), () => ++time);
  recorder.begin();
  for (const message of messages) {
    if ('command' in message) recorder.fromClient(message);
    else recorder.fromAdapter(message);
  }
  // Answers come in turns that follow.
  await new Promise((resolve) => setImmediate(resolve));
  recorder.end();
  recorder.end();
  if (!full.isChild) recorder.conclude();
  await log.end();
  expect(sent.map(({ time: at }) => at)).toEqual(sent.map(({ time: at }) => at).sort((a, b) => a - b));
  return sent.map(({ level, text, source }) =>
    [
      level,
      ...(source ? [`[${[source.kind, source.pid, source.file && `${source.file}:${source.line}`].filter(Boolean).join(' ')}]`] : []),
      text,
    ].join(' '),
  );
}

const event = (name: string, body: object) => ({ type: 'event', event: name, body });
const output = (category: string | undefined, text: string, rest: object = {}) => event('output', { category, output: text, ...rest });
const source = (path: string, line: number) => ({ source: { path }, line, column: 9 });
const [started, ended] = ['INFO [session] Session started: Run (debugpy)', 'INFO [session] Session ended: Run'];

describe('SessionRecorder', () => {
  it('records output by category, joined to lines; never telemetry', async () => {
    const messages = [
      output('stdout', 'a line in '),
      output('stderr', 'bad\n'),
      output('stdout', 'parts\n  and more\n'),
      output(undefined, 'from the console\n'),
      output('important', 'look\n'),
      output('custom', 'other\n'),
      output('telemetry', 'secret\n'),
      output('stdout', 'no line end'),
    ];
    expect(await record(messages)).toEqual([
      started,
      'ERROR bad',
      'INFO a line in parts\n  and more',
      'DEBUG from the console',
      'WARNING look',
      'DEBUG other',
      'INFO no line end',
      ended,
    ]);
    expect(await record(messages, {}, ['stderr'])).toEqual(['ERROR bad']);
  });

  it('gives messages their place, and finds that of a logpoint', async () => {
    const setBreakpoints = {
      type: 'request',
      command: 'setBreakpoints',
      arguments: { source: { path: '/x.py' }, breakpoints: [{ line: 5, logMessage: 'x is {x}' }, { line: 6 }] },
    };
    const messages = [
      setBreakpoints,
      output('stdout', 'part '),
      output('stdout', 'x is 3\n', { source: {} }),
      output('stdout', 'x is 4\n', source('/x.py', 5)),
      output('stdout', 'two\nlines\n', source('vscode-remote://ssh%2Bhost/y%20z.js', 7)),
      output('stdout', 'of it\n'),
    ];
    expect(await record(messages)).toEqual([
      started,
      'INFO [logpoint /x.py:5] x is 3',
      'INFO [logpoint /x.py:5] x is 4',
      'INFO [stdout /y z.js:7] two\nlines',
      'INFO part of it',
      ended,
    ]);
    expect(await record(messages, {}, ['logpoints'])).toHaveLength(2);
  });

  it('asks about a stop, and keeps the order meanwhile', async () => {
    const asked: unknown[] = [];
    const ask = async (command: string, args: object) => {
      asked.push([command, args]);
      const stackFrames = [{ name: 'boom', line: 7, column: 1, source: { path: { scheme: 'file', path: '/c:/x.py' } } }];
      return command === 'stackTrace' ? { stackFrames } : { exceptionId: 'KeyError', description: 'k', breakMode: 'unhandled' };
    };
    const messages = [
      event('process', { systemProcessId: 12 }),
      event('stopped', { reason: 'exception', threadId: 3, text: 'KeyError', description: 'k' }),
      output('stdout', 'later\n'),
      event('stopped', { reason: 'function breakpoint', threadId: 3 }),
      event('stopped', { reason: 'step', threadId: 3 }),
    ];
    expect(await record(messages, { ask })).toEqual([
      started,
      'ERROR [exception 12 c:/x.py:7] Stopped at an uncaught exception: KeyError: k\nTraceback (most recent call last):\n  File "c:/x.py", line 7, in boom\nKeyError: k',
      'INFO later',
      'INFO [breakpoint 12 c:/x.py:7] Stopped at a function breakpoint\n  File "c:/x.py", line 7, in boom',
      'INFO [session 12] Session ended: Run',
    ]);
    expect(asked).toEqual([
      ['exceptionInfo', { threadId: 3 }],
      ['stackTrace', { threadId: 3, startFrame: 0, levels: 50 }],
      ['stackTrace', { threadId: 3, startFrame: 0, levels: 1 }],
    ]);
  });

  it('says of a stop what the event tells where the adapter does not answer', async () => {
    const messages = [
      event('stopped', { reason: 'exception', threadId: 1, text: 'KeyError', description: 'k' }),
      event('stopped', { reason: 'breakpoint', threadId: 1 }),
    ];
    expect(await record(messages)).toEqual([
      started,
      'ERROR [exception] Stopped at an exception: KeyError: k',
      'INFO [breakpoint] Stopped at a breakpoint',
      ended,
    ]);
    expect(await record(messages, { ask: () => new Promise(() => {}) })).toEqual(await record(messages));
    expect(await record(messages, {}, ['breakpoints'])).toEqual(['INFO [breakpoint] Stopped at a breakpoint']);
  });

  it("records exit codes, js-debug's too, restarts, and whose children's lines are", async () => {
    const messages = [
      output('stderr', 'Process exited with code 3\r\n'),
      event('exited', { exitCode: 0 }),
      { type: 'request', command: 'disconnect', arguments: { restart: true } },
      { type: 'request', command: 'disconnect', arguments: { restart: false } },
      output('stdout', 'hello\n'),
    ];
    expect(await record(messages, { name: 'program.js [4711]', type: 'pwa-node', isChild: true })).toEqual([
      'INFO [session 4711] Session started: program.js [4711] (pwa-node)',
      'WARNING [session 4711] Process exited with code 3',
      'INFO [session 4711] Process exited with code 0',
      'INFO [session 4711] Session restarted: program.js [4711]',
      'INFO [stdout 4711] hello',
      'INFO [session 4711] Session ended: program.js [4711]',
    ]);
  });

  it('takes anything that an adapter may send', async () => {
    const odd = [
      null,
      1,
      [],
      {},
      { type: 'event' },
      event('output', {}),
      event('stopped', {}),
      event('exited', { exitCode: 'x' }),
      event('process', {}),
    ];
    expect(await record(odd.map((each) => each as object).filter((each) => each !== null && typeof each === 'object'))).toEqual([
      started,
      ended,
    ]);
  });
});
