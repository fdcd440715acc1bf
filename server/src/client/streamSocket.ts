/**
 * A connection to the service that is used without an event loop: what is sent is in the system's hands when a call returns, and outlives
 * the program. Node's own sockets connect and write later, which is never for a program that ends now. By the system's C library.
 */

import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { constants, endianness } from 'node:os';

export type ServiceAddress =
  /** A Unix socket. */
  | { path: string }
  /** `localhost`, or an address of IPv4 or IPv6: names would have to be asked for. */
  | { host: string; port: number };

interface Library {
  socket: (family: number, type: number, protocol: number) => number;
  connect: (fd: number, address: Uint8Array, length: number) => number;
  send: (fd: number, bytes: Uint8Array, length: number, flags: number) => number;
  recv: (fd: number, bytes: Uint8Array, length: number, flags: number) => number;
  poll: (fds: Uint8Array, count: number, timeout: number) => number;
  setsockopt: (fd: number, level: number, option: number, value: Uint8Array, length: number) => number;
  getsockopt: (fd: number, level: number, option: number, value: Uint8Array, length: Uint8Array) => number;
  fcntl: (fd: number, command: number, type: 'int', value: number) => number;
  errno: () => number;
}

const isLinux = process.platform === 'linux';
const { EAGAIN, EWOULDBLOCK, EINTR, EINPROGRESS } = constants.errno;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = isLinux ? 10 : 30;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_NOSIGNAL = isLinux ? 0x4000 : 0;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOL_SOCKET = isLinux ? 1 : 0xffff;
const SO_ERROR = isLinux ? 4 : 0x1007;
const F_SETFD = 2;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 4;
const POLLIN = 1;
const POLLOUT = 4;
const RECEIVE_BYTES = 64 * 1024;

let loaded: Library | null | undefined;

/** Whether this machine can: not on Windows, and not without koffi. */
export function canStream(): boolean {
  return library() !== null;
}

function library(): Library | null {
  if (loaded !== undefined) return loaded;
  loaded = null;
  if ((isLinux || process.platform === 'darwin') && endianness() === 'LE') {
    try {
      const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
      const c = koffi.load(null);
      const declare = <F>(prototype: string): F => c.func(prototype) as unknown as F;
      loaded = {
        socket: declare('int socket(int family, int type, int protocol)'),
        connect: declare('int connect(int fd, const void *address, unsigned int length)'),
        send: declare('long send(int fd, const void *bytes, size_t length, int flags)'),
        recv: declare('long recv(int fd, void *bytes, size_t length, int flags)'),
        poll: declare('int poll(void *fds, unsigned long count, int timeout)'),
        setsockopt: declare('int setsockopt(int fd, int level, int option, const void *value, unsigned int length)'),
        getsockopt: declare('int getsockopt(int fd, int level, int option, void *value, void *length)'),
        fcntl: declare('int fcntl(int fd, int command, ...)'),
        errno: () => koffi.errno(),
      };
    } catch {
      // Without koffi programs write the files themselves.
    }
  }
  return loaded;
}

export class StreamSocket {
  readonly #c: Library;
  readonly #fd: number;
  #isClosed = false;
  readonly #poll = Buffer.alloc(8);
  readonly #received = Buffer.allocUnsafe(RECEIVE_BYTES);

