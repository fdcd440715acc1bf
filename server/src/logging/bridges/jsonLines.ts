/** The lines and objects of pino and winston as records of a logger. */

import { Writable } from 'node:stream';
import { isDict } from '../config/shape.ts';
import { CRITICAL, checkLevel, DEBUG, ERROR, getLevelNamesMapping, INFO, WARNING } from '../levels.ts';
import type { Logger } from '../logger.ts';
import { LogRecord } from '../logRecord.ts';
import { getLogger } from '../manager.ts';

/** pino's numbers; Python's levels are next to them. */
const PINO_LEVELS: readonly [number: number, level: number][] = [
  [60, CRITICAL],
  [50, ERROR],
  [40, WARNING],
  [30, INFO],
];

/** Names of winston's levels that Python has not: npm's and syslog's. */
const NAMES: Readonly<Record<string, number>> = {
  silly: DEBUG,
  verbose: DEBUG,
  http: INFO,
  notice: INFO,
  warn: WARNING,
  crit: CRITICAL,
  alert: CRITICAL,
  emerg: CRITICAL,
  fatal: CRITICAL,
  trace: DEBUG,
};

/**
 * A destination for pino: `pino(pinoDestination(getLogger('web')))`. Each line becomes a record of the logger; its other fields are
 * attributes of the record, as `extra` gives them. A line that is no JSON object is a message.
 */
export function pinoDestination(logger: Logger = getLogger()): { write(line: string): void } {
  return {
    write: (line) => {
      const text = line.trimEnd();
      const fields = parse(text);
      if (!fields) {
        if (logger.isEnabledFor(INFO)) logger.handle(new LogRecord(logger.name, INFO, text));
        return;
      }
      const { level, time, msg, pid: _, hostname: __, err, ...extra } = fields;
      const number = typeof level === 'number' ? (PINO_LEVELS.find(([from]) => level >= from)?.[1] ?? DEBUG) : levelOf(level);
      const micros = typeof time === 'number' ? time * 1000 : typeof time === 'string' ? Date.parse(time) * 1000 : Number.NaN;
      handle(logger, { level: number, message: String(msg ?? ''), micros, stack: stackOf(err), extra });
    },
  };
}

/** A transport for winston: `createLogger({ transports: [winstonTransport(getLogger('web'))] })`. */
export function winstonTransport(logger: Logger = getLogger()): Writable & { log(info: unknown, done: () => void): void } {
  const log = (info: unknown, done: () => void): void => {
    if (isDict(info)) {
      const { level, message, stack, timestamp: _, ...extra } = info;
      const text = typeof stack === 'string' ? stack : undefined;
      handle(logger, { level: levelOf(level), message: String(message ?? ''), micros: Number.NaN, stack: text, extra });
    }
    done();
  };
  // winston knows its transports by this method, and writes to them as to any stream.
  return Object.assign(new Writable({ objectMode: true, write: (info, _encoding, done) => log(info, done) }), { log });
}

interface Entry {
  level: number;
  message: string;
  /** NaN: now. */
  micros: number;
  stack: string | undefined;
  extra: Readonly<Record<string, unknown>>;
}

function handle(logger: Logger, { level, message, micros, stack, extra }: Entry): void {
  if (!logger.isEnabledFor(level)) return;
  const record = new LogRecord(logger.name, level, message, [], Number.isFinite(micros) ? { time: micros } : {});
  if (stack !== undefined) record.excText = stack;
  for (const [key, value] of Object.entries(extra)) {
    if (!(key in record)) Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  }
  logger.handle(record);
}

function levelOf(level: unknown): number {
  const name = String(level).toLowerCase();
  if (Object.hasOwn(NAMES, name)) return NAMES[name] ?? INFO;
  return getLevelNamesMapping().get(name.toUpperCase()) ?? (typeof level === 'number' ? checkLevel(level) : INFO);
}

function stackOf(error: unknown): string | undefined {
  return isDict(error) && typeof error.stack === 'string' ? error.stack : undefined;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isDict(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
