import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../protocol.ts';
import { mayMount, mountDisk } from './testDisk.ts';
import { TreeWriter } from './treeWriter.ts';

let root: string;
let problems: Problem[];
let writer: TreeWriter;
const bytes = (text: string) => Buffer.from(text);
const log = (name: string) => readFileSync(join(root, name), 'utf8');
const openFiles = () => readdirSync('/proc/self/fd').length;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'safelog-writer-')), 'tree');
  problems = [];
  writer = new TreeWriter({ root, onProblem: (problem) => problems.push(problem) });
});
afterEach(() => {
  writer.close();
  rmSync(join(root, '..'), { recursive: true, force: true });
});

test('makes the root, the directory and the file, and appends the bytes as they are', () => {
  expect(writer.append('alice', 'demo.log', bytes('one'))).toBe(true);
  expect(writer.append('alice', 'demo.log', bytes('two\n\xff\0'))).toBe(true);
  expect(writer.append('alice', '<string>.log', bytes(''))).toBe(true);
  expect(log('alice/demo.log')).toBe('onetwo\nÿ\0');
  expect(log('alice/<string>.log')).toBe('');
  expect(statSync(join(root, 'alice')).mode & 0o777).toBe(0o755 & ~process.umask());
  expect(statSync(join(root, 'alice/demo.log')).mode & 0o777).toBe(0o644 & ~process.umask());
  expect(problems).toEqual([]);
});

describe('goes on in the right file after', () => {
  const path = () => join(root, 'alice/demo.log');
  beforeEach(() => writer.append('alice', 'demo.log', bytes('old\n')));

  test('rename and create', () => {
    renameSync(path(), `${path()}.1`);
    writeFileSync(path(), '');
    writer.append('alice', 'demo.log', bytes('new\n'));
    expect([log('alice/demo.log.1'), log('alice/demo.log')]).toEqual(['old\n', 'new\n']);
  });

  test('rename alone', () => {
    renameSync(path(), `${path()}.1`);
    writer.append('alice', 'demo.log', bytes('new\n'));
    expect([log('alice/demo.log.1'), log('alice/demo.log')]).toEqual(['old\n', 'new\n']);
  });

  test('deletion', () => {
    rmSync(path());
    writer.append('alice', 'demo.log', bytes('new\n'));
    expect(log('alice/demo.log')).toBe('new\n');
  });

  test('copytruncate', () => {
    copyFileSync(path(), `${path()}.1`);
    truncateSync(path());
    writer.append('alice', 'demo.log', bytes('new\n'));
    expect([log('alice/demo.log.1'), log('alice/demo.log')]).toEqual(['old\n', 'new\n']);
  });

  test("deletion of the user's directory, and of the root", () => {
    rmSync(join(root, 'alice'), { recursive: true });
    writer.append('alice', 'demo.log', bytes('new\n'));
    expect(log('alice/demo.log')).toBe('new\n');
    rmSync(root, { recursive: true });
    writer.append('alice', 'demo.log', bytes('newer\n'));
    expect(log('alice/demo.log')).toBe('newer\n');
  });
});

test('keeps a bounded number of files open', () => {
  writer = new TreeWriter({ root, maxOpenFiles: 4 });
  const before = openFiles();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 40; i++) writer.append('alice', `m${i}.log`, bytes(`${round}\n`));
  }
  expect(openFiles() - before).toBe(4);
  expect(log('alice/m0.log')).toBe('0\n1\n');
  expect(log('alice/m39.log')).toBe('0\n1\n');
  writer.close();
  expect(openFiles()).toBe(before);
});

