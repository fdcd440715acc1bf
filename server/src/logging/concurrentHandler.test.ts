import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LockFile } from '../writer/lockFile.ts';
import type { ConcurrentHandlerOptions } from './concurrentHandler.ts';
import { ConcurrentRotatingFileHandler } from './concurrentRotatingFileHandler.ts';
import { type ConcurrentTimedHandlerOptions, ConcurrentTimedRotatingFileHandler } from './concurrentTimedRotatingFileHandler.ts';
import { Formatter } from './formatter.ts';
import type { Handler } from './handler.ts';
import { Logger } from './logger.ts';

let folder: string;
let path: string;
let logger: Logger;
let errors: unknown[];
const made: Handler[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-handler-'));
  path = join(folder, 'app.log');
  logger = new Logger('test', 'DEBUG');
  logger.propagate = false;
  errors = [];
});
afterEach(() => {
  for (const handler of made.splice(0)) handler.close();
  rmSync(folder, { recursive: true, force: true });
});

function use<Made extends Handler>(handler: Made): Made {
  handler.handleError = (_, error) => void errors.push(error);
  made.push(handler);
  logger.addHandler(handler);
  return handler;
}
const bySize = (options: ConcurrentHandlerOptions = {}) => use(new ConcurrentRotatingFileHandler(path, options));
const byTime = (options: ConcurrentTimedHandlerOptions = {}) => use(new ConcurrentTimedRotatingFileHandler(path, options));
const content = (name = 'app.log') => {
  const bytes = readFileSync(join(folder, name));
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
};
const names = () =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
const mode = (name: string) => statSync(join(folder, name)).mode & 0o777;

test('on return the record is in the file, formatted', () => {
  bySize().setFormatter(new Formatter('%(levelname)s %(message)s'));
  logger.info('one %d', 1);
  expect(content()).toBe('INFO one 1\n');
  expect(errors).toEqual([]);
});

