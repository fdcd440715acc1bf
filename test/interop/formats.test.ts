/** A format string with which the service writes: by the real command, Python's own handlers, and the index that reads it back. */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const command = join(import.meta.dirname, '../../server/bin/safelog.js');
let root: string;
let service: ChildProcess | undefined;
const env = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: join(root, '..'), TZ: 'Europe/Berlin' });

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'safelog-format-')), 'tree');
});
afterEach(() => {
  service?.kill('SIGKILL');
  rmSync(join(root, '..'), { recursive: true, force: true });
});

async function serve(...args: string[]): Promise<{ tcp: number; udp: number; http: number }> {
  const all = [command, 'serve', '--root', root, '--port', '0', '--socket', '-', '--python-tcp', '0', '--python-udp', '0', '--http', '0'];
  const child = spawn(process.execPath, [...all, ...args], { env: env(), stdio: ['ignore', 'pipe', 'inherit'] });
  service = child;
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await expect.poll(() => output).toMatch(/\(http\)\n/);
  const port = (kind: string): number => Number(new RegExp(`:(\\d+) \\(${kind}\\)`).exec(output)?.[1]);
  return { tcp: port('python-tcp'), udp: port('python-udp'), http: port('http') };
}

async function stop(): Promise<void> {
  const ended = new Promise((resolve) => service?.once('close', resolve));
  service?.kill('SIGTERM');
  await ended;
}

const log = `
import logging, logging.handlers, sys, threading
tcp, udp, http, run = map(int, sys.argv[1:])
web = logging.getLogger('web.db')
web.setLevel(1)
def everything():
    for n in range(20):
        web.info('run %d, %d of 20: ünï', run, n)
    web.warning('two\\n2026-11-20 22:56:00,406 CRITICAL root forged', extra={'k': 1})
    try:
        1 / 0
    except ZeroDivisionError:
        web.exception('failed')
for handler in (logging.handlers.SocketHandler('127.0.0.1', tcp), logging.handlers.DatagramHandler('127.0.0.1', udp), logging.handlers.HTTPHandler('127.0.0.1:%d' % http, '/', 'POST')):
    web.handlers = [handler]
    everything()
    handler.close()
web.handlers = [logging.handlers.SocketHandler('127.0.0.1', tcp)]
thread = threading.Thread(target=everything, name='Thread-1 (worker)')
thread.start()
thread.join()
web.handlers[0].close()
`;
const PER_RUN = 4 * 22;

/** A row of `safelog cat --format jsonl`. */
interface Row {
  user: string;
  module: string;
  level: string;
  message: string;
  file: string;
  logger?: string;
  thread?: string;
  source?: string;
}

function cat(): Row[] {
  const text = execFileSync(process.execPath, [command, 'cat', '--root', root, '--format', 'jsonl'], { env: env(), encoding: 'utf8' });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
}

async function run(number: number, ...args: string[]): Promise<void> {
  // Stamps of a format may have whole seconds: those of one run are not to look older than those of the run before.
  await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
  const { tcp, udp, http } = await serve(...args);
  execFileSync('/usr/bin/python3', ['-c', log, ...[tcp, udp, http, number].map(String)], { env: env() });
  await stop();
}

test('records of Python’s handlers in two formats and Safelog’s own layout, in one log that is rotated: all are read, paired and whole', async () => {
  await run(0);
  const format = '%(asctime)s %(levelname)-8s %(funcName)s:%(lineno)d %(threadName)s %(message)s';
  await run(1, '--format', format, '--max-bytes', '5000', '--gzip');
  await run(2, '--format', '{asctime} [{levelname}] {name}: {message}', '--datefmt', '%d.%m.%Y %H:%M:%S%z', '--max-bytes', '5000');

  const rows = cat();
  expect(rows).toHaveLength(3 * PER_RUN);
  // None stands in master.log alone: each has found its half.
  expect(new Set(rows.map(({ module, file }) => `${module} ${file.replace(/\.log.*/, '.log')}`))).toEqual(
    new Set([`web.db ${rows[0]?.user}/web.db.log`]),
  );
  for (const n of [0, 1, 2]) {
    const messages = rows.slice(n * PER_RUN, (n + 1) * PER_RUN).map(({ level, message }) => `${level} ${message}`);
    for (let i = 0; i < 20; i++) expect(messages.filter((text) => text === `INFO run ${n}, ${i} of 20: ünï`)).toHaveLength(4);
    expect(messages.filter((text) => text === 'WARNING two\n\t2026-11-20 22:56:00,406 CRITICAL root forged')).toHaveLength(4);
    expect(messages.filter((text) => /^ERROR failed\n\tTraceback .*ZeroDivisionError/s.test(text))).toHaveLength(3);
  }
  const [user = ''] = rows.map((row) => row.user);
  const generations = readdirSync(join(root, user)).filter((name) => name.startsWith('web.db.log'));
  expect(generations.length).toBeGreaterThan(2);
  // What the format can say is said in it; what is read is what its fields say.
  expect(readFileSync(join(root, user, 'web.db.log'), 'utf8')).toMatch(
    /^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d\+0[12]00 \[INFO\] web\.db: run 2/m,
  );
  expect(rows.filter(({ message }) => message === 'run 2, 3 of 20: ünï')).toMatchObject(Array(4).fill({ logger: 'web.db' }));
  const first = rows.filter(({ message }) => message === 'run 1, 3 of 20: ünï');
  // A thread's name with a blank in it, in front of a blank, is for Safelog's own layout.
  expect(first.map(({ thread }) => thread)).toEqual(['MainThread', 'MainThread', 'MainThread', 'Thread-1 (worker)']);
}, 60_000);

test('a format that could not be read back is refused at the start', () => {
  const args = [command, 'serve', '--root', root, '--port', '0', '--socket', '-', '--format'];
  const { status, stderr } = spawnSync(process.execPath, [...args, '%(levelname)s %(message)s'], { env: env(), encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/--format: .* has no time/);
});
