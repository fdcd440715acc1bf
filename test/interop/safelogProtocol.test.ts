import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const CLIENTS = 4;
const ENTRIES = 300;
/** The longest entries have so many characters. */
const LONG = 3_000_000;
const project = join(import.meta.dirname, '../..');
let root: string;
let service: ChildProcess;
let port: number;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'safelog-interop-'));
  service = spawn(
    process.execPath,
    [join(project, 'server/bin/safelog.js'), 'serve', '--root', root, '--port', '0', '--socket', '-', '--identity', 'off'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  port = await new Promise((resolve, reject) => {
    service.once('exit', () => reject(new Error('the service did not start')));
    service.stdout?.on('data', (chunk) => {
      const found = /^listening on 127\.0\.0\.1:(\d+), root /.exec(String(chunk));
      if (found) resolve(Number(found[1]));
    });
  });
});
afterEach(() => {
  service.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** The entries of a log by client, in the order of the file, without what comes after the entry's number; and its other lines. */
function readLog(name: string): { byClient: Map<string, number[]>; others: Map<string, number>; bytes: number } {
  const byClient = new Map<string, number[]>();
  const others = new Map<string, number>();
  const text = readFileSync(join(root, name), 'utf8');
  expect(text.at(-1)).toBe('\n');
  for (const line of text.slice(0, -1).split('\n')) {
    const entry = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?\+00:00 (?:load\.log )?DEBUG client (\d+) entry (\d+)(?: (x+))?$/.exec(line);
    if (!entry || ![undefined, LONG].includes(entry[3]?.length)) {
      others.set(line, (others.get(line) ?? 0) + 1);
      continue;
    }
    const numbers = byClient.get(String(entry[1])) ?? [];
    numbers.push(Number(entry[2]));
    byClient.set(String(entry[1]), numbers);
  }
  return { byClient, others, bytes: Buffer.byteLength(text) };
}

test("original clients under load: every entry once, whole and in its client's order, in the log and in master.log", async () => {
  // Beside them: clients that connect and say nothing, and one that sends a byte now and then.
  const idle: Socket[] = [];
  for (let i = 0; i < 20; i++) idle.push(connect({ port, host: '127.0.0.1' }));
  const dripping = setInterval(() => idle[0]?.write('x'), 50);
  const client = join(import.meta.dirname, 'safelog_client.py');
  const runs = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) => promisify(execFile)('/usr/bin/python3', [client, String(port), String(i), String(ENTRIES)])),
  );
  clearInterval(dripping);
  service.kill('SIGTERM');
  const code = await new Promise((resolve) => service.once('exit', resolve));
  for (const socket of idle) socket.destroy();
  expect(code).toBe(0);

  const expected = [...Array(ENTRIES).keys()];
  const multiLine = expected.filter((number) => number % 50 !== 25 && number % 7 === 3).length * CLIENTS;
  for (const name of ['alice/load.log', 'alice/master.log']) {
    const { byClient, others, bytes } = readLog(name);
    expect([...byClient.keys()].sort()).toEqual([...Array(CLIENTS).keys()].map(String));
    for (const numbers of byClient.values()) expect(numbers).toEqual(expected);
    expect(others).toEqual(
      new Map([
        ['second line', multiLine],
        ['\tthird line ✓', multiLine],
      ]),
    );
    expect(bytes).toBeGreaterThan(CLIENTS * (ENTRIES / 50) * LONG);
  }
  const seconds = Math.max(...runs.map(({ stdout }) => Number(stdout)));
  console.log(`${CLIENTS} clients: ${Math.round((CLIENTS * ENTRIES) / seconds)} entries/s (two connections each)`);
});