describe('arguments', () => {
  test('rotation by size with gzip, in the chain after flush', async () => {
    const handler = bySize({ maxBytes: 20, backupCount: 2, useGzip: true });
    for (let i = 0; i < 10; i++) logger.info('%09d', i);
    await handler.flush();
    expect(names()).toEqual(['app.log', 'app.log.1.gz', 'app.log.2.gz']);
    expect(content('app.log.2.gz') + content('app.log.1.gz') + content()).toBe(
      [4, 5, 6, 7, 8, 9].map((i) => `${String(i).padStart(9, '0')}\n`).join(''),
    );
  });

  test('backupCount 0 empties the log', () => {
    bySize({ maxBytes: 5 });
    logger.info('first');
    logger.info('second');
    expect([names(), content()]).toEqual([['app.log'], 'second\n']);
  });

  test("mode 'w' empties the log once; with maxBytes it does not", () => {
    writeFileSync(path, 'old\n');
    bySize({ mode: 'w', maxBytes: 100 });
    logger.info('kept');
    const handler = bySize({ mode: 'w' });
    logger.removeHandler(made[0] as Handler);
    logger.info('new');
    handler.namer = null;
    logger.info('newer');
    expect(content()).toBe('new\nnewer\n');
  });

  test.each([
    [{ terminator: '\r\n', newline: '' as const }, 'a\nb\r\n'],
    [{ newline: '\r\n' as const }, 'a\r\nb\r\n'],
    [{ newline: '\r' as const }, 'a\rb\r'],
    [{ terminator: '' }, 'a\nb\n'],
    [{ terminator: '|' }, 'a\nb|'],
  ])('%j', (options, expected) => {
    bySize(options);
    logger.info('a\nb');
    expect(content()).toBe(expected);
  });

  test('an encoding; its mark begins each file; what it lacks is told where the policy is strict', () => {
    bySize({ encoding: 'utf-16', maxBytes: 6, backupCount: 2 });
    logger.info('é');
    logger.info('x');
    const bytes = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    expect([readFileSync(`${path}.1`), readFileSync(path)]).toEqual([bytes('é\n'), bytes('x\n')]);
    path = join(folder, 'latin.log');
    bySize({ encoding: 'latin-1', unicodeErrorPolicy: 'strict' });
    logger.removeHandler(made[0] as Handler);
    logger.info('€');
    logger.info('ü');
    expect(readFileSync(path)).toEqual(Buffer.from('ü\n', 'latin1'));
    expect(errors.map(String)).toEqual(['EncodingError: the encoding latin-1 has no character \\u20ac']);
  });

  test('chmod is for the log, its lock and the rotated files, whatever the umask is', async () => {
    const before = process.umask(0o077);
    try {
      const handler = bySize({ chmod: 0o664, maxBytes: 5, backupCount: 3, useGzip: true });
      for (let i = 0; i < 3; i++) logger.info('record');
      await handler.flush();
      expect(['app.log', 'app.log.1.gz', 'app.log.2.gz', '.__app.lock'].map(mode)).toEqual([0o664, 0o664, 0o664, 0o664]);
    } finally {
      process.umask(before);
    }
  });

  test('umask takes the place of the own one, which stays', () => {
    const before = process.umask();
    bySize({ umask: 0o007, maxBytes: 5, backupCount: 1 });
    logger.info('record');
    logger.info('record');
    expect([mode('app.log'), mode('app.log.1'), mode('.__app.lock')]).toEqual([0o660, 0o660, 0o770]);
    expect(process.umask()).toBe(before);
  });

  test.runIf(process.getuid?.() === 0)('owner, by name and number', async () => {
    const handler = bySize({ owner: ['nobody', 12], maxBytes: 5, backupCount: 1, useGzip: true });
    logger.info('record');
    logger.info('record');
    await handler.flush();
    const nobody = Number(/^nobody:[^:]*:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1]);
    for (const name of ['app.log', 'app.log.1.gz', '.__app.lock']) {
      expect(statSync(join(folder, name))).toMatchObject({ uid: nobody, gid: 12 });
    }
    expect(() => bySize({ owner: ['no such user', null] })).toThrow(RangeError);
    expect(errors).toEqual([]);
  });

  test('lockFileDirectory is made at construction, and holds all but the logs', () => {
    const locks = join(folder, '.deep/locks');
    bySize({ lockFileDirectory: locks });
    expect(existsSync(locks)).toBe(true);
    logger.info('x');
    expect(readdirSync(locks).sort()).toEqual(['.__app.lock', '.__app.writers']);
    expect(readdirSync(folder).sort()).toEqual(['.deep', 'app.log']);
  });

  test('keepFileOpen false leaves no file open', () => {
    bySize({ keepFileOpen: false });
    logger.info('x');
    const open = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readFileSync(`/proc/self/fdinfo/${fd}`) && statSync(`/proc/self/fd/${fd}`).ino;
      } catch {
        return 0;
      }
    });
    expect(open).not.toContain(statSync(path).ino);
  });

  test('namer and rotator, also set later', () => {
    const handler = bySize({ maxBytes: 5, backupCount: 3, namer: (name) => `${name}.old` });
    logger.info('first');
    logger.info('second');
    handler.rotator = (source, destination) => {
      writeFileSync(destination, gzipSync(readFileSync(source)));
      rmSync(source);
    };
    logger.info('third');
    expect(names()).toEqual(['app.log', 'app.log.1.old', 'app.log.2.old']);
    expect([content('app.log.1.old'), content('app.log.2.old'), content()]).toEqual(['second\n', 'first\n', 'third\n']);
    expect(readFileSync(`${path}.1.old`)[0]).toBe(0x1f);
  });

  test('a rotator that throws loses no record', () => {
    bySize({
      maxBytes: 5,
      backupCount: 3,
      rotator: () => {
        throw new Error('not today');
      },
    });
    logger.info('first');
    logger.info('second');
    expect(content()).toBe('first\nsecond\n');
    expect(errors.map(String)).toEqual(['Error: not today']);
  });

  test('finalizeHandlerConfiguration comes once, before the first record', () => {
    let calls = 0;
    class Mine extends ConcurrentTimedRotatingFileHandler {
      override finalizeHandlerConfiguration(): void {
        calls++;
        this.suffix = '%Y%m%d';
      }
    }
    const handler = use(new Mine(path, { when: 'd', maxBytes: 5 }));
    expect(calls).toBe(0);
    for (let i = 0; i < 3; i++) logger.info('record');
    handler.close();
    logger.info('record');
    expect(calls).toBe(1);
    expect(names()[1]).toMatch(/^app\.log\.\d{8}$/);
  });

  test.each([
    { maxBytes: -1 },
    { backupCount: 1.5 },
    { encoding: 'nonsense' },
    { mode: 'x' as 'a' },
    { newline: 'x' as '\n' },
    { syncLevel: 'LOUD' },
  ])('%j is refused', (options) => {
    expect(() => new ConcurrentRotatingFileHandler(path, options)).toThrow(RangeError);
  });
  test.each([{ when: 'x' }, { interval: 0 }, { atTime: '25:00' }, { suffix: '%d/%m' }])('%j is refused', (options) => {
    expect(() => new ConcurrentTimedRotatingFileHandler(path, options)).toThrow(RangeError);
  });
});

