import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../protocol.ts';
import { type Append, Journal } from './journal.ts';
import { loadFlock } from './loadFlock.ts';
import { LockFile } from './lockFile.ts';
import { finishAppend } from './recovery.ts';
import { type LogItem, UserWriter } from './userWriter.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
let root: string;
let folder: string;
let problems: Problem[];
let writers: UserWriter[];

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

function open(rotation = {}): UserWriter {
  const writer = new UserWriter({ root, user: 'alice', rotation, onProblem: (problem) => problems.push(problem) });
  writers.push(writer);
  return writer;
}

/** Records `first` to `last` of a client, each in the module's log and in master.log. */
function take(writer: UserWriter, client: string | null, first: number, last: number, module = 'web'): Promise<Error | null> {
  return new Promise((resolve) => {
    const item: LogItem = {
      basenames: [`${module}.log`, 'master.log'],
      client,
      last,
      bytes: 10,
      render: (log, stored) => {
        for (let i = Math.max(first, stored + 1); i <= last; i++) {
          log(`${module}.log`).push(Buffer.from(`${i}\n`));
          log('master.log').push(Buffer.from(`${module}.log ${i}\n`));
        }
      },
      done: resolve,
    };
    writer.take(item);
  });
}

const numbers = (text: string) => text.split('\n').slice(0, -1).map(Number);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-user-'));
  folder = join(root, 'alice');
  problems = [];
  writers = [];
});

afterEach(async () => {
  for (const writer of writers) await writer.close();
  rmSync(root, { recursive: true, force: true });
});

test('items of several clients are in both logs when they are done, in one order', async () => {
  const writer = open();
  await Promise.all([take(writer, A, 1, 3), take(writer, B, 1, 2, 'db'), take(writer, null, 7, 7)]);
  expect(read('web.log')).toBe('1\n2\n3\n7\n');
  expect(read('master.log')).toBe('web.log 1\nweb.log 2\nweb.log 3\ndb.log 1\ndb.log 2\nweb.log 7\n');
  expect(problems).toEqual([]);
});

