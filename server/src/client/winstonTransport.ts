/**
 * A transport for winston 3 (https://github.com/winstonjs/winston#transports): `transports: [new SafelogTransport()]`. It is a stream of
 * objects, which is all that winston asks for: it needs nothing of winston itself.
 */

import { Writable } from 'node:stream';
import { JsonDelivery, type JsonDeliveryOptions } from './jsonDelivery.ts';

export interface SafelogTransportOptions extends JsonDeliveryOptions {
  /** Records below it are left out; the logger's own where absent. */
  level?: string;
  silent?: boolean;
  handleExceptions?: boolean;
  handleRejections?: boolean;
}

/** What winston tells of itself when it pipes to a transport. */
interface Logger {
  level: string;
  levels: Readonly<Record<string, number>>;
}

interface Info {
  readonly [key: string | symbol]: unknown;
}

/** Under these winston keeps the level without colours, and the arguments of `%s`. */
const LEVEL = Symbol.for('level');

export class SafelogTransport extends Writable {
  level: string | undefined;
  silent: boolean | undefined;
  handleExceptions: boolean | undefined;
  handleRejections: boolean | undefined;
  readonly #delivery: JsonDelivery;
  #logger: Logger | null = null;

  constructor({ level, silent, handleExceptions, handleRejections, ...options }: SafelogTransportOptions = {}) {
    super({ objectMode: true });
    this.level = level;
    this.silent = silent;
    this.handleExceptions = handleExceptions;
    this.handleRejections = handleRejections;
    this.#delivery = new JsonDelivery(options);
    this.on('pipe', (logger: unknown) => {
      if (isLogger(logger)) this.#logger = logger;
    });
    this.on('unpipe', () => {
      this.#logger = null;
    });
  }

  /** Written on return; winston calls it for each record. */
  log(info: Info, done: () => void): void {
    this.#take(info);
    done();
  }

  override _write(info: Info, _: string, done: (error?: Error | null) => void): void {
    try {
      if (this.#passes(info)) this.#take(info);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _final(done: () => void): void {
    this.#delivery.close();
    done();
  }

  #passes(info: Info): boolean {
    if (this.silent || (info.exception === true && !this.handleExceptions)) return false;
    const threshold = this.level ?? this.#logger?.level;
    const levels = this.#logger?.levels;
    const level = String(info[LEVEL] ?? info.level);
    if (threshold === undefined || levels === undefined) return true;
    return (levels[threshold] ?? Number.POSITIVE_INFINITY) >= (levels[level] ?? 0);
  }

  #take(info: Info): void {
    this.#delivery.json({ ...info, level: info[LEVEL] ?? info.level });
  }
}

function isLogger(value: unknown): value is Logger {
  return typeof value === 'object' && value !== null && 'levels' in value && typeof value.levels === 'object' && 'level' in value;
}

export default SafelogTransport;
