import { createRequire } from 'node:module';
import { Handler } from './handler.ts';
import { CRITICAL, DEBUG, ERROR, INFO, type Level, WARNING } from './levels.ts';
import type { LogRecord } from './logRecord.ts';

export const EVENTLOG_ERROR_TYPE = 1;
export const EVENTLOG_WARNING_TYPE = 2;
export const EVENTLOG_INFORMATION_TYPE = 4;

export interface NTEventLogHandlerOptions {
  /** Where the texts of messages are; Windows shows the record's text without. Kept for Python's configurations. */
  dllname?: string | null | undefined;
  /** `Application`, `System` or `Security`. Kept for Python's configurations: a source that nobody has registered writes to Application. */
  logtype?: string | undefined;
  level?: Level | undefined;
}

type Report = (type: number, category: number, id: number, text: string) => void;

/**
 * Writes to the event log of Windows (https://docs.python.org/3/library/logging.handlers.html#nteventloghandler), by its own library. On
 * other systems records go nowhere, as in Python; a warning says so once (SAFELOG_NO_EVENT_LOG).
 */
export class NTEventLogHandler extends Handler {
  readonly appname: string;
  readonly logtype: string;
  /** The types of events for levels. */
  typemap: Readonly<Record<number, number>> = {
    [DEBUG]: EVENTLOG_INFORMATION_TYPE,
    [INFO]: EVENTLOG_INFORMATION_TYPE,
    [WARNING]: EVENTLOG_WARNING_TYPE,
    [ERROR]: EVENTLOG_ERROR_TYPE,
    [CRITICAL]: EVENTLOG_ERROR_TYPE,
  };
  deftype = EVENTLOG_ERROR_TYPE;
  readonly #report: Report | null;

  constructor(appname: string, { logtype = 'Application', level }: NTEventLogHandlerOptions = {}) {
    super(level);
    this.appname = appname;
    this.logtype = logtype;
    this.#report = openEventLog(appname);
  }

  /** For subclasses: the number of the message in `dllname`. */
  getMessageID(_record: LogRecord): number {
    return 1;
  }

  /** For subclasses. */
  getEventCategory(_record: LogRecord): number {
    return 0;
  }

  /** The type of a record's event; by `typemap`, else `deftype`. */
  getEventType(record: LogRecord): number {
    return this.typemap[record.levelno] ?? this.deftype;
  }

  override emit(record: LogRecord): void {
    if (!this.#report) return;
    try {
      this.#report(this.getEventType(record), this.getEventCategory(record), this.getMessageID(record), this.format(record));
    } catch (error) {
      this.handleError(record, error);
    }
  }
}

let hasWarned = false;

function openEventLog(source: string): Report | null {
  if (process.platform !== 'win32') {
    if (!hasWarned)
      process.emitWarning('NTEventLogHandler: only Windows has an event log', { type: 'SafelogWarning', code: 'SAFELOG_NO_EVENT_LOG' });
    hasWarned = true;
    return null;
  }
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load('advapi32.dll');
  const register = library.func('void *__stdcall RegisterEventSourceW(str16 server, str16 source)');
  const report = library.func(
    'bool __stdcall ReportEventW(void *log, uint16 type, uint16 category, uint32 id, void *user, uint16 strings, uint32 size, str16 *texts, void *data)',
  );
  const log: unknown = register(null, source);
  if (!log) throw new Error(`the event source ${source} cannot be registered`);
  return (type, category, id, text) => {
    if (!report(log, type, category, id, null, 1, 0, [text], null)) throw new Error('ReportEvent failed');
  };
}
