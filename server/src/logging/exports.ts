/** Python's `logging`, `logging.handlers` and `logging.config`, as the package `safelog` exports them. */

export { basicFormat, type FormatStyle } from '../record/formatStyle.ts';
export { gmtime, localtime, type WallClock } from '../record/strftime.ts';
export { BaseRotatingHandler } from './baseRotatingHandler.ts';
export { type BasicConfigOptions, basicConfig } from './basicConfig.ts';
export { captureConsole, consoleOf } from './bridges/console.ts';
export { ConsoleHandler } from './bridges/consoleHandler.ts';
export { captureDebug } from './bridges/debugNamespaces.ts';
export { pinoDestination, winstonTransport } from './bridges/jsonLines.ts';
export { BufferingFormatter } from './bufferingFormatter.ts';
export { BufferingHandler } from './bufferingHandler.ts';
export type { Caller } from './caller.ts';
export { captureWarnings } from './captureWarnings.ts';
export type { ConcurrentHandlerOptions } from './concurrentHandler.ts';
export { ConcurrentRotatingFileHandler } from './concurrentRotatingFileHandler.ts';
export { type ConcurrentTimedHandlerOptions, ConcurrentTimedRotatingFileHandler } from './concurrentTimedRotatingFileHandler.ts';
export { configureFromFile } from './config/configFile.ts';
export { dictConfig } from './config/dictConfig.ts';
export { type FileConfigOptions, fileConfig } from './config/fileConfig.ts';
export { ConfigurationServer, type ListenOptions, listen, stopListening } from './config/listen.ts';
export { registerName, unregisterName } from './config/names.ts';
export * from './constants.ts';
export { DatagramHandler } from './datagramHandler.ts';
export { EncodingError, type UnicodeErrorPolicy } from './encoding.ts';
export { FileHandler, type FileHandlerOptions } from './fileHandler.ts';
export { Filter, type FilterLike } from './filter.ts';
export { Filterer } from './filterer.ts';
export { Formatter, type FormatterOptions, type TimeConverter } from './formatter.ts';
export { getHandlerByName, getHandlerNames, Handler, shutdown } from './handler.ts';
export { HTTPHandler, type HTTPHandlerOptions } from './httpHandler.ts';
export { getLastResort, setLastResort } from './lastResort.ts';
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
} from './levels.ts';
export { Logger, type LogOptions } from './logger.ts';
export { LoggerAdapter, type LoggerAdapterOptions } from './loggerAdapter.ts';
export { LogQueue, type RecordSink } from './logQueue.ts';
export { LogRecord, type LogRecordOptions } from './logRecord.ts';
export { LogRecordSocketReceiver, type LogRecordSocketReceiverOptions } from './logRecordSocketReceiver.ts';
export { childrenOf, disable, getLogger, getLoggerClass, type LoggerClass, setLoggerClass } from './manager.ts';
export { MemoryHandler, type MemoryHandlerOptions } from './memoryHandler.ts';
export { NTEventLogHandler, type NTEventLogHandlerOptions } from './ntEventLogHandler.ts';
export { NullHandler } from './nullHandler.ts';
export { QueueHandler } from './queueHandler.ts';
export { QueueListener, type QueueListenerOptions } from './queueListener.ts';
export { getRaiseExceptions, setRaiseExceptions } from './raiseExceptions.ts';
export { getLogRecordFactory, type LogRecordFactory, setLogRecordFactory } from './recordFactory.ts';
export { makeLogRecord } from './recordFields.ts';
export { critical, debug, error, exception, fatal, info, log, warn, warning } from './rootFunctions.ts';
export { RotatingFileHandler, type RotatingFileHandlerOptions } from './rotatingFileHandler.ts';
export { SafelogHandler, type SafelogHandlerOptions } from './safelogHandler.ts';
export { type LoggingQueuesOptions, setupLoggingQueues } from './setupLoggingQueues.ts';
export { SMTPHandler, type SMTPHandlerOptions } from './smtpHandler.ts';
export { SocketHandler, type SocketHandlerOptions } from './socketHandler.ts';
export { type LogStream, StreamHandler, type StreamHandlerOptions } from './streamHandler.ts';
export * from './sysLogCodes.ts';
export { SysLogHandler, type SysLogHandlerOptions } from './sysLogHandler.ts';
export { runTask } from './taskName.ts';
export { TimedRotatingFileHandler, type TimedRotatingFileHandlerOptions } from './timedRotatingFileHandler.ts';
export { WatchedFileHandler } from './watchedFileHandler.ts';
