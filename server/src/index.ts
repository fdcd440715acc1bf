/** What the package `safelog` exports. */

export { type GetLogOptions, get, getLog, Log, type LogCallOptions, type LogLevel } from './client/log.ts';
export type { ConcurrentHandlerOptions } from './logging/concurrentHandler.ts';
export { ConcurrentRotatingFileHandler } from './logging/concurrentRotatingFileHandler.ts';
export { type ConcurrentTimedHandlerOptions, ConcurrentTimedRotatingFileHandler } from './logging/concurrentTimedRotatingFileHandler.ts';
export { EncodingError, type UnicodeErrorPolicy } from './logging/encoding.ts';
export { type Filter, Filterer } from './logging/filterer.ts';
export { Formatter, type FormatterOptions } from './logging/formatter.ts';
export { Handler, shutdown } from './logging/handler.ts';
export {
  addLevelName,
  CRITICAL,
  DEBUG,
  ERROR,
  FATAL,
  getLevelName,
  getLevelNamesMapping,
  INFO,
  type Level,
  NOTSET,
  WARN,
  WARNING,
} from './logging/levels.ts';
export { getLogger, Logger, type LogOptions } from './logging/logger.ts';
export { LogRecord, type LogRecordOptions } from './logging/logRecord.ts';
export { LockTimeoutError } from './writer/concurrentFile.ts';
