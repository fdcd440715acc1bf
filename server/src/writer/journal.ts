/**
 * Which records of which client are stored, so that none is written twice. Each transaction is written to the journal before it is
 * written to the logs: the last sequence of each client, and the very bytes with the places where they go. So the journal is the truth:
 * what is in it is stored, since whoever opens the journal next finishes its last transaction (recovery.ts); what is not in it is not.
 *
 * Two files take turns, each overwritten in place (its pages stay in memory): a snapshot of all clients, then transactions. Every entry
 * tells the turn and its number in it, and has a checksum, so that what is left of an earlier turn is not taken for this one's. A killed
 * process is survived, as is what the page cache brings to the disk; it does not wait for the disk.
 */

import { closeSync, constants, fchmodSync, openSync, readFileSync, statSync, writeSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Flock } from './flock.ts';
import { makeFolder } from './makeFolder.ts';

/** Bytes that go to the end of a log. */
export interface Append {
  basename: string;
  dev: bigint;
  ino: bigint;
  /** Of the log before it. */
  size: number;
  bytes: Uint8Array;
}

export interface Transaction {
  /** The last sequence of each client that has records in it; 0 forgets the client. */
  clients: ReadonlyMap<string, number>;
  appends: readonly Append[];
}

const NAMES = ['journal.0', 'journal.1'] as const;
const MAGIC = 0x31474c53;
/** u32 magic, u32 checksum of what follows it, u32 bytes of the body, u32 number in the turn, f64 turn. */
const HEADER_BYTES = 24;
const TURN_BYTES = 2 * 2 ** 20;
/** Beyond these the clients that wrote longest ago are forgotten. */
const MAX_CLIENTS = 10_000;
const MAX_FILE_BYTES = 256 * 2 ** 20;

export class Journal {
  readonly #fds: readonly [number, number];
  readonly #clients: Map<string, number>;
  #turn: number;
  #number = 0;
  #position = 0;

  private constructor(fds: readonly [number, number], clients: Map<string, number>, turn: number) {
    this.#fds = fds;
    this.#clients = clients;
    this.#turn = turn;
  }

  /**
   * Opens the journal in a folder, which is made where it is missing, and has `recover` finish the appends of its last transaction, which
   * was committed `since` then (ms since the epoch) or later: it throws where that is impossible now. Null where another process has the journal. Throws the system's error.
   */
  static open(folder: string, flock: Flock | null, recover: (appends: readonly Append[], since: number) => void): Journal | null {
    makeFolder(folder);
    const [first, second] = NAMES.map((name) => openSync(join(folder, name), FLAGS, 0o600));
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const fds = [first, second] as const;
    try {
      // The folder may be one that a client has made with a generous umask.
      for (const fd of fds) fchmodSync(fd, 0o600);
      if (flock && !flock.tryLock(first)) {
        for (const fd of fds) closeSync(fd);
        return null;
      }
      const { clients, last, turn, writtenAt } = readTurn(folder);
      recover(last, writtenAt);
      const journal = new Journal(fds, clients, turn);
      journal.#begin();
      return journal;
    } catch (error) {
      for (const fd of fds) closeSync(fd);
      throw error;
    }
  }

