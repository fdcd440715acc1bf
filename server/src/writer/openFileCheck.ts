/** Whether a path still leads to the file that was opened there: asked before every write, so that it has to be fast. */

import { fstatSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { endianness } from 'node:os';

export interface OpenFileCheck {
  /** Bytes of the file when it was last looked at. */
  readonly size: number;
  /** Looks which file the descriptor is of. */
  remember(fd: number): void;
  /** Looks whether the path leads to that file. */
  isStillThere(): boolean;
}

/** The fastest that this machine has. */
export function makeOpenFileCheck(path: string): OpenFileCheck {
  const statx = loadStatx();
  return statx ? new StatxCheck(path, statx) : new PortableCheck(path);
}

/** By Node's own stat. */
export class PortableCheck implements OpenFileCheck {
  size = 0;
  readonly #path: string;
  #ino = -1n;
  #dev = -1n;

  constructor(path: string) {
    this.#path = path;
  }

  remember(fd: number): void {
    const { ino, dev, size } = fstatSync(fd, { bigint: true });
    this.#ino = ino;
    this.#dev = dev;
    this.size = Number(size);
  }

  isStillThere(): boolean {
    const there = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (there?.ino !== this.#ino || there.dev !== this.#dev) return false;
    this.size = Number(there.size);
    return true;
  }
}

type Statx = (dirfd: number, path: unknown, flags: number, mask: number, buffer: unknown) => number;

/** statx(2): one structure on every kind of machine. Indices of its fields as 32-bit numbers. */
const STRUCTURE_BYTES = 256;
const INO = 8;
const SIZE = 10;
const DEV_MAJOR = 34;
const DEV_MINOR = 35;
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const STATX_INO_AND_SIZE = 0x300;

/** By statx(2) in the system's C library, into memory that stays: takes two thirds of the time of Node's stat. */
export class StatxCheck implements OpenFileCheck {
  size = 0;
  readonly #statx: Statx;
  readonly #path: Buffer;
  readonly #bytes = Buffer.alloc(STRUCTURE_BYTES);
  readonly #fields = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, STRUCTURE_BYTES / 4);
  #ino = -1;
  #inoHigh = -1;
  #major = -1;
  #minor = -1;

  constructor(path: string, statx: Statx) {
    this.#statx = statx;
    this.#path = Buffer.from(`${path}\0`);
  }

  remember(fd: number): void {
    if (this.#statx(fd, EMPTY, AT_EMPTY_PATH, STATX_INO_AND_SIZE, this.#bytes) !== 0) fstatSync(fd);
    this.#ino = this.#field(INO);
    this.#inoHigh = this.#field(INO + 1);
    this.#major = this.#field(DEV_MAJOR);
    this.#minor = this.#field(DEV_MINOR);
    this.#readSize();
  }

  isStillThere(): boolean {
    if (this.#statx(AT_FDCWD, this.#path, 0, STATX_INO_AND_SIZE, this.#bytes) !== 0) return false;
    if (this.#field(INO) !== this.#ino || this.#field(INO + 1) !== this.#inoHigh) return false;
    if (this.#field(DEV_MAJOR) !== this.#major || this.#field(DEV_MINOR) !== this.#minor) return false;
    this.#readSize();
    return true;
  }

  #readSize(): void {
    this.size = this.#field(SIZE) + this.#field(SIZE + 1) * 2 ** 32;
  }

  #field(index: number): number {
    return this.#fields[index] ?? 0;
  }
}

const EMPTY = Buffer.from('\0');
let loaded: Statx | null | undefined;

/** Null where there is none: other systems than Linux, C libraries without it, kernels before 4.11. */
export function loadStatx(): Statx | null {
  if (loaded !== undefined) return loaded;
  loaded = null;
  if (process.platform !== 'linux' || endianness() !== 'LE') return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const statx = koffi
      .load(null)
      .func('int statx(int dirfd, const void *path, int flags, unsigned int mask, void *buffer)') as unknown as Statx;
    const works = statx(AT_FDCWD, Buffer.from('/\0'), 0, STATX_INO_AND_SIZE, Buffer.alloc(STRUCTURE_BYTES)) === 0;
    loaded = works ? statx : null;
  } catch {
    // Without koffi or the function Node's own stat serves.
  }
  return loaded;
}
