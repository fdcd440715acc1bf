import { Handler } from '../handler.ts';
import { ERROR, INFO, WARNING } from '../levels.ts';
import type { LogRecord } from '../logRecord.ts';

type Methods = Pick<Console, 'debug' | 'info' | 'warn' | 'error'>;

/** Writes records with the methods of a console, as its levels are: what a debugger's console shows, a browser's colours. */
export class ConsoleHandler extends Handler {
  readonly #console: Methods;

  constructor(target: Methods = console) {
    super();
    this.#console = target;
  }

  override emit(record: LogRecord): void {
    try {
      const { levelno } = record;
      const method = levelno >= ERROR ? 'error' : levelno >= WARNING ? 'warn' : levelno >= INFO ? 'info' : 'debug';
      this.#console[method]('%s', this.format(record));
    } catch (error) {
      this.handleError(record, error);
    }
  }
}
