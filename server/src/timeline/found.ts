/** Records that are found one after the other while much is read, and are shown in portions. */
import type { RecordNumber } from '../index/recordStore.ts';

/** Portions are shown no more often (ms). */
const PACE = 100;
/** A part of the time at most is spent on showing them. */
const PART = 10;

export class Found {
  private parts: ArrayLike<RecordNumber>[] = [];
  private count = 0;
  // The first ones at once.
  private next = Number.NEGATIVE_INFINITY;
  private showing: Promise<void> | undefined;

  /** @param show is not called again before its last call has ended */
  constructor(private readonly show: (records: Uint32Array) => Promise<void>) {}

  add(records: ArrayLike<RecordNumber>): void {
    if (records.length === 0) return;
    this.parts.push(records);
    this.count += records.length;
    if (performance.now() >= this.next && this.showing === undefined) {
      this.showing = this.flush().finally(() => {
        this.showing = undefined;
      });
    }
  }

  /** Shows the rest. */
  async end(): Promise<void> {
    await this.showing;
    await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.count === 0) return;
    const records = new Uint32Array(this.count);
    let length = 0;
    for (const part of this.parts) {
      records.set(part, length);
      length += part.length;
    }
    this.parts = [];
    this.count = 0;
    const begun = performance.now();
    await this.show(records);
    const now = performance.now();
    this.next = now + Math.max(PACE, PART * (now - begun));
  }
}
