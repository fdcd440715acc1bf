/**
 * The logging package beside Python's logging and pino, in one run: a disabled call; a line to a file for each call, written before the call
 * returns; and memory over ten million records. The lines are alike: time, level, name and a message with two values.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { FileHandler } from '../../server/src/logging/fileHandler.ts';
import { Formatter } from '../../server/src/logging/formatter.ts';
import { Logger } from '../../server/src/logging/logger.ts';
import { getLogger } from '../../server/src/logging/manager.ts';
import { NullHandler } from '../../server/src/logging/nullHandler.ts';

const LINES = 200_000;
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'safelog-bench-'));

/** ns for each call, the median of some rounds. */
function time(count: number, action: (count: number) => void): number {
  action(Math.min(count, 20_000));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    action(count);
    return Number(process.hrtime.bigint() - start) / count;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
}

function fileLogger(name: string, format: string): Logger {
  const logger = getLogger(name);
  const handler = new FileHandler(join(folder, `${name}.log`), { mode: 'w' });
  handler.setFormatter(new Formatter(format));
  logger.propagate = false;
  logger.setLevel('INFO');
  logger.addHandler(handler);
  return logger;
}

const python = `
import logging, sys, time
folder, count = sys.argv[1], int(sys.argv[2])
def run(name, format):
    logger = logging.getLogger(name); logger.setLevel(logging.INFO)
    handler = logging.FileHandler(folder + '/python-' + name, mode='w'); handler.setFormatter(logging.Formatter(format)); logger.addHandler(handler)
    times = []
    for _ in range(3):
        start = time.perf_counter_ns()
        for i in range(count): logger.info('order %d took %.1f ms', i, 3.25)
        times.append((time.perf_counter_ns() - start) / count)
    return sorted(times)[1]
def disabled():
    logger = logging.getLogger('off'); logger.setLevel(logging.ERROR)
    start = time.perf_counter_ns()
    for i in range(count * 5): logger.debug('order %d took %.1f ms', i, 3.25)
    return (time.perf_counter_ns() - start) / count / 5
print(run('plain', '%(asctime)s %(levelname)s %(name)s %(message)s'), run('caller', '%(asctime)s %(levelname)s %(filename)s:%(lineno)d %(message)s'), disabled())`;

const show = (name: string, ns: number, ratio = ''): void =>
  console.log(`${name.padEnd(44)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(8)} ns ${ratio}`);

try {
  const off = new Logger('off', 'ERROR');
  const disabled = time(20_000_000, (count) => {
    for (let i = 0; i < count; i++) off.debug('order %d took %.1f ms', i, 3.25);
  });
  const plain = fileLogger('plain', '%(asctime)s %(levelname)s %(name)s %(message)s');
  const caller = fileLogger('caller', '%(asctime)s %(levelname)s %(filename)s:%(lineno)d %(message)s');
  const destination = pino.destination({ dest: join(folder, 'pino.log'), sync: true });
  const pinoLogger = pino({ name: 'plain' }, destination);
  const log = (logger: Logger) => (count: number) => {
    for (let i = 0; i < count; i++) logger.info('order %d took %.1f ms', i, 3.25);
  };
  const ours = time(LINES, log(plain));
  const pinos = time(LINES, (count) => {
    for (let i = 0; i < count; i++) pinoLogger.info('order %d took %s ms', i, 3.25);
  });
  const withCaller = time(LINES / 4, log(caller));
  const [pythonPlain = 0, pythonCaller = 0, pythonOff = 0] = execFileSync('/usr/bin/python3', ['-c', python, folder, String(LINES / 2)], {
    encoding: 'utf8',
  })
    .trim()
    .split(' ')
    .map(Number);

  console.log(`\nLogging: a call, the median of ${ROUNDS} rounds`);
  show('disabled', disabled, `goal 10; Python ${pythonOff.toFixed(0)}`);
  show(
    'to a file',
    ours,
    `${(pythonPlain / ours).toFixed(1)} x Python's speed (goal 2), ${(ours / pinos).toFixed(2)} x pino's time (goal 1.5)`,
  );
  show('to a file, with the caller', withCaller, `${(pythonCaller / withCaller).toFixed(1)} x Python's speed`);
  show('pino, sync', pinos);
  show("Python's FileHandler", pythonPlain);
  console.log(`bytes a line: ${Math.round(statSync(join(folder, 'plain.log')).size / (LINES * ROUNDS + 20_000))}`);

  const memory = getLogger('memory');
  memory.propagate = false;
  memory.setLevel('DEBUG');
  const handler = new NullHandler();
  handler.handle = (record) => record.getMessage().length > 0;
  memory.addHandler(handler);
  const heap = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  log(memory)(100_000);
  const before = heap();
  log(memory)(10_000_000);
  console.log(`memory after 10 million records: ${((heap() - before) / 1024).toFixed(0)} KiB more`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
