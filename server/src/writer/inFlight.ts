/**
 * A generation on its way from the log into the chain. It is named `LOG.rotate.<random>` (as CLH names it) while it is compressed outside
 * of the log's lock, so that no writer waits for that. Its compressor holds flock on the file itself: who finds it free knows that the
 * compressor is dead, and takes it over.
 *
 * The steps, and what a kill after each leaves to the next writer:
 * 1. LOG is renamed to LOG.rotate.X (lock held): X is free, and is adopted.
 * 2. X is compressed to X.gz.tmp: the half-made one is deleted, X is adopted.
 * 3. X.gz.tmp is renamed to X (lock held): X is recognised as compressed, and enters the chain.
 * 4. X is renamed into the chain (lock held): done.
 * At no moment is a record in no file, or in two that count.
 */

import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BLOCK_BYTES, compressBlock, compressBlockAsync, MEMBER_HEADER_BYTES, readMember } from '../generation/memberGzip.ts';
import { nowMicros } from './clock.ts';
import { loadFlock } from './loadFlock.ts';
import { hasCode } from './makeFolder.ts';
import type { Form, Rotation } from './rotation.ts';

const MARK = '.rotate.';
const TEMPORARY = '.gz.tmp';

export class InFlight {
  readonly path: string;
  readonly #mark: string;
  readonly #source: number;
  #target: number | null = null;
  #readBytes = 0;
  /** Of compressing; a new one ends those before it. */
  #attempt = 0;
  #isClosed = false;

  private constructor(path: string, mark: string, source: number) {
    this.path = path;
    this.#mark = mark;
    this.#source = source;
  }

  /** Takes the log away (lock held), marked by its rotation. The next writer makes a new one. Throws the system's error; the log is then still there. */
  static begin(log: string, mark: string): InFlight {
    // The log may be a link: the link is renamed.
    const source = openOwned(log, 0);
    if (source === null) throw Object.assign(new Error(`EBUSY: another program has locked '${log}' itself`), { code: 'EBUSY' });
    try {
      const now = nowMicros();
      stampTimes(source, now / 1e6);
      const path = `${log}${MARK}${mark === '' ? '' : `${mark}.`}${now.toString(36)}-${crypto.randomUUID().slice(0, 8)}`;
      renameSync(log, path);
      return new InFlight(path, mark, source);
    } catch (error) {
      closeSync(source);
      throw error;
    }
  }

  /** Takes over one that its compressor has left (lock held); null while that is alive. */
  static adopt(path: string, mark: string): InFlight | null {
    const source = openOwned(path, constants.O_NOFOLLOW ?? 0);
    return source === null ? null : new InFlight(path, mark, source);
  }

