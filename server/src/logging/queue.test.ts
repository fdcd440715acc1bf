import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { FileHandler } from './fileHandler.ts';
import { Formatter } from './formatter.ts';
import { Handler } from './handler.ts';
import { LogQueue } from './logQueue.ts';
import type { LogRecord } from './logRecord.ts';
import { getLogger } from './manager.ts';
import { MemoryHandler } from './memoryHandler.ts';
import { QueueHandler } from './queueHandler.ts';
import { QueueListener } from './queueListener.ts';
import { makeLogRecord } from './recordFields.ts';
import { setupLoggingQueues } from './setupLoggingQueues.ts';
import { buildProgram, PACKAGE } from './testing/buildProgram.ts';

class Noting extends Handler {
  readonly seen: string[] = [];
  override emit(record: LogRecord): void {
    this.seen.push(this.format(record));
  }
}

test('a listener gives handlers what their levels let through, where it is told so', async () => {
  const queue = new LogQueue();
  const [low, high] = [new Noting('DEBUG'), new Noting('ERROR')];
  low.setFormatter(new Formatter('%(levelname)s %(funcName)s %(message)s %(user)s'));
  const logger = getLogger('queue.levels');
  logger.propagate = false;
  logger.setLevel('DEBUG');
  logger.addHandler(new QueueHandler(queue));
  (function work(): void {
    logger.info('%d of %d', 1, 2, { extra: { user: 'ann' } });
    logger.error('bad', { excInfo: new Error('why'), extra: { user: 'bob' } });
  })();
  expect(queue.size).toBe(2);
  const listener = new QueueListener(queue, low, high, { respectHandlerLevel: true });
  listener.start();
  await listener.stop();
  expect(low.seen).toEqual(['INFO work 1 of 2 ann', expect.stringMatching(/^ERROR work bad\nError: why\n {4}at work .*bob$/s)]);
  expect(high.seen).toHaveLength(1);
  const all = new QueueListener(queue, high);
  all.start();
  logger.debug('everything');
  await all.stop();
  expect(high.seen.at(-1)).toBe('everything');
});

test('records of other threads come to the queue of this one, all that were put, in their order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-'));
  try {
    const source = `import { getLogger, QueueHandler } from ${PACKAGE}; import { workerData } from 'node:worker_threads';
      const logger = getLogger('worker'); logger.setLevel('DEBUG'); logger.propagate = false; logger.addHandler(new QueueHandler(workerData.port));
      for (let i = 0; i < 500; i++) logger.info('%d of %s', i, workerData.name);`;
    const file = buildProgram(folder, source);
    const queue = new LogQueue();
    const noting = new Noting();
    noting.setFormatter(new Formatter('%(threadName)s %(message)s'));
    const listener = new QueueListener(queue, noting);
    listener.start();
    const workers = ['a', 'b'].map((name) => {
      const port = queue.makePort();
      return new Worker(file, { workerData: { port, name }, transferList: [port] });
    });
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    await listener.stop();
    for (const name of ['a', 'b']) {
      const own = noting.seen.filter((line) => line.endsWith(` of ${name}`));
      expect(own.map((line) => Number(line.split(' ')[1]))).toEqual([...Array(500).keys()]);
      expect(new Set(own.map((line) => line.split(' ')[0])).size).toBe(1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('setupLoggingQueues defers what is logged, but not the levels that it is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-'));
  const path = join(folder, 'x.log');
  const logger = getLogger('queue.setup');
  logger.propagate = false;
  logger.setLevel('DEBUG');
  const handler = new FileHandler(path, { level: 'INFO' });
  logger.addHandler(handler);
  try {
    setupLoggingQueues({ syncLevel: 'ERROR' });
    logger.debug('never');
    logger.info('later');
    expect(readFileSync(path, 'utf8')).toBe('');
    logger.error('now');
    expect(readFileSync(path, 'utf8')).toBe('later\nnow\n');
    logger.info('in a later turn');
    await expect.poll(() => readFileSync(path, 'utf8')).toBe('later\nnow\nin a later turn\n');
    logger.info('flushed');
    await logger.handlers[0]?.flush();
    expect(readFileSync(path, 'utf8')).toContain('flushed');
  } finally {
    logger.removeHandler(logger.handlers[0] ?? handler);
    handler.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('MemoryHandler keeps records until one matters, there are many, or it is closed', () => {
  const target = new Noting();
  target.setFormatter(new Formatter('%(funcName)s %(message)s'));
  const memory = new MemoryHandler(3, { target });
  const logger = getLogger('queue.memory');
  logger.propagate = false;
  logger.setLevel('DEBUG');
  logger.addHandler(memory);
  function work(...texts: string[]): void {
    for (const text of texts) logger.info(text);
  }
  work('1', '2');
  expect(target.seen).toEqual([]);
  work('3');
  expect(target.seen).toEqual(['work 1', 'work 2', 'work 3']);
  logger.error('4');
  expect(target.seen.length).toBe(4);
  work('5');
  memory.close();
  expect(target.seen.at(-1)).toBe('work 5');
  const dropping = new MemoryHandler(3, { target, flushOnClose: false });
  dropping.handle(makeLogRecord({ msg: 'gone' }));
  dropping.close();
  expect(target.seen.length).toBe(5);
});
