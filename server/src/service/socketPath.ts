/** Listening on a Unix socket, or on Windows on a named pipe, which is no file. */

import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Has `start` listen at a path. That of a dead service's socket is taken over, that of one that answers is not. Rejects with the error of
 * `start`, or the system's.
 */
export async function bindSocket(path: string, start: () => Promise<unknown>): Promise<void> {
  // A pipe goes with its process, and lets only its owner write.
  if (process.platform === 'win32') {
    await start();
    return;
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) {
    if (await answers(path)) throw new Error('another service listens there');
    unlinkSync(path);
  }
  await start();
  // Who may do what is decided by who the kernel says it is.
  chmodSync(path, 0o666);
}

/** Whether an address of a service is that of a socket, and no host and port. */
export function isSocketPath(address: string): boolean {
  return address.startsWith('/') || address.startsWith('\\\\');
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
