/** Datagrams by the hundred: recvmmsg(2) takes in what waits in one call, into memory that stays. Linux only; Node takes one at a time. */

import { createRequire } from 'node:module';
import { endianness } from 'node:os';

/** Of one call. */
const MANY = 64;
const DATAGRAM_BYTES = 65_536;
/** struct mmsghdr: a struct msghdr (name, iov and control with their lengths, flags), and the length of what came; struct iovec. */
const HEADER_BYTES = 64;
const IOV = 16;
const IOV_COUNT = 24;
const LENGTH = 56;
const IOVEC_BYTES = 16;
const MSG_DONTWAIT = 0x40;

type Receive = (fd: number, headers: Buffer, count: number, flags: number, timeout: null) => number;

let receive: Receive | null | undefined;
let address: (bytes: Buffer) => bigint;

export class DatagramBatch {
  readonly #receive: Receive;
  readonly #bytes = Buffer.allocUnsafeSlow(MANY * DATAGRAM_BYTES);
  readonly #iovecs = Buffer.alloc(MANY * IOVEC_BYTES);
  readonly #headers = Buffer.alloc(MANY * HEADER_BYTES);

  /** Null where the system cannot. */
  static open(): DatagramBatch | null {
    const found = load();
    return found && new DatagramBatch(found);
  }

  private constructor(found: Receive) {
    this.#receive = found;
    const [bytes, iovecs] = [address(this.#bytes), address(this.#iovecs)];
    for (let i = 0; i < MANY; i++) {
      this.#iovecs.writeBigUInt64LE(bytes + BigInt(i * DATAGRAM_BYTES), i * IOVEC_BYTES);
      this.#iovecs.writeBigUInt64LE(BigInt(DATAGRAM_BYTES), i * IOVEC_BYTES + 8);
      this.#headers.writeBigUInt64LE(iovecs + BigInt(i * IOVEC_BYTES), i * HEADER_BYTES + IOV);
      this.#headers.writeBigUInt64LE(1n, i * HEADER_BYTES + IOV_COUNT);
    }
  }

  /**
   * Hands out what waits on a socket, each datagram in [start, end) of bytes that are only valid during the call.
   * @returns how many there were; fewer than `DatagramBatch.MANY`: no more wait
   */
  take(fd: number, each: (bytes: Buffer, start: number, end: number) => void): number {
    const count = this.#receive(fd, this.#headers, MANY, MSG_DONTWAIT, null);
    for (let i = 0; i < count; i++) {
      const start = i * DATAGRAM_BYTES;
      each(this.#bytes, start, start + this.#headers.readUInt32LE(i * HEADER_BYTES + LENGTH));
    }
    return Math.max(0, count);
  }

  static readonly MANY = MANY;
}

function load(): Receive | null {
  if (receive !== undefined) return receive;
  receive = null;
  if (process.platform !== 'linux' || endianness() !== 'LE' || !['x64', 'arm64'].includes(process.arch)) return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const prototype = 'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *timeout)';
    receive = koffi.load(null).func(prototype) as unknown as Receive;
    address = (bytes) => koffi.address(bytes);
  } catch {
    // Without koffi Node takes them in.
  }
  return receive;
}