describe('batches', () => {
  test('are written with the turn of the event loop, or by flush; ERROR at once', async () => {
    const handler = bySize({ batch: true });
    logger.info('one');
    expect(existsSync(path)).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(content()).toBe('one\n');
    logger.info('two');
    await handler.flush();
    expect(content()).toBe('one\ntwo\n');
    logger.info('three');
    logger.error('four');
    expect(content()).toBe('one\ntwo\nthree\nfour\n');
  });

  test('syncLevel is theirs to choose; close writes the rest', () => {
    const handler = bySize({ batch: true, syncLevel: 'INFO' });
    logger.debug('waits');
    expect(existsSync(path)).toBe(false);
    logger.info('does not');
    logger.debug('waits too');
    handler.close();
    expect(content()).toBe('waits\ndoes not\nwaits too\n');
    logger.debug('after the end');
    expect(content()).toBe('waits\ndoes not\nwaits too\nafter the end\n');
  });
});

test('while writing is impossible: told once, kept, counted, written', async () => {
  const handler = bySize({ maxQueuedBytes: 30, lockLimitMs: 30 });
  handler.setFormatter(new Formatter('%(name)s %(message)s'));
  const lock = new LockFile({ log: path });
  lock.acquire(0);
  for (let i = 0; i < 20; i++) logger.info('%04d', i);
  expect(errors).toMatchObject([{ code: 'ELOCKTIMEOUT' }]);
  lock.close();
  await handler.flush();
  logger.info('next');
  expect(content()).toBe(
    'test 0000\ntest 0001\ntest 0002\nsafelog 17 records were dropped here: the log could not be written\ntest next\n',
  );
});

test('what could not be written at the end is told', () => {
  const handler = bySize({ lockLimitMs: 10 });
  renameSync(folder, `${folder}-away`);
  logger.info('lost');
  handler.close();
  renameSync(`${folder}-away`, folder);
  expect(errors.map(String)).toEqual([expect.stringMatching(/ENOENT/), expect.stringMatching(/1 records could not be written/)]);
});

