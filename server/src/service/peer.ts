/**
 * Who is at the other end of a connection, as the kernel says it: SO_PEERCRED on a Unix socket (unix(7)), the owner of the peer's socket
 * by NETLINK_SOCK_DIAG (sock_diag(7)) on TCP, asked for that one connection. Linux only; elsewhere nobody is known.
 */

import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { descriptor } from './accepting.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
const SOCK_DIAG_BY_FAMILY = 20;
/** Where the answer has them: behind the header (16), four bytes and the socket's id (48) come expires, rqueue, wqueue, uid, inode. */
const UID = 80;
const INODE = 84;
const REQUEST_BYTES = 72;

interface System {
  getpeername(fd: number, address: Buffer, length: Uint32Array): number;
  getsockname(fd: number, address: Buffer, length: Uint32Array): number;
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Uint32Array): number;
  send(fd: number, bytes: Buffer, length: number, flags: number): number;
  recv(fd: number, bytes: Buffer, length: number, flags: number): number;
  /** A netlink socket; negative where the system gives none. */
  netlink: number;
}

let loaded: System | null | undefined;

/** The uid of the process that connected; null where nobody knows. It may have died since. */
export function unixPeer(socket: Socket): number | null {
  const system = load();
  const fd = descriptor(socket);
  if (!system || fd < 0) return null;
  const credentials = Buffer.alloc(12);
  if (system.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, Uint32Array.of(12)) !== 0) return null;
  const uid = credentials.readUInt32LE(4);
  // Of a peer in another user namespace there is none.
  return uid === 0xffffffff ? null : uid;
}

/**
 * The uid that owns the peer's socket; null where nobody knows: the peer is on another machine, or has closed already, which reads as uid
 * 0 and inode 0.
 */
export function tcpPeer(socket: Socket): number | null {
  const system = load();
  const fd = descriptor(socket);
  if (!system || system.netlink < 0 || fd < 0) return null;
  const family = readAddress(system.getpeername, fd, 24, 28);
  if (family === null || readAddress(system.getsockname, fd, 26, 44) !== family) return null;
  request[16] = family;
  const number = (request.readUInt32LE(8) + 1) >>> 0;
  request.writeUInt32LE(number, 8);
  if (system.send(system.netlink, request, REQUEST_BYTES, 0) !== REQUEST_BYTES) return null;
  // An answer that an interrupted call has left behind is passed over.
  for (let attempt = 0; attempt < 8; attempt++) {
    const length = system.recv(system.netlink, answer, answer.length, MSG_DONTWAIT);
    if (length < 16) return null;
    if (answer.readUInt32LE(8) !== number) continue;
    if (answer.readUInt16LE(4) !== SOCK_DIAG_BY_FAMILY || length < INODE + 4) return null;
    return answer.readUInt32LE(INODE) === 0 ? null : answer.readUInt32LE(UID);
  }
  return null;
}

const request = Buffer.alloc(REQUEST_BYTES);
request.writeUInt32LE(REQUEST_BYTES, 0);
request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
request.writeUInt16LE(1, 6); // NLM_F_REQUEST
request[17] = 6; // TCP
request.writeUInt32LE(0xffffffff, 20); // in any state
request.fill(0xff, 64, 72); // without a cookie
const answer = Buffer.alloc(512);

const socketAddress = Buffer.alloc(28);
const addressLength = Uint32Array.of(0);
/** Before the address of IPv4 in one of IPv6. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** Puts port and address of one end into the request, as sockaddr_in or sockaddr_in6 has them; the family, or null. */
function readAddress(ask: System['getpeername'], fd: number, portAt: number, addressAt: number): number | null {
  addressLength[0] = socketAddress.length;
  if (ask(fd, socketAddress, addressLength) !== 0) return null;
  const family = socketAddress.readUInt16LE(0);
  if (family !== AF_INET && family !== AF_INET6) return null;
  const isMapped = family === AF_INET6 && socketAddress.compare(MAPPED, 0, 12, 8, 20) === 0;
  const [from, to] = family === AF_INET ? [4, 8] : [isMapped ? 20 : 8, 24];
  socketAddress.copy(request, portAt, 2, 4);
  request.fill(0, addressAt, addressAt + 16);
  socketAddress.copy(request, addressAt, from, to);
  return isMapped ? AF_INET : family;
}

function load(): System | null {
  if (loaded !== undefined) return loaded;
  loaded = null;
  if (process.platform !== 'linux' || endianness() !== 'LE') return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const library = koffi.load(null);
    const socket = library.func('int socket(int domain, int type, int protocol)');
    const nameOf = (name: string): System['getpeername'] =>
      library.func(`int ${name}(int fd, void *address, void *length)`) as unknown as System['getpeername'];
    loaded = {
      getpeername: nameOf('getpeername'),
      getsockname: nameOf('getsockname'),
      getsockopt: library.func('int getsockopt(int fd, int level, int name, void *value, void *length)') as unknown as System['getsockopt'],
      send: library.func('long send(int fd, const void *bytes, size_t length, int flags)') as unknown as System['send'],
      recv: library.func('long recv(int fd, void *bytes, size_t length, int flags)') as unknown as System['recv'],
      netlink: socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG) as number,
    };
  } catch {
    // Without koffi nobody is known.
  }
  return loaded;
}
