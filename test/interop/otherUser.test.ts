/** A real other user, who tries to log as somebody else: needs root, to make the user and to be two. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const isRoot = process.geteuid?.() === 0 && process.platform === 'linux' && spawnSync('useradd', ['--help']).status === 0;
if (!isRoot) console.warn('SKIPPED: who logs as whom is only tested as root, with useradd');

const project = join(import.meta.dirname, '../..');
const users = ['slog-ann', 'slog-bob'] as const;
const [ann, bob] = users;

describe.runIf(isRoot)('a process logs only as its own user', () => {
  let folder: string;
  let root: string;
  let service: ReturnType<typeof spawn>;
  let port = 0;
  let streamPort = 0;
  let pythonPort = 0;
  let stderr = '';
  const socket = () => join(folder, 's');
  const syslogSocket = () => join(folder, 'syslog');
  const uid = (user: string) => Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));

  beforeAll(async () => {
    for (const user of users) if (spawnSync('id', [user]).status !== 0) execFileSync('useradd', ['--no-create-home', user]);
    folder = mkdtempSync(join(tmpdir(), 'safelog-other-'));
    chmodSync(folder, 0o755);
    root = join(folder, 'root');
    // The users must be able to read the program.
    const modules = join(folder, 'node_modules');
    for (const part of ['bin', 'dist', 'package.json'])
      cpSync(join(project, 'server', part), join(modules, 'safelog', part), { recursive: true });
    for (const part of ['koffi', '@koromix']) cpSync(join(project, 'node_modules', part), join(modules, part), { recursive: true });
    const command = join(modules, 'safelog/bin/safelog.js');
    const ports = ['--port', '0', '--stream-port', '0', '--socket', socket(), '--python-tcp', '0', '--syslog-socket', syslogSocket()];
    service = spawn(process.execPath, [command, 'serve', '--root', root, ...ports], {
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    service.stdout?.on('data', (text) => {
      stdout += text;
    });
    service.stderr?.on('data', (text) => {
      stderr += text;
    });
    while (!/\(syslog\)\n/.test(stdout) && service.exitCode === null) await sleep(20);
    port = Number(/127\.0\.0\.1:(\d+), root/.exec(stdout)?.[1]);
    pythonPort = Number(/127\.0\.0\.1:(\d+) \(python-tcp\)/.exec(stdout)?.[1]);
    streamPort = Number(/127\.0\.0\.1:(\d+) \(stream\)/.exec(stdout)?.[1]);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    for (const user of users) spawnSync('userdel', [user]);
  });

  /** Runs Python as a user; what it prints. */
  function python(user: string, script: string): string {
    return execFileSync('python3', ['-c', script], { uid: uid(user), gid: uid(user), encoding: 'utf8', cwd: '/' });
  }

  /** Says hello as `as`, sends one record for `as`, and prints the types of what comes back until the service is silent. */
  const stream = (address: string, as: string, hello = as) => `
import os, socket, struct
address = ${address}
s = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
s.settimeout(20)
s.connect(address)
text = lambda t: struct.pack('<H', len(t)) + t.encode()
frame = lambda kind, payload: struct.pack('<IB', len(payload) + 1, kind) + payload
s.sendall(frame(1, b'SFLG' + struct.pack('<H', 1) + os.urandom(16) + text('test') + text('${hello}') + text('stream')))
record = struct.pack('<HdHI', 0, 0, 0, 5) + b'hello'
data = b''
try:
    s.sendall(frame(2, struct.pack('<QHI', 1, 1, 1) + text('${as}') + text('') + text('INFO') + record) + frame(3, b''))
except ConnectionError:
    pass
try:
    while chunk := s.recv(65536):
        data += chunk
except ConnectionError:
    pass
while data:
    size, kind = struct.unpack('<IB', data[:5])
    print(hex(kind), end=' ')
    data = data[4 + size:]
`;
  const read = (user: string, log: string) =>
    readFileSync(join(root, user, log), 'utf8')
      .split('\n')
      .slice(0, -1);

  test.each(['socket', 'TCP'])('by stream over %s: as oneself, not as another, not as root', async (transport) => {
    const address = transport === 'socket' ? JSON.stringify(socket()) : `('127.0.0.1', ${streamPort})`;
    const before = existsSync(join(root, bob, 'stream.log')) ? read(bob, 'stream.log').length : 0;
    // welcome, stored, bye
    expect(python(bob, stream(address, bob))).toBe('0x81 0x82 0x84 ');
    expect(read(bob, 'stream.log')).toHaveLength(before + 1);
    expect(python(bob, stream(address, ann))).toBe('0x84 ');
    expect(python(bob, stream(address, 'root'))).toBe('0x84 ');
    // Having said hello as oneself, a record for another: refused.
    expect(python(bob, stream(address, ann, ''))).toBe('0x81 0x83 0x82 0x84 ');
    expect(existsSync(join(root, ann))).toBe(false);
    await expect.poll(() => stderr).toContain('has been refused');
  });

  test('by the original protocol, while the client is there', () => {
    const send = (as: string) => `
import socket
s = socket.create_connection(('127.0.0.1', ${port}))
s.sendall(b'${as}\\x01entry.log\\x012026-11-21 10:00:00.000001+00:00 INFO hello\\n')
s.shutdown(socket.SHUT_WR)
s.recv(1)
`;
    python(bob, send(ann));
    python(bob, send(bob));
    expect(read(bob, 'entry.log')).toHaveLength(1);
    expect(existsSync(join(root, ann, 'entry.log'))).toBe(false);
  });

  test('by Python’s handlers over TCP and a Unix socket of syslog: as who the kernel says, whatever a record says', () => {
    python(
      bob,
      `
import logging, logging.handlers, os, socket, time
def send(name, handler):
    log = logging.getLogger(name)
    log.addHandler(handler)
    log.warning('hello', extra={'user': '${ann}'})
    while not os.path.exists(os.path.join(${JSON.stringify(root)}, '${bob}', name + '.log')):
        time.sleep(0.02)
send('pickled', logging.handlers.SocketHandler('127.0.0.1', ${pythonPort}))
syslog = logging.handlers.SysLogHandler(${JSON.stringify(syslogSocket())}, socktype=socket.SOCK_STREAM)
syslog.ident = 'by-syslog: '
send('by-syslog', syslog)
`,
    );
    for (const log of ['pickled.log', 'by-syslog.log']) expect(read(bob, log)).toHaveLength(1);
    expect(existsSync(join(root, ann))).toBe(false);
  });

  test('syslog’s own port is refused to a user: it listens on another, and says so', async () => {
    if (Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) <= 514) return;
    const own = join(folder, 'own');
    mkdirSync(own);
    chownSync(own, uid(bob), uid(bob));
    const command = join(folder, 'node_modules/safelog/bin/safelog.js');
    const child = spawn(process.execPath, [command, 'serve', '--root', own, '--port', '0', '--socket', '-', '--syslog', '514'], {
      uid: uid(bob),
      gid: uid(bob),
      env: { PATH: process.env.PATH, HOME: own },
      cwd: '/',
    });
    let said = '';
    for (const output of [child.stdout, child.stderr])
      output.on('data', (text) => {
        said += text;
      });
    await expect.poll(() => said).toMatch(/listening on 127\.0\.0\.1:5514 \(syslog\)/);
    expect(said).toMatch(/port 514 is refused: .* listens on 5514 instead.*--syslog-socket/);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  });

  test('what is written is the user’s, and was written by a process of the user, which has no other rights', () => {
    for (const name of readdirSync(join(root, bob))) expect([name, statSync(join(root, bob, name)).uid]).toEqual([name, uid(bob)]);
    expect(statSync(join(root, bob)).uid).toBe(uid(bob));
    const children = readFileSync(`/proc/${service.pid}/task/${service.pid}/children`, 'utf8').trim().split(' ');
    const status = children
      .map((pid) => readFileSync(`/proc/${pid}/status`, 'utf8'))
      .find((text) => text.includes(`\nUid:\t${uid(bob)}\t`));
    const all = Array(4).fill(uid(bob)).join('\t');
    expect(status).toContain(`\nUid:\t${all}\nGid:\t${all}\n`);
    expect(status).toMatch(/^Groups:\s*$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
  });

  test('links and pipes that a user puts into the own folder lead nowhere', async () => {
    const target = join(folder, 'target');
    mkdirSync(join(target, 'folder'), { recursive: true });
    writeFileSync(join(target, 'file'), 'as it was\n');
    for (const path of [target, join(target, 'folder')]) chmodSync(path, 0o777);
    chmodSync(join(target, 'file'), 0o666);
    python(
      bob,
      `
import os
os.chdir(${JSON.stringify(join(root, bob))})
os.symlink(${JSON.stringify(join(target, 'file'))}, 'link.log')
os.symlink(${JSON.stringify(join(target, 'nothing'))}, 'dangling.log')
os.symlink(${JSON.stringify(join(target, 'nothing'))}, '.__locked.lock')
os.mkfifo('pipe.log')
os.symlink(${JSON.stringify(join(target, 'folder'))}, 'folder.log')
`,
    );
    const send = (log: string) => `
import socket
s = socket.create_connection(('127.0.0.1', ${port}))
s.sendall(b'${bob}\\x01${log}.log\\x012026-11-21 10:00:00.000001+00:00 INFO hello\\n')
s.shutdown(socket.SHUT_WR)
s.recv(1)
`;
    for (const log of ['link', 'dangling', 'locked', 'pipe', 'folder']) python(bob, send(log));
    python(bob, send('after'));
    expect(read(bob, 'after.log')).toHaveLength(1);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('as it was\n');
    expect(readdirSync(target).sort()).toEqual(['file', 'folder']);
    expect(readdirSync(join(target, 'folder'))).toEqual([]);
    await expect.poll(() => stderr).toContain('link.log');
  });

  test('a folder of the tree that is a link is not followed, whoever it is for', () => {
    const target = join(folder, 'elsewhere');
    mkdirSync(target);
    chmodSync(target, 0o777);
    symlinkSync(target, join(root, ann));
    try {
      const address = JSON.stringify(socket());
      expect(python(ann, stream(address, ann))).toMatch(/^0x81 0x83 /);
      expect(readdirSync(target)).toEqual([]);
    } finally {
      unlinkSync(join(root, ann));
    }
  });
});