describe('writers with different settings', () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => void warnings.push(warning);
  beforeEach(() => {
    warnings.length = 0;
    process.on('warning', listen);
  });
  afterEach(() => {
    process.off('warning', listen);
  });
  const told = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return warnings.map((warning) => ('code' in warning ? warning.code : warning.message));
  };

  test.each([
    ['maxBytes', { maxBytes: 20, backupCount: 900 }, { maxBytes: 60, backupCount: 900 }],
    ['backupCount', { maxBytes: 20, backupCount: 2 }, { maxBytes: 20, backupCount: 900 }],
    ['backupCount 0', { maxBytes: 20 }, { maxBytes: 20, backupCount: 900 }],
  ])('%s: nothing is lost, and each is warned once', async (_, one, two) => {
    const handlers = [bySize(one), bySize(two)];
    for (let i = 0; i < 200; i++) {
      // Not in step with the rotations: each of the two makes some.
      const turn = Math.floor(i / 3) % 2;
      logger.removeHandler(handlers[turn] as Handler);
      logger.addHandler(handlers[1 - turn] as Handler);
      logger.info('%04d', i);
    }
    const all = names()
      .flatMap((name) => content(name).trimEnd().split('\n'))
      .sort();
    expect(all).toEqual(Array.from({ length: 200 }, (_, i) => String(i).padStart(4, '0')));
    expect(await told()).toEqual(['SAFELOG_WRITERS_DIFFER', 'SAFELOG_WRITERS_DIFFER']);
  });

  test('by size and by time', async () => {
    const handlers = [bySize({ maxBytes: 20, backupCount: 1, useGzip: true }), byTime({ when: 's', maxBytes: 50, useGzip: true })];
    for (let i = 0; i < 200; i++) {
      // Not in step with the rotations: each of the two makes some.
      const turn = Math.floor(i / 3) % 2;
      logger.removeHandler(handlers[turn] as Handler);
      logger.addHandler(handlers[1 - turn] as Handler);
      logger.info('%04d', i);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await Promise.all(handlers.map((handler) => handler.flush()));
    const all = names()
      .flatMap((name) => content(name).trimEnd().split('\n'))
      .sort();
    expect(all).toEqual(Array.from({ length: 200 }, (_, i) => String(i).padStart(4, '0')));
    expect(await told()).toEqual(['SAFELOG_WRITERS_DIFFER', 'SAFELOG_WRITERS_DIFFER']);
  });

  test('the same settings, and those of the dead, are none', async () => {
    writeFileSync(
      join(folder, '.__app.writers'),
      '{"kind":"size","maxBytes":7,"backupCount":1,"id":"a","host":"elsewhere","pid":1,"since":0}\nrubbish\n{"kind":3}\n',
    );
    for (let i = 0; i < 2; i++) bySize({ maxBytes: 20, backupCount: 2 });
    for (let i = 0; i < 9; i++) logger.info('record');
    expect(await told()).toEqual([]);
    const entries = () => readFileSync(join(folder, '.__app.writers'), 'utf8').trimEnd().split('\n').length;
    expect(entries()).toBe(2);
    made[0]?.close();
    expect(entries()).toBe(1);
    made[1]?.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual(['.__app.lock']);
  });
});

describe('sent away by mistake, it says what to do', () => {
  const advice = /cannot be sent to a worker or another process: make one there/;
  test('postMessage, workerData, structuredClone, JSON, a logger that has it', () => {
    const handler = bySize();
    const { port1, port2 } = new MessageChannel();
    expect(() => port1.postMessage({ handler })).toThrow(advice);
    port1.close();
    port2.close();
    expect(() => new Worker('', { eval: true, workerData: handler })).toThrow(advice);
    expect(() => structuredClone(handler)).toThrow(advice);
    expect(() => structuredClone(logger)).toThrow(advice);
    expect(() => JSON.stringify({ handler })).toThrow(advice);
  });

  test.each(['json', 'advanced'] as const)('to a child, serialised as %s', async (serialization) => {
    const child = fork('-e', ['process.on("message", () => {})'], { serialization, execArgv: [], stdio: 'ignore' });
    child.once('error', () => {});
    const ended = new Promise((resolve) => child.once('close', resolve));
    expect(() => child.send({ handler: bySize() })).toThrow(advice);
    child.kill();
    await ended;
  });
});
