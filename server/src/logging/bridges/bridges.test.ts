import createDebug from 'debug';
import pino from 'pino';
import { expect, test } from 'vitest';
import winston from 'winston';
import { captureWarnings } from '../captureWarnings.ts';
import { Formatter } from '../formatter.ts';
import { Handler } from '../handler.ts';
import type { LogRecord } from '../logRecord.ts';
import { getLogger } from '../manager.ts';
import { captureConsole, consoleOf } from './console.ts';
import { ConsoleHandler } from './consoleHandler.ts';
import { captureDebug } from './debugNamespaces.ts';
import { pinoDestination, winstonTransport } from './jsonLines.ts';

class Noting extends Handler {
  readonly records: LogRecord[] = [];
  readonly lines: string[] = [];
  override emit(record: LogRecord): void {
    this.records.push(record);
    this.lines.push(this.format(record));
  }
}

function noting(name: string): Noting {
  const logger = getLogger(name);
  const handler = new Noting();
  handler.setFormatter(new Formatter('%(levelname)s %(name)s %(message)s'));
  logger.propagate = false;
  logger.setLevel('DEBUG');
  logger.addHandler(handler);
  return handler;
}

test('console.log and its kin, and what they would have printed', () => {
  const handler = noting('bridge.console');
  handler.setFormatter(new Formatter('%(levelname)s %(funcName)s %(message)s'));
  const restore = captureConsole(getLogger('bridge.console'));
  try {
    (function work(): void {
      console.log('%d of', 3, { a: 1 });
      console.warn('100%');
      console.error(new Error('bad'));
      console.debug('low');
    })();
  } finally {
    restore();
  }
  expect(handler.lines.map((line) => line.split('\n')[0])).toEqual([
    'INFO work 3 of { a: 1 }',
    'WARNING work 100%',
    'ERROR work Error: bad',
    'DEBUG work low',
  ]);
  const own = consoleOf(getLogger('bridge.console'));
  own.info('for a library');
  expect(handler.lines.at(-1)).toMatch(/^INFO .* for a library$/);
});

test('records to a console, by their levels', () => {
  const calls: string[] = [];
  const note = (method: string) => (_: string, text: string) => calls.push(`${method} ${text}`);
  const logger = getLogger('bridge.toConsole');
  logger.propagate = false;
  logger.setLevel('DEBUG');
  logger.addHandler(new ConsoleHandler({ debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }));
  for (const level of ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']) logger.log(level, '%s', level);
  expect(calls).toEqual(['debug DEBUG', 'info INFO', 'warn WARNING', 'error ERROR', 'error CRITICAL']);
});

test('pino writes to a logger', () => {
  const handler = noting('bridge.pino');
  const log = pino({ level: 'trace' }, pinoDestination(getLogger('bridge.pino')));
  log.info({ user: 'ann' }, 'hello');
  log.error(new TypeError('bad'));
  log.fatal('over');
  log.trace('low');
  expect(handler.lines.map((line) => line.split('\n')[0])).toEqual([
    'INFO bridge.pino hello',
    'ERROR bridge.pino bad',
    'CRITICAL bridge.pino over',
    'DEBUG bridge.pino low',
  ]);
  expect(handler.records[0]).toMatchObject({ user: 'ann' });
  expect(handler.lines[1]).toContain('TypeError: bad\n    at ');
  expect(Math.abs((handler.records[0]?.created ?? 0) - Date.now() / 1000)).toBeLessThan(60);
});

test('winston writes to a logger', async () => {
  const handler = noting('bridge.winston');
  const log = winston.createLogger({
    level: 'silly',
    format: winston.format.errors({ stack: true }),
    transports: [winstonTransport(getLogger('bridge.winston'))],
  });
  log.info('hello', { user: 'ann' });
  log.error(new Error('bad'));
  log.verbose('low');
  await expect
    .poll(() => handler.lines.map((line) => line.split('\n')[0]))
    .toEqual(['INFO bridge.winston hello', 'ERROR bridge.winston bad', 'DEBUG bridge.winston low']);
  expect(handler.records[0]).toMatchObject({ user: 'ann' });
  expect(handler.lines[1]).toContain('\nError: bad\n    at ');
});

test('the namespaces of debug are loggers', () => {
  const handler = noting('debug.app');
  const restore = captureDebug(createDebug);
  createDebug.enable('app:*');
  try {
    createDebug('app:db')('%s took %d ms', 'it', 5);
    createDebug('other')('never');
  } finally {
    createDebug.disable();
    restore();
  }
  expect(handler.lines).toEqual(['DEBUG debug.app.db it took 5 ms']);
});

test("Node's warnings are logged while they are captured", async () => {
  const handler = noting('node.warnings');
  const listeners = process.listeners('warning');
  captureWarnings(true);
  captureWarnings(true);
  process.emitWarning('take care', { type: 'MyWarning', code: 'W1', detail: 'more' });
  await expect.poll(() => handler.lines).toEqual(['WARNING node.warnings MyWarning: [W1] take care\nmore']);
  captureWarnings(false);
  expect(process.listeners('warning')).toEqual(listeners);
});
