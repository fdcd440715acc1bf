/** A log where flock cannot be called (the package koffi is missing): each append is one write(2), and nothing is rotated. */

import { closeSync, fstatSync } from 'node:fs';
import { openRegular } from './access.ts';
import type { HeldFile } from './concurrentFile.ts';
import { writeWhole } from './writeWhole.ts';

export class UnlockedFile {
  readonly #path: string;
  #fd: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  hold(): HeldFile {
    const fd = openRegular(this.#path, {});
    this.#fd = fd;
    const { dev, ino, size } = fstatSync(fd, { bigint: true });
    return { dev, ino, size: Number(size) };
  }

  appendHeld(bytes: Uint8Array): void {
    if (this.#fd !== null) writeWhole(this.#fd, bytes);
  }

  release(): void {
    this.closeSync();
  }

  closeSync(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}
