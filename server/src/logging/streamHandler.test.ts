import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { getLastResort, setLastResort } from './lastResort.ts';
import { getLogger } from './manager.ts';
import { setRaiseExceptions } from './raiseExceptions.ts';
import { makeLogRecord } from './recordFields.ts';
import { StreamHandler } from './streamHandler.ts';
import { buildProgram, PACKAGE } from './testing/buildProgram.ts';

afterEach(() => {
  vi.restoreAllMocks();
  setRaiseExceptions(true);
});

test('writes to a stream, takes another one, and tells what goes wrong', () => {
  const [one, two]: string[][] = [[], []];
  const first = { write: (text: string) => one?.push(text) };
  const handler = new StreamHandler(first);
  handler.terminator = '!\n';
  handler.emit(makeLogRecord({ msg: 'a' }));
  expect(handler.setStream(first)).toBe(null);
  expect(handler.setStream({ write: (text: string) => two?.push(text) })).toBe(first);
  handler.emit(makeLogRecord({ msg: 'b' }));
  expect([one, two]).toEqual([['a!\n'], ['b!\n']]);
  const told: unknown[] = [];
  handler.handleError = (record, error) => told.push(record?.msg, String(error));
  handler.setStream({
    write: () => {
      throw new Error('deliberate');
    },
  });
  handler.emit(makeLogRecord({ msg: 'c' }));
  expect(told).toEqual(['c', 'Error: deliberate']);
});

test('a message that cannot be shown is told to handleError', () => {
  const told: string[] = [];
  const handler = new StreamHandler({ write: () => true });
  handler.handleError = (_, error) => told.push(String(error));
  const endless = {
    toString(): string {
      return `${this}`;
    },
  };
  handler.handle(makeLogRecord({ msg: endless }));
  expect(told).toEqual([expect.stringContaining('RangeError')]);
});

test('what no handler takes goes to stderr from WARNING on, or nowhere', () => {
  const lines: unknown[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(text) > 0);
  const logger = getLogger('stream.lonely');
  logger.propagate = false;
  logger.setLevel('DEBUG');
  logger.info('never');
  logger.warning('seen');
  const last = getLastResort();
  setLastResort(null);
  logger.error('not seen');
  setLastResort(last);
  logger.error('seen again');
  expect(lines).toEqual(['seen\n', 'seen again\n']);
});

test('what is logged while the program ends is written', () => {
  const folder = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.safelog-exit-'));
  try {
    const source = `import { getLogger, FileHandler, MemoryHandler, setupLoggingQueues } from ${PACKAGE};
      const file = new FileHandler('out.log');
      process.on('exit', () => getLogger('b').error('at exit'));
      getLogger('a').addHandler(new MemoryHandler(100, { target: file }));
      getLogger('b').addHandler(file);
      setupLoggingQueues();
      getLogger('a').warning('kept'); getLogger('b').warning('queued');
      setTimeout(() => { getLogger('b').warning('last'); process.exit(3); }, 1);`;
    const outfile = buildProgram(folder, source);
    expect(() => execFileSync(process.execPath, [outfile], { cwd: folder, stdio: 'pipe' })).toThrow(expect.objectContaining({ status: 3 }));
    expect(readFileSync(join(folder, 'out.log'), 'utf8').split('\n').sort()).toEqual(['', 'at exit', 'kept', 'last', 'queued']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