test('what comes again is written once: in the same turn, later, and by the next writer', async () => {
  const writer = open();
  await Promise.all([take(writer, A, 1, 3), take(writer, A, 2, 5)]);
  await take(writer, A, 4, 6);
  await writer.close();
  const next = open();
  await take(next, A, 5, 8);
  expect(numbers(read('web.log'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  next.forget(A);
  await take(next, A, 1, 1);
  expect(numbers(read('web.log')).at(-1)).toBe(1);
});

test('one journal, one writer', async () => {
  await take(open(), A, 1, 1);
  const second = open();
  const late = take(second, A, 2, 2);
  await expect.poll(() => problems.map(({ message }) => message)).toEqual([expect.stringContaining('another service')]);
  await writers[0]!.close();
  expect(await late).toBe(null);
  expect(numbers(read('web.log'))).toEqual([1, 2]);
});

test('many transactions: the journal does not grow for ever, and still knows everybody', async () => {
  const writer = open();
  const clients = Array.from({ length: 50 }, (_, i) => i.toString(16).padStart(32, '0'));
  for (let round = 0; round < 25; round++)
    await Promise.all(clients.map((client) => take(writer, client, round * 100 + 1, (round + 1) * 100)));
  await writer.close();
  for (const name of ['journal.0', 'journal.1']) expect(statSync(join(folder, '.safelog', name)).size).toBeLessThan(5 * 2 ** 20);
  const next = open();
  await Promise.all(clients.map((client) => take(next, client, 2401, 2501)));
  expect(read('web.log').split('\n').length - 1).toBe(50 * 2501);
});

test('a log that somebody keeps locked holds up nothing but itself', async () => {
  mkdirSync(folder);
  const lock = new LockFile({ log: join(folder, 'web.log') });
  lock.acquire(0);
  const writer = open();
  let isWritten = false;
  const blocked = take(writer, A, 1, 1).then(() => {
    isWritten = true;
  });
  await take(writer, B, 1, 1, 'db');
  expect(isWritten).toBe(false);
  lock.close();
  await blocked;
  expect(read('master.log')).toBe('db.log 1\nweb.log 1\n');
});

test('what is no log is refused, and stops nothing else', async () => {
  mkdirSync(join(folder, 'dir.log'), { recursive: true });
  symlinkSync('/dev/null', join(folder, 'link.log'));
  const writer = open();
  expect(await take(writer, A, 1, 1, 'dir')).toBeInstanceOf(Error);
  expect(await take(writer, A, 2, 2, 'link')).toBeInstanceOf(Error);
  expect(await take(writer, A, 3, 3)).toBe(null);
  expect(read('master.log')).toBe('web.log 3\n');
  expect(problems).toHaveLength(2);
});

test('the tree is rotated', async () => {
  const writer = open({ maxBytes: 100, backupCount: 100 });
  for (let i = 1; i <= 100; i++) await take(writer, A, i, i);
  const generations = readdirSync(folder).filter((name) => /^web\.log(\.\d+)?$/.test(name));
  expect(generations.length).toBeGreaterThan(1);
  const age = (name: string) => Number(name.slice('web.log.'.length) || 0);
  expect(generations.sort((a, b) => age(b) - age(a)).flatMap((name) => numbers(read(name)))).toEqual(
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
});

describe('a killed writer', () => {
  const line = (i: number) => Buffer.from(`${i}\n`.repeat(10));

  /** As a writer that has told the journal of 10 lines of 2 for web.log, which has 10 of 1, and dies. */
  function die(): Append {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'web.log'), line(1));
    const { dev, ino } = statSync(join(folder, 'web.log'), { bigint: true });
    const append = { basename: 'web.log', dev, ino, size: 20, bytes: line(2) };
    const journal = Journal.open(join(folder, '.safelog'), loadFlock(), () => {})!;
    journal.commit({ clients: new Map([[A, 5]]), appends: [{ ...append, size: 0, bytes: line(1) }] });
    journal.commit({ clients: new Map([[A, 10]]), appends: [append] });
    journal.close();
    return append;
  }

  async function recovered(): Promise<string> {
    const writer = open();
    writer.recover();
    await take(writer, A, 8, 10);
    await writer.close();
    return read('web.log');
  }
  const all = Buffer.concat([line(1), line(2)]).toString();

  test('before the append', async () => {
    die();
    expect(await recovered()).toBe(all);
  });

  test('after it', async () => {
    die();
    appendFileSync(join(folder, 'web.log'), line(2));
    expect(await recovered()).toBe(all);
  });

  test('within it', async () => {
    die();
    appendFileSync(join(folder, 'web.log'), line(2).subarray(0, 7));
    expect(await recovered()).toBe(all);
  });

  test('within it, and others wrote: no whole line is doubled or lost', async () => {
    die();
    appendFileSync(join(folder, 'web.log'), Buffer.concat([line(2).subarray(0, 7), Buffer.from('other\n')]));
    const found = await recovered();
    expect(found.split('\n').filter((each) => each === '2')).toHaveLength(10);
    expect(found).toContain('other\n');
  });

  test('others wrote before it, after it, and rotated', async () => {
    die();
    appendFileSync(join(folder, 'web.log'), Buffer.concat([Buffer.from('other\n'), line(2), Buffer.from('more\n')]));
    renameSync(join(folder, 'web.log'), join(folder, 'web.log.1'));
    writeFileSync(join(folder, 'web.log'), 'new\n');
    expect(await recovered()).toBe('new\n');
  });

  test('rotated before the append: its lines are at the end of that generation', async () => {
    die();
    renameSync(join(folder, 'web.log'), join(folder, 'web.log.1'));
    writeFileSync(join(folder, 'web.log'), 'new\n');
    expect(await recovered()).toBe('new\n');
    expect(read('web.log.1')).toBe(all);
  });

  test('rotated and compressed after the append', () => {
    const append = die();
    rmSync(join(folder, 'web.log'));
    writeFileSync(join(folder, 'web.log.1.gz'), gzipSync(all));
    writeFileSync(join(folder, 'web.log'), 'new\n');
    finishAppend(folder, append, Date.now());
    expect(read('web.log')).toBe('new\n');
  });

  test('the log was truncated, or deleted', async () => {
    const append = die();
    truncateSync(join(folder, 'web.log'));
    expect(await recovered()).toBe(line(2).toString());
    rmSync(join(folder, 'web.log'));
    finishAppend(folder, append, Date.now());
    expect(read('web.log')).toBe(line(2).toString());
  });

  test('in the journal: what it was about is not stored, what was before is', async () => {
    const { length } = line(2);
    for (let cut = 1; cut < 100; cut += 9) {
      rmSync(folder, { recursive: true, force: true });
      die();
      appendFileSync(join(folder, 'web.log'), '');
      const name = join(folder, '.safelog/journal.1');
      const { size } = statSync(name);
      truncateSync(name, size - Math.min(cut, length));
      const journal = Journal.open(join(folder, '.safelog'), loadFlock(), () => {})!;
      expect(journal.stored(A)).toBe(5);
      journal.close();
    }
  });
});
