/** What the receivers that take connections in share: where they listen, and how many connections there is room for. */

import { readFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';

export type Where = { path: string } | { host: string; port: number };

const BACKLOG = 4096;

/** Where the server listens then. Rejects with the system's error; later ones, of connections that cannot be accepted, are told. */
export function listenAt(server: Server, where: Where, onAcceptError: (error: Error) => void): Promise<Where> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.off('error', reject);
      server.on('error', onAcceptError);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : { path: String(address) });
    });
  });
}

/**
 * Whether a new connection is one too many: `open` are open, of `most`; or it has taken one of the last descriptors, which the logs need.
 * Without any left Node would close connections without a word.
 */
export function isOneTooMany(socket: Socket, open: number, most: number): boolean {
  return open >= most || descriptor(socket) >= lastDescriptor();
}

/** Of a connection; -1 where it has none. Node keeps it in its handle, and has no other way to it. */
export function descriptor(socket: Socket): number {
  const handle: unknown = '_handle' in socket ? socket._handle : null;
  return typeof handle === 'object' && handle !== null && 'fd' in handle && typeof handle.fd === 'number' ? handle.fd : -1;
}

/** Kept for the logs and their locks; of few, a quarter. */
const RESERVE = 256;
let last = 0;

/** The system gives the lowest number that is free: what is beyond this one is the reserve. */
function lastDescriptor(): number {
  if (last === 0) {
    const limit = openFileLimit();
    last = limit - Math.min(RESERVE, Math.floor(limit / 4));
  }
  return last;
}

/** What Linux lets this process have; elsewhere nobody knows. */
function openFileLimit(): number {
  try {
    const soft = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    return soft > 0 ? soft : Number.MAX_SAFE_INTEGER;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