  /** Connects, for at most `limitMs`. Throws the system's error (ENOENT, ECONNREFUSED …), or ETIMEDOUT. */
  constructor(address: ServiceAddress, limitMs: number, type: 'stream' | 'datagram' = 'stream') {
    const c = library();
    if (!c) throw new Error('connections are not possible here: the package koffi could not be loaded for this system');
    this.#c = c;
    const { family, bytes } = encodeAddress(address);
    const kind = type === 'stream' ? SOCK_STREAM : SOCK_DGRAM;
    this.#fd = c.socket(family, isLinux ? kind | SOCK_NONBLOCK | SOCK_CLOEXEC : kind, 0);
    if (this.#fd < 0) throw systemError(c.errno(), 'socket');
    try {
      if (!isLinux) {
        c.fcntl(this.#fd, F_SETFD, 'int', FD_CLOEXEC);
        c.fcntl(this.#fd, F_SETFL, 'int', O_NONBLOCK);
      }
      this.#connect(bytes, limitMs);
      if (family !== AF_UNIX && type === 'stream') c.setsockopt(this.#fd, IPPROTO_TCP, TCP_NODELAY, Buffer.from([1, 0, 0, 0]), 4);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Gives bytes to the system; how many it has taken, 0 where it takes none now. Throws its error where the connection is broken. */
  send(bytes: Uint8Array): number {
    for (;;) {
      const sent = this.#c.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL);
      if (sent >= 0) return sent;
      const errno = this.#c.errno();
      if (errno === EAGAIN || errno === EWOULDBLOCK) return 0;
      if (errno !== EINTR) throw systemError(errno, 'send');
    }
  }

  /** Gives all of it to the system, waiting for at most `limitMs`. Throws as send does, or ETIMEDOUT. */
  sendWhole(bytes: Uint8Array, limitMs: number): void {
    const deadline = performance.now() + limitMs;
    for (let sent = this.send(bytes); sent < bytes.length; sent += this.send(bytes.subarray(sent))) {
      if (performance.now() >= deadline) throw systemError(constants.errno.ETIMEDOUT, 'send');
      this.wait(deadline - performance.now(), true);
    }
  }

  /** What has come, valid until the next call; empty where nothing has. Null at the other side's end. Throws as send does. */
  receive(): Buffer | null {
    for (;;) {
      const length = this.#c.recv(this.#fd, this.#received, RECEIVE_BYTES, 0);
      if (length > 0) return this.#received.subarray(0, length);
      if (length === 0) return null;
      const errno = this.#c.errno();
      if (errno === EAGAIN || errno === EWOULDBLOCK) return this.#received.subarray(0, 0);
      if (errno !== EINTR) throw systemError(errno, 'recv');
    }
  }

  /** Sleeps until something can be received (or sent, with `forSending`), for at most `limitMs`. */
  wait(limitMs: number, forSending = false): void {
    this.#poll.writeInt32LE(this.#fd, 0);
    this.#poll.writeInt16LE(forSending ? POLLIN | POLLOUT : POLLIN, 4);
    this.#c.poll(this.#poll, 1, Math.max(0, Math.ceil(limitMs)));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }

  #connect(address: Uint8Array, limitMs: number): void {
    const deadline = performance.now() + limitMs;
    for (;;) {
      if (this.#c.connect(this.#fd, address, address.length) === 0) return;
      const errno = this.#c.errno();
      if (errno === EINPROGRESS) break;
      // EAGAIN: a Unix socket's queue is full.
      if (errno !== EINTR && errno !== EAGAIN) throw systemError(errno, 'connect');
      if (performance.now() >= deadline) throw systemError(constants.errno.ETIMEDOUT, 'connect');
      Atomics.wait(never, 0, 0, 1);
    }
    const value = Buffer.alloc(4);
    const length = Buffer.from([4, 0, 0, 0]);
    this.#poll.writeInt32LE(this.#fd, 0);
    this.#poll.writeInt16LE(POLLOUT, 4);
    if (this.#c.poll(this.#poll, 1, Math.ceil(limitMs)) === 0) throw systemError(constants.errno.ETIMEDOUT, 'connect');
    this.#c.getsockopt(this.#fd, SOL_SOCKET, SO_ERROR, value, length);
    const errno = value.readInt32LE(0);
    if (errno !== 0) throw systemError(errno, 'connect');
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

/** struct sockaddr_un, sockaddr_in or sockaddr_in6. The BSDs have a length in the family's first byte. Throws a RangeError for what is none. */
function encodeAddress(address: ServiceAddress): { family: number; bytes: Buffer } {
  if ('path' in address) {
    const path = Buffer.from(address.path);
    const room = isLinux ? 108 : 104;
    if (path.length === 0 || path.length >= room || path.includes(0))
      throw new RangeError(`no path of a socket: ${JSON.stringify(address.path)}`);
    const bytes = Buffer.alloc(2 + path.length + 1);
    path.copy(bytes, 2);
    return { family: AF_UNIX, bytes: withFamily(bytes, AF_UNIX) };
  }
  const host = address.host === 'localhost' ? '127.0.0.1' : address.host;
  const family = isIP(host);
  if (family === 0) throw new RangeError(`the service's host must be localhost or an address: ${JSON.stringify(address.host)}`);
  const bytes = Buffer.alloc(family === 4 ? 16 : 28);
  bytes.writeUInt16BE(address.port, 2);
  if (family === 4)
    host.split('.').forEach((part, i) => {
      bytes[4 + i] = Number(part);
    });
  else ipv6Bytes(host).copy(bytes, 8);
  return { family: family === 4 ? AF_INET : AF_INET6, bytes: withFamily(bytes, family === 4 ? AF_INET : AF_INET6) };
}

function withFamily(bytes: Buffer, family: number): Buffer {
  if (isLinux) bytes.writeUInt16LE(family, 0);
  else bytes.set([bytes.length, family], 0);
  return bytes;
}

/** Node's URL has the address in hexadecimal groups, IPv4's part too. */
function ipv6Bytes(host: string): Buffer {
  const shown = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [head = '', tail] = shown.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.from(all.map((part) => part.padStart(4, '0')).join(''), 'hex');
}

function systemError(errno: number, syscall: string): Error {
  const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${code}: ${syscall}`), { code, errno: -errno, syscall });
}