  /** The last sequence of a client that is stored; 0 where it has none. */
  stored(client: string): number {
    return this.#clients.get(client) ?? 0;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** On return it is stored, and the appends must be made. The one before must have been made. Throws the system's error: then it is not stored. */
  commit(transaction: Transaction): void {
    if (this.#position > TURN_BYTES) this.#begin();
    const body = encodeTransaction(transaction);
    this.#write(body);
    remember(this.#clients, transaction.clients);
  }

  /** The other process's turn. All appends must have been made. */
  close(): void {
    for (const fd of this.#fds) closeSync(fd);
  }

  #begin(): void {
    this.#turn++;
    this.#number = 0;
    this.#position = 0;
    this.#write(encodeTransaction({ clients: this.#clients, appends: [] }));
  }

  #write(parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(length, 8);
    header.writeUInt32LE(this.#number, 12);
    header.writeDoubleLE(this.#turn, 16);
    header.writeUInt32LE(
      parts.reduce((sum, part) => crc32(part, sum), crc32(header.subarray(8))),
      4,
    );
    const fd = this.#fds[this.#turn % 2 === 0 ? 0 : 1];
    let written = writevSync(fd, [header, ...parts], this.#position);
    // The disk is full, or a signal cut it.
    if (written < HEADER_BYTES + length) {
      const whole = Buffer.concat([header, ...parts]);
      while (written < whole.length) written += writeSync(fd, whole, written, whole.length - written, this.#position + written);
    }
    this.#position += HEADER_BYTES + length;
    this.#number++;
  }
}

const FLAGS = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

interface Turn {
  clients: Map<string, number>;
  last: readonly Append[];
  turn: number;
  /** ms since the epoch. */
  writtenAt: number;
}

/** The newer turn that has a whole beginning. */
function readTurn(folder: string): Turn {
  let best: Turn = { clients: new Map(), last: [], turn: 0, writtenAt: 0 };
  for (const name of NAMES) {
    const bytes = readFileSync(join(folder, name));
    if (bytes.length > MAX_FILE_BYTES) throw new Error(`not a journal: ${join(folder, name)}`);
    const found = parseTurn(bytes);
    if (found && found.turn > best.turn) best = { ...found, writtenAt: statSync(join(folder, name)).mtimeMs };
  }
  return best;
}

function parseTurn(bytes: Buffer): Turn | null {
  let turn: Turn | null = null;
  for (let at = 0, number = 0; at + HEADER_BYTES <= bytes.length; number++) {
    const length = bytes.readUInt32LE(at + 8);
    const end = at + HEADER_BYTES + length;
    if (bytes.readUInt32LE(at) !== MAGIC || end > bytes.length || bytes.readUInt32LE(at + 12) !== number) break;
    const written = bytes.readDoubleLE(at + 16);
    if (turn && turn.turn !== written) break;
    if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) break;
    const { clients, appends } = decodeTransaction(bytes.subarray(at + HEADER_BYTES, end));
    turn ??= { clients: new Map(), last: [], turn: written, writtenAt: 0 };
    remember(turn.clients, clients);
    turn.last = appends;
    at = end;
  }
  return turn;
}

function remember(clients: Map<string, number>, changed: ReadonlyMap<string, number>): void {
  for (const [client, sequence] of changed) {
    clients.delete(client);
    if (sequence > 0) clients.set(client, sequence);
  }
  for (const oldest of clients.keys()) {
    if (clients.size <= MAX_CLIENTS) break;
    clients.delete(oldest);
  }
}

const CLIENT_BYTES = 24;
const APPEND_BYTES = 32;

/** u32 clients, u32 appends; clients: 16 bytes, f64; appends: u64 dev, u64 ino, f64 size, u32 bytes, u32 name's bytes, name; their bytes. */
function encodeTransaction({ clients, appends }: Transaction): Uint8Array[] {
  const names = appends.map(({ basename }) => Buffer.from(basename));
  const meta = Buffer.alloc(8 + clients.size * CLIENT_BYTES + names.reduce((sum, name) => sum + APPEND_BYTES + name.length, 0));
  meta.writeUInt32LE(clients.size, 0);
  meta.writeUInt32LE(appends.length, 4);
  let at = 8;
  for (const [client, sequence] of clients) {
    meta.write(client, at, 'hex');
    meta.writeDoubleLE(sequence, at + 16);
    at += CLIENT_BYTES;
  }
  appends.forEach(({ dev, ino, size, bytes }, i) => {
    const name = names[i] ?? Buffer.alloc(0);
    meta.writeBigUInt64LE(BigInt.asUintN(64, dev), at);
    meta.writeBigUInt64LE(BigInt.asUintN(64, ino), at + 8);
    meta.writeDoubleLE(size, at + 16);
    meta.writeUInt32LE(bytes.length, at + 24);
    meta.writeUInt32LE(name.length, at + 28);
    at += APPEND_BYTES + name.copy(meta, at + APPEND_BYTES);
  });
  return [meta, ...appends.map(({ bytes }) => bytes)];
}

/** Of bytes whose checksum was right. */
function decodeTransaction(body: Buffer): { clients: Map<string, number>; appends: Append[] } {
  const clients = new Map<string, number>();
  let at = 8;
  for (let left = body.readUInt32LE(0); left > 0; left--) {
    clients.set(body.toString('hex', at, at + 16), body.readDoubleLE(at + 16));
    at += CLIENT_BYTES;
  }
  const appends: Append[] = [];
  const lengths: number[] = [];
  for (let left = body.readUInt32LE(4); left > 0; left--) {
    const nameEnd = at + APPEND_BYTES + body.readUInt32LE(at + 28);
    const basename = body.toString('utf8', at + APPEND_BYTES, nameEnd);
    const place = { dev: body.readBigUInt64LE(at), ino: body.readBigUInt64LE(at + 8), size: body.readDoubleLE(at + 16) };
    lengths.push(body.readUInt32LE(at + 24));
    appends.push({ basename, ...place, bytes: Buffer.alloc(0) });
    at = nameEnd;
  }
  appends.forEach((append, i) => {
    const end = at + (lengths[i] ?? 0);
    append.bytes = body.subarray(at, end);
    at = end;
  });
  return { clients, appends };
}
