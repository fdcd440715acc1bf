import { deliver, flushDeliveries } from '../client/log.ts';
import { moduleOfName } from '../client/moduleName.ts';
import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { getLogger } from './manager.ts';

export interface SafelogHandlerOptions {
  /** The log's name for all records; by default each logger has its own, and the root that of the calling file. */
  module?: string | undefined;
  level?: Level | undefined;
}

/**
 * Writes records to the log tree: through the Safelog service where one runs, else into the files, as `getLog` does, and as the same user.
 * The line tells time and level; a formatter adds what else it should say.
 */
export class SafelogHandler extends Handler {
  readonly #module: string | null;

  constructor({ module, level }: SafelogHandlerOptions = {}) {
    super(level);
    this.#module = module === undefined ? null : moduleOfName(module);
  }

  override emit(record: LogRecord): void {
    try {
      const isRoot = record.name === getLogger().name;
      const module = this.#module ?? moduleOfName(isRoot ? record.module : record.name);
      deliver({ module, level: record.levelname, text: this.format(record), time: Math.round(record.created * 1e6) });
    } catch (error) {
      this.handleError(record, error);
    }
  }

  /** Resolves when everything is acknowledged or written. */
  override flush(): Promise<void> {
    return flushDeliveries();
  }
}