describe('never follows a link', () => {
  test('in place of the log', () => {
    const target = join(root, '../target');
    writeFileSync(target, 'safe');
    mkdirSync(join(root, 'alice'), { recursive: true });
    symlinkSync(target, join(root, 'alice/demo.log'));
    symlinkSync(join(root, '../absent'), join(root, 'alice/dangling.log'));
    expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
    expect(writer.append('alice', 'dangling.log', bytes('x\n'))).toBe(false);
    expect(readFileSync(target, 'utf8')).toBe('safe');
    expect(existsSync(join(root, '../absent'))).toBe(false);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('symbolic link'),
      expect.stringContaining('symbolic link'),
    ]);
  });

  test("in place of the user's directory", () => {
    mkdirSync(join(root, '../elsewhere'), { recursive: true });
    mkdirSync(root);
    symlinkSync(join(root, '../elsewhere'), join(root, 'alice'));
    expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
    expect(readdirSync(join(root, '../elsewhere'))).toEqual([]);
    expect(problems[0]?.message).toContain('symbolic link');
  });

  test('that came after the file had been opened', () => {
    writer.append('alice', 'demo.log', bytes('old\n'));
    renameSync(join(root, 'alice'), join(root, 'moved'));
    mkdirSync(join(root, '../elsewhere'));
    symlinkSync(join(root, '../elsewhere'), join(root, 'alice'));
    expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
    expect(log('moved/demo.log')).toBe('old\n');
    expect(readdirSync(join(root, '../elsewhere'))).toEqual([]);
  });
});

test.each(['..', '.', '', '../x', 'a/b', '/etc/x', 'a\0b'])('refuses the name %j', (name) => {
  expect(writer.append(name, 'demo.log', bytes('x'))).toBe(false);
  expect(writer.append('alice', name, bytes('x'))).toBe(false);
  expect(existsSync(root)).toBe(false);
});

test('a FIFO in the place of a log does not hold it up', () => {
  mkdirSync(join(root, 'alice'), { recursive: true });
  execFileSync('mkfifo', [join(root, 'alice/demo.log')]);
  expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
  expect(problems[0]?.message).toContain('not a regular file');
});

test('says a failure once per path, and anew after it has worked', () => {
  mkdirSync(join(root, 'alice/demo.log'), { recursive: true });
  for (let i = 0; i < 3; i++) expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
  expect(writer.append('alice', 'other.log', bytes('x\n'))).toBe(true);
  expect(problems).toEqual([{ path: join(root, 'alice/demo.log'), message: 'cannot write: it is a directory', advice: 'Rename it.' }]);
  rmSync(join(root, 'alice/demo.log'), { recursive: true });
  expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(true);
  rmSync(join(root, 'alice/demo.log'));
  mkdirSync(join(root, 'alice/demo.log'));
  expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
  expect(problems.length).toBe(2);
});

test.runIf(existsSync('/proc/self'))('a root that cannot be made is said, and never waited for', () => {
  writer = new TreeWriter({ root: '/proc/safelog', onProblem: (problem) => problems.push(problem) });
  expect(writer.append('alice', 'demo.log', bytes('x\n'))).toBe(false);
  expect(problems.length).toBe(1);
});

test.runIf(mayMount())('a full disk tears no entry, and writing goes on when there is room', () => {
  const disk = mountDisk(65_536);
  const log = join(disk.path, 'alice/demo.log');
  try {
    writer = new TreeWriter({ root: disk.path, onProblem: (problem) => problems.push(problem) });
    const line = `${'x'.repeat(2999)}\n`;
    let written = 0;
    while (writer.append('alice', 'demo.log', bytes(line))) written++;
    expect(written).toBeGreaterThan(10);
    expect(writer.append('alice', 'demo.log', bytes(line))).toBe(false);
    expect(problems.length).toBe(1);
    expect(problems[0]?.message).toContain('no space');
    expect(readFileSync(log, 'utf8')).toBe(line.repeat(written));
    truncateSync(log);
    expect(writer.append('alice', 'demo.log', bytes('room\n'))).toBe(true);
    expect(readFileSync(log, 'utf8')).toBe('room\n');
  } finally {
    writer.close();
    disk.unmount();
  }
});
