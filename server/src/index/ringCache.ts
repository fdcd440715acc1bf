/**
 * Bytes by name, in one piece of memory that is used again and again: the oldest make room for new ones. Memory of their own would be garbage
 * soon, and megabytes of it a moment have the collector run all the time.
 */
export class RingCache {
  private memory = Buffer.alloc(0);
  /** Where the next ones go. */
  private next = 0;
  /** Those that were added first come first: they lie where the next ones go. */
  private readonly entries = new Map<string, { start: number; end: number }>();

  /** @param size bytes */
  constructor(private readonly size: number) {}

  /** Valid until anything is added. */
  get(name: string): Buffer | undefined {
    const entry = this.entries.get(name);
    return entry && this.memory.subarray(entry.start, entry.end);
  }

  /**
   * Room for bytes under a name, in place of those that it had; to be filled at once, and valid until anything is added.
   * @param length no more than all of the memory
   */
  add(name: string, length: number): Buffer {
    if (length > this.size) throw new RangeError(`${length} bytes are more than ${this.size}`);
    if (this.memory.length === 0) this.memory = Buffer.allocUnsafeSlow(this.size);
    this.entries.delete(name);
    if (this.next + length > this.size) {
      this.makeRoom(this.next, this.size);
      this.next = 0;
    }
    const start = this.next;
    const end = start + length;
    this.makeRoom(start, end);
    this.entries.set(name, { start, end });
    this.next = end;
    return this.memory.subarray(start, end);
  }

  delete(name: string): void {
    this.entries.delete(name);
  }

  /** Those whose names begin so. */
  deleteAll(prefix: string): void {
    for (const name of this.entries.keys()) if (name.startsWith(prefix)) this.entries.delete(name);
  }

  private makeRoom(start: number, end: number): void {
    for (const [name, entry] of this.entries) {
      if (entry.start >= end || entry.end <= start) break;
      this.entries.delete(name);
    }
  }
}
