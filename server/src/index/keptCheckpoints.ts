/** The checkpoints of foreign gz files on disk: what took one pass over all of a file need not be found again. One file of the cache each. */
import type { Checkpoint, Starts } from './checkpoint.ts';
import { Checkpoints } from './checkpoint.ts';
import type { IndexCache, Origin } from './indexCache.ts';

export class KeptCheckpoints {
  constructor(private readonly cache: IndexCache) {}

  /**
   * Undefined where there are none, or they are damaged.
   * @param key tells the file and its content: its identity, size and time
   */
  load(key: string): Checkpoints | undefined {
    const container = this.cache.open(nameOf(key));
    container?.close();
    return container && parse(container.directory);
  }

  delete(key: string): void {
    this.cache.delete(nameOf(key));
  }

  /** What cannot be written is found again the next time. Those of files with a single one are not worth a file. */
  async save(key: string, origin: Origin, table: Starts): Promise<void> {
    if (!(table instanceof Checkpoints) || !table.finished || table.count < 2) return;
    let writer: Awaited<ReturnType<IndexCache['create']>> | undefined;
    try {
      writer = await this.cache.create(nameOf(key));
      await writer.finish({ origin, length: table.length, list: table.all });
    } catch {
      await writer?.abandon();
    }
  }
}

const nameOf = (key: string): string => JSON.stringify(['checkpoints', key]);

function parse(value: unknown): Checkpoints | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { length, list } = value as { length?: unknown; list?: unknown };
  if (!Array.isArray(list) || !list.every(isCheckpoint) || (length !== undefined && typeof length !== 'number')) return undefined;
  const table = Checkpoints.of(list);
  table.length = length;
  table.finished = true;
  return table;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { input, bits, output, inMember } = value as Partial<Checkpoint>;
  return (
    [input, bits, output].every((number) => typeof number === 'number') &&
    (inMember === undefined ||
      (inMember.window instanceof Uint8Array && typeof inMember.crc === 'number' && typeof inMember.length === 'number'))
  );
}
