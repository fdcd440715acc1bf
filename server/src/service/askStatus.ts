/** Asks a running service for its status, over its Unix socket. */

import { realpathSync } from 'node:fs';
import { connect } from 'node:net';
import { decodeServiceFrame, encodeAskStatus, FrameDecoder, MAX_FRAME_BYTES } from '../wire/stream.ts';
import { SYSTEM_SOCKET } from './config.ts';
import type { Holder } from './rootLock.ts';

const ANSWER_MS = 5000;

/** The status as JSON text. Rejects where no service answers. */
export function askStatus(socketPath: string, limitMs = ANSWER_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder(MAX_FRAME_BYTES);
    const socket = connect(socketPath, () => socket.write(encodeAskStatus()));
    socket.setTimeout(limitMs, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk) => {
      try {
        decoder.push(chunk);
        const frame = decoder.next();
        if (!frame) return;
        const message = decodeServiceFrame(frame);
        if (message.kind === 'status') resolve(message.text);
        else reject(new Error(message.kind === 'bye' ? message.reason : 'an answer that was not asked for'));
        socket.destroy();
      } catch (error) {
        reject(error);
        socket.destroy();
      }
    });
  });
}

const FIND_MS = 1000;

/** The service of a tree, where it listens on the system's socket or on this one. */
export async function findService(root: string, socket: string | null): Promise<Holder | null> {
  for (const path of new Set([SYSTEM_SOCKET, ...(socket === null ? [] : [socket])])) {
    const holder = holderIn(await askStatus(path, FIND_MS).catch(() => ''), root);
    if (holder) return holder;
  }
  return null;
}

function holderIn(status: string, root: string): Holder | null {
  try {
    const found: unknown = JSON.parse(status);
    if (typeof found !== 'object' || found === null || !('root' in found) || !('pid' in found) || !('receivers' in found)) return null;
    const { root: itsRoot, pid, receivers } = found;
    if (typeof itsRoot !== 'string' || typeof pid !== 'number' || !Array.isArray(receivers)) return null;
    if (realpathSync(itsRoot) !== realpathSync(root)) return null;
    return { pid, addresses: receivers.flatMap(({ kind, address }) => (typeof address === 'string' ? [`${kind} ${address}`] : [])) };
  } catch {
    return null;
  }
}
