/** Plays back to the service what programs of this user had to spool. */

import { closeSync, existsSync, openSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { listSpools, SPOOLED_TREE, spoolFolder } from '../generation/spoolPath.ts';
import { type Frame, HEADER_BYTES, newFrame } from '../wire/frames.ts';
import { decodeClientFrame, decodeServiceFrame, encodeGoodbye, FrameDecoder, MAX_FRAME_BYTES } from '../wire/stream.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import type { Environment } from '../writer/root.ts';
import { RECORDS } from './spool.ts';
import type { ServiceAddress } from './streamSocket.ts';

export interface DeliverOptions {
  address: ServiceAddress;
  /** Of the service that listens there. */
  root: string;
  environment?: Environment | undefined;
  /** Does not keep the program alive meanwhile. */
  isBackground?: boolean | undefined;
}

const ANSWER_MS = 10_000;
const READ_BYTES = 256 * 1024;

/**
 * Sends every whole spool of this tree, and deletes it when the service has stored (or refused for good) all of it. What could not be
 * sent stays, for the next time. Gives the number of records; never rejects.
 */
export async function deliverSpool({ address, root, environment, isBackground = false }: DeliverOptions): Promise<number> {
  const folder = spoolFolder(root, environment);
  let delivered = 0;
  for (const client of listSpools(folder)) {
    const path = join(folder, client);
    const lock = lockRecords(join(path, RECORDS));
    if (lock === null) continue;
    try {
      delivered += await playBack(path, address, isBackground);
      await rm(path, { recursive: true, force: true });
    } catch {
      // The service has gone, or does not want it: it stays.
    } finally {
      closeSync(lock);
    }
  }
  return delivered;
}

const LOOK_MS = 15_000;

/** For a service: takes in what is spooled for its tree by programs of its user, now and from time to time. Gives what ends that. */
export function keepTakingIn(options: DeliverOptions): () => void {
  let turn = deliverSpool(options);
  const timer = setInterval(() => {
    turn = turn.then(() => deliverSpool(options));
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** Null while its program writes it, or another plays it back; the descriptor is the lock. */
function lockRecords(path: string): number | null {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch {
    return null;
  }
  const flock = loadFlock();
  if (!flock || flock.tryLock(fd)) return fd;
  closeSync(fd);
  return null;
}

/** Sends the recorded connection of a program's spool. Resolves with the number of its records when they are acknowledged. */
async function playBack(spool: string, address: ServiceAddress, isBackground: boolean): Promise<number> {
  const socket = connect('path' in address ? { path: address.path } : { host: address.host, port: address.port });
  if (isBackground) socket.unref();
  const service = new Conversation(socket);
  const file = await open(join(spool, RECORDS), 'r');
  const shown = join(spool, SPOOLED_TREE);
  const hidden = `${shown}.sent`;
  try {
    const decoder = new FrameDecoder(MAX_FRAME_BYTES);
    let last = 0;
    let count = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES));
      if (bytesRead === 0) break;
      decoder.push(buffer.subarray(0, bytesRead));
      for (let frame = decoder.next(); frame; frame = decoder.next()) {
        const message = decodeClientFrame(frame);
        if (message.kind === 'records') {
          last = message.batch.last;
          count += message.batch.count;
        }
        // From now on it is shown from where the service writes it.
        if (message.kind === 'records' && existsSync(shown)) await rename(shown, hidden);
        socket.write(encode(frame));
        // One batch at a time is within every window, and nothing is sent behind one that the service cannot write.
        await service.until(() => (message.kind === 'hello' ? service.isWelcome : service.stored >= last));
      }
    }
    socket.write(encodeGoodbye());
    await service.until(() => service.isOver).catch(() => {});
    return count;
  } catch (error) {
    if (service.stored === 0 && existsSync(hidden)) await rename(hidden, shown);
    throw error;
  } finally {
    await file.close();
    socket.destroy();
  }
}

function encode({ type, payload }: Frame): Buffer {
  return Buffer.concat([newFrame(type, payload.length).subarray(0, HEADER_BYTES), payload]);
}

/** What the service says on one connection. */
class Conversation {
  isWelcome = false;
  stored = 0;
  isOver = false;
  #failure: Error | null = null;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    const decoder = new FrameDecoder(MAX_FRAME_BYTES);
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    socket.setTimeout(ANSWER_MS, () => fail(new Error('the service does not answer')));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the service has closed the connection')));
    socket.on('data', (bytes) => {
      try {
        decoder.push(bytes);
        // What it says after it has refused something is not about what it has stored.
        for (let frame = decoder.next(); frame && !this.#failure; frame = decoder.next()) {
          const message = decodeServiceFrame(frame);
          if (message.kind === 'welcome') {
            this.isWelcome = true;
            this.stored = message.stored;
          } else if (message.kind === 'stored') this.stored = message.sequence;
          else if (message.kind === 'refused' && (!message.isFinal || message.isUnwritable)) fail(new Error(message.reason));
          else if (message.kind === 'bye') {
            this.isOver = true;
            fail(new Error(message.reason));
          }
        }
        this.#wake();
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  async until(isDone: () => boolean): Promise<void> {
    for (;;) {
      // What is refused counts as stored, too.
      if (this.#failure) throw this.#failure;
      if (isDone()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
