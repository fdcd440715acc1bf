/** Values up to a sum of bytes; the least recently used go first. */
export class BoundedCache<Value extends object> {
  private readonly entries = new Map<string, { value: Value; bytes: number }>();
  private sum = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.sum;
  }

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** Without counting as use. */
  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Also for a value that has grown. The newest stays, whatever its size. */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key);
    this.entries.set(key, { value, bytes });
    this.sum += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.sum <= this.maxBytes || oldest === key) break;
      this.delete(oldest);
    }
  }

  /** Those whose keys begin so. */
  deleteAll(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.delete(key);
  }

  delete(key: string): void {
    this.sum -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}
