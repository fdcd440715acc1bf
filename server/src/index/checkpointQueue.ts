/** Builds checkpoints in the background: one file at a time, the one that was asked for last first, giving way to everything else. */
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { buildCheckpoints } from './buildCheckpoints.ts';
import type { Checkpoints } from './checkpoint.ts';

/** Who is pushed out asks again when there is a need again. */
const MAX_WAITING = 128;
/** ms after foreground work in which it still counts as going on. */
const BUSY = 20;
/** ms of work at once, while nobody waits for anything. */
const TURN = 3;

export interface Build {
  key: string;
  table: Checkpoints;
  /** Opens the file; rejects where it is not the one that is meant any more. */
  open(): Promise<FileHandle>;
  /** When all are there. */
  done(): Promise<void>;
  /** After each step: false cancels. Keeps account of the table's growth. */
  wanted(): boolean;
}

export class CheckpointQueue {
  private waiting: Build[] = [];
  private running: Build | undefined;
  private idle: Promise<void> = Promise.resolve();
  private busyUntil = 0;

  /** Somebody waits for bytes just now: building goes on at a tenth of its pace for a moment. */
  giveWay(): void {
    this.busyUntil = performance.now() + BUSY;
  }

  add(build: Build): void {
    if (this.running?.key === build.key) return;
    this.waiting = [...this.waiting.filter(({ key }) => key !== build.key), build].slice(-MAX_WAITING);
    if (this.running === undefined) this.idle = this.work();
  }

  /** Waits until nothing is built. The timers of a build keep no process alive. */
  settled(): Promise<void> {
    return this.idle;
  }

  private async work(): Promise<void> {
    for (let build = this.waiting.pop(); build !== undefined; build = this.waiting.pop()) {
      this.running = build;
      await this.build(build);
    }
    this.running = undefined;
  }

  private async build(build: Build): Promise<void> {
    if (!build.wanted()) return;
    try {
      const file = await build.open();
      try {
        let begun = performance.now();
        await buildCheckpoints(file, build.table, async () => {
          const now = performance.now();
          const busy = now < this.busyUntil;
          if (busy || now - begun >= TURN) {
            // A timer, as an immediate that keeps no process alive only comes when something else happens.
            await delay(busy ? 10 : 1, undefined, { ref: false });
            begun = performance.now();
          }
          return build.wanted();
        });
      } finally {
        await file.close();
      }
      if (build.table.finished) await build.done();
    } catch {
      // It was renamed or deleted, or cannot be read, or there is no WebAssembly. Reading needs no checkpoints, only more time, and says
      // itself what is wrong with the file.
    }
  }
}
