/**
 * Reads connections into one piece of memory. Node otherwise gets fresh memory from the system for each chunk, which costs a receiver of
 * small records more than all it does with them.
 */

import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** What one read takes at the most. */
export const SHARED_BYTES = 256 * 1024;

/**
 * A connection that was accepted with `pauseOnConnect`, as a socket that reads into `buffer`, which others may use, too.
 * @param onBytes is given what has come, valid during the call
 */
export function readInto(accepted: Socket, buffer: Buffer, onBytes: (bytes: Buffer) => void): Socket {
  const handle = '_handle' in accepted ? accepted._handle : null;
  // A net.Server has no option for this: the handle goes from the socket that it has made to one that we make.
  Object.assign(accepted, { _handle: null });
  const options: SocketConstructorOpts & { handle: unknown; onread: OnReadOpts } = {
    handle,
    onread: {
      buffer,
      callback: (length: number): boolean => {
        onBytes(buffer.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  accepted.destroy();
  return socket;
}
