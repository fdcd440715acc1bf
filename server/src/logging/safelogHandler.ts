import { deliver, flushDeliveries } from '../client/log.ts';
import { moduleOfName } from '../client/moduleName.ts';
import { levelName } from '../record/level.ts';
import { toText } from '../record/pythonText.ts';
import { toEntry } from '../wire/recordEntry.ts';
import { toJson, type WireRecord } from '../wire/wireRecord.ts';
import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { getLogger } from './manager.ts';
import { extrasOf } from './recordFields.ts';

export interface SafelogHandlerOptions {
  /** The log's name for all records; by default each logger has its own, and the root that of the calling file. */
  module?: string | undefined;
  /**
   * false writes Safelog's plain lines; by default they also tell logger, process, thread, file, line and extras (`safelog+source`), which
   * the timeline shows as fields.
   */
  source?: boolean | undefined;
  level?: Level | undefined;
}

/**
 * Writes records to the log tree: through the Safelog service where one runs, else into the files, as `getLog` does, and as the same user.
 * The line tells time and level; a formatter adds what else its text should say.
 */
export class SafelogHandler extends Handler {
  readonly #module: string | null;
  readonly #hasSource: boolean;

  constructor({ module, source = true, level }: SafelogHandlerOptions = {}) {
    super(level);
    this.#module = module === undefined ? null : moduleOfName(module);
    this.#hasSource = source;
  }

  override emit(record: LogRecord): void {
    try {
      const isRoot = record.name === getLogger().name;
      const module = this.#module ?? moduleOfName(isRoot ? record.module : record.name);
      const time = Math.round(record.created * 1e6);
      const plain: WireRecord = { module, level: levelName(record.levelno), text: this.format(record), time };
      deliver(toEntry(this.#hasSource ? { ...plain, ...sourceOf(record) } : plain, module));
    } catch (error) {
      this.handleError(record, error);
    }
  }

  /** Resolves when everything is acknowledged or written. */
  override flush(): Promise<void> {
    return flushDeliveries();
  }
}

function sourceOf(record: LogRecord): Partial<WireRecord> {
  const extras = extrasOf(record);
  return {
    logger: record.name,
    pid: record.process,
    thread: record.threadName,
    file: record.pathname,
    line: record.lineno,
    ...(extras ? { extras: toJson(extras, toText) as Record<string, unknown> } : {}),
  };
}
