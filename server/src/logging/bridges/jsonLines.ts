/** The lines and objects of pino and winston as records of a logger. */

import { Writable } from 'node:stream';
import { readLevel } from '../../wire/jsonLines.ts';
import { isDict } from '../config/shape.ts';
import { DEBUG, getLevelNamesMapping, INFO } from '../levels.ts';
import type { Logger } from '../logger.ts';
import { LogRecord } from '../logRecord.ts';
import { getLogger } from '../manager.ts';

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
      const micros = typeof time === 'number' ? time * 1000 : typeof time === 'string' ? Date.parse(time) * 1000 : Number.NaN;
      handle(logger, { level: levelOf(level), message: String(msg ?? ''), micros, stack: stackOf(err), extra });
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

/** Python has none below DEBUG. */
function levelOf(level: unknown): number {
  return getLevelNamesMapping().get(String(level).toUpperCase()) ?? Math.max(DEBUG, readLevel(level) ?? INFO);
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