  /** Whether it has been compressed already: it is nothing but members of ours. */
  get isCompressed(): boolean {
    const { size } = fstatSync(this.#source);
    const header = Buffer.alloc(MEMBER_HEADER_BYTES);
    let at = 0;
    while (at < size) {
      const member = readMember(header.subarray(0, readSync(this.#source, header, 0, header.length, at)));
      if (!member) return false;
      at += member.memberBytes;
    }
    return size > 0 && at === size;
  }

  /** Compresses it beside itself, a block at a time. Needs no lock. */
  compressSync(): void {
    this.#startOver();
    for (let block = this.#readBlock(); block; block = this.#readBlock()) this.#writeMember(compressBlock(block));
    fsyncSync(this.#openTarget());
  }

  /** The same with the work in the thread pool. False where compressSync or close came between. */
  async compress(): Promise<boolean> {
    const attempt = this.#startOver();
    for (let block = this.#readBlock(); block; block = this.#readBlock()) {
      const member = await compressBlockAsync(block);
      if (this.#isClosed || this.#attempt !== attempt) return false;
      this.#writeMember(member);
    }
    fsyncSync(this.#openTarget());
    return true;
  }

  /** Takes its place, compressed (lock held), and is done with. */
  enterCompressed(rotation: Rotation): void {
    // A writer that knows no lock may have written to the old file for a moment after it was renamed.
    for (let block = this.#readBlock(); block; block = this.#readBlock()) this.#writeMember(compressBlock(block));
    stampTimes(this.#openTarget(), Number(fstatSync(this.#source, { bigint: true }).mtimeNs / 1000n) / 1e6);
    // Windows renames onto no file that is open. Nobody takes it over meanwhile: that happens under the lock only.
    this.close();
    renameSync(this.path + TEMPORARY, this.path);
    rotation.enterInFlight(this.path, '.gz', this.#mark);
  }

  /** Takes its place as it is (lock held), and is done with. */
  enter(rotation: Rotation, form: Form): void {
    this.close();
    rotation.enterInFlight(this.path, form, this.#mark);
  }

  /** After a failure: leaves it to the next writer that rotates, without what was compressed of it; that may have filled the disk. */
  abandon(): void {
    if (this.#isClosed) return;
    const isBegun = this.#target !== null;
    this.close();
    if (isBegun) unlinkSync(this.path + TEMPORARY);
  }

  /** Leaves it as it is. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#target !== null) closeSync(this.#target);
    this.#target = null;
    closeSync(this.#source);
  }

  #readBlock(): Buffer | null {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    let length = 0;
    while (length < block.length) {
      const read = readSync(this.#source, block, length, block.length - length, this.#readBytes + length);
      if (read === 0) break;
      length += read;
    }
    this.#readBytes += length;
    return length === 0 ? null : block.subarray(0, length);
  }

  #writeMember(member: Buffer): void {
    const target = this.#openTarget();
    for (let written = 0; written < member.length; ) written += writeSync(target, member, written);
  }

  #openTarget(): number {
    if (this.#target !== null) return this.#target;
    const { mode, uid, gid } = fstatSync(this.#source);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
    const target = openSync(this.path + TEMPORARY, flags, mode & 0o777);
    this.#target = target;
    // Who may read the log may read its rotations. Only an owner may say so; others leave what the system gave.
    permitted(() => fchmodSync(target, mode & 0o777));
    permitted(() => fchownSync(target, uid, gid));
    return target;
  }

  #startOver(): number {
    if (this.#target !== null) {
      closeSync(this.#target);
      this.#target = null;
      unlinkSync(this.path + TEMPORARY);
    }
    this.#readBytes = 0;
    this.#attempt++;
    return this.#attempt;
  }
}

/**
 * Looks after what dead writers of the log have left (lock held), ours and CLH's. What only has to take its place
 * does; what has to be compressed first is returned.
 */
export function adoptStranded(log: string, rotation: Rotation, useGzip: boolean): InFlight[] {
  const folder = dirname(log);
  const prefix = basename(log) + MARK;
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
  const stems = new Set(names.map((name) => name.replace(/\.gz(?:\.tmp)?$/, '')));
  const adopted: InFlight[] = [];
  // The names begin with the time of the rotation.
  for (const stem of [...stems].sort()) {
    const path = join(folder, stem);
    const mark = /^(.*)\.[^.]+$/.exec(stem.slice(prefix.length))?.[1] ?? '';
    if (!names.includes(stem)) {
      // CLH deletes the plain one when the compressed one is whole; ours is never without it.
      if (names.includes(`${stem}.gz`)) rotation.enterInFlight(`${path}.gz`, '.gz', mark);
      else unlinkSync(path + TEMPORARY);
      continue;
    }
    const inFlight = InFlight.adopt(path, mark);
    if (!inFlight) continue;
    for (const half of ['.gz', TEMPORARY]) if (names.includes(stem + half)) unlinkSync(path + half);
    if (inFlight.isCompressed) inFlight.enter(rotation, '.gz');
    else if (useGzip) adopted.push(inFlight);
    else inFlight.enter(rotation, '');
  }
  return adopted;
}

/** Opens a file and takes flock on it; null where another has it. */
function openOwned(path: string, flags: number): number | null {
  const fd = openSync(path, constants.O_RDWR | flags);
  try {
    if (loadFlock()?.tryLock(fd, true)) return fd;
    closeSync(fd);
    return null;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The time of the rotation is the file's age, in µs: the system's own stamps are up to 4 ms old, and rotations can follow faster. */
function stampTimes(fd: number, seconds: number): void {
  permitted(() => futimesSync(fd, seconds, seconds));
}

function permitted(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!hasCode(error, 'EPERM')) throw error;
  }
}
