/** What makes the records of all loggers (https://docs.python.org/3/library/logging.html#logrecord-objects). */

import { LogRecord, type LogRecordOptions } from './logRecord.ts';

/** Takes LogRecord's arguments. */
export type LogRecordFactory = (
  name: string,
  level: number,
  msg: unknown,
  args: readonly unknown[],
  options: LogRecordOptions,
) => LogRecord;

const standard: LogRecordFactory = (name, level, msg, args, options) => new LogRecord(name, level, msg, args, options);
let factory = standard;

export function getLogRecordFactory(): LogRecordFactory {
  return factory;
}

/** The factory of all records from now on. One of your own calls the one before it, and adds to what that makes. */
export function setLogRecordFactory(make: LogRecordFactory): void {
  factory = make;
}
