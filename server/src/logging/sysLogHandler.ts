import { createConnection, type Socket } from 'node:net';
import { StreamSocket } from '../client/streamSocket.ts';
import { DatagramSender } from './datagramSender.ts';
import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { StreamSender } from './streamSender.ts';
import * as sysLog from './sysLogCodes.ts';

export interface SysLogHandlerOptions {
  /** Host and port, or the path of a Unix socket; localhost, 514 by default. */
  address?: readonly [host: string, port: number] | string | undefined;
  /** A code or its name; LOG_USER by default. */
  facility?: number | string | undefined;
  /** Datagrams or a stream; for a Unix socket, whichever it is. Python's numbers (SOCK_DGRAM is 2, SOCK_STREAM 1) are taken too. */
  socktype?: 'dgram' | 'stream' | number | null | undefined;
  /** Memory for records that cannot be sent yet, bytes; 8 MB by default. */
  maxQueuedBytes?: number | undefined;
  level?: Level | undefined;
}

const CONNECT_MS = 1000;
const BACK_OFF = { retryStart: 1, retryMax: 30, retryFactor: 2 };

/** Sends records to a syslog daemon: `<PRI>text` and a NUL (https://docs.python.org/3/library/logging.handlers.html#sysloghandler). */
export class SysLogHandler extends Handler {
  /** Stands before each text, as the program's name. */
  ident = '';
  /** Some daemons do not want the NUL. */
  appendNul = true;
  readonly address: readonly [host: string, port: number] | string;
  facility: number | string;
  readonly #isStream: boolean;
  readonly #sender: StreamSender;
  readonly #datagrams: DatagramSender | null;
  #unix: StreamSocket | null = null;

  /** Names of levels → names of priorities; others are `warning`. */
  priorityMap: Readonly<Record<string, string>> = {
    DEBUG: 'debug',
    INFO: 'info',
    WARNING: 'warning',
    ERROR: 'error',
    CRITICAL: 'critical',
  };

  constructor(options: SysLogHandlerOptions = {}) {
    super(options.level);
    const { address = ['localhost', sysLog.SYSLOG_UDP_PORT], facility = sysLog.LOG_USER, socktype, maxQueuedBytes = 8 * 2 ** 20 } = options;
    this.address = address;
    this.facility = facility;
    this.#isStream = socktype === 'stream' || socktype === 1;
    const [host, port] = typeof address === 'string' ? [] : address;
    this.#datagrams =
      host === undefined || port === undefined ? null : new DatagramSender(host, port, (error) => this.handleError(null, error));
    this.#sender = new StreamSender({
      connect: () => this.makeSocket(),
      connectMs: CONNECT_MS,
      backOff: () => BACK_OFF,
      maxQueuedBytes,
      onError: (error) => this.handleError(null, error),
    });
  }

  /** For subclasses: begins to connect, for a stream. */
  makeSocket(): Socket {
    return typeof this.address === 'string'
      ? createConnection({ path: this.address })
      : createConnection({ host: this.address[0], port: this.address[1] });
  }

  /** The number of a facility and a priority, each by code or name. Throws a RangeError for a name that there is not. */
  encodePriority(facility: number | string, priority: number | string): number {
    return (codeOf(facility, sysLog.facilityNames) << 3) | codeOf(priority, sysLog.priorityNames);
  }

  /** The name of the priority for a level's name. */
  mapPriority(levelName: string): string {
    return (Object.hasOwn(this.priorityMap, levelName) ? this.priorityMap[levelName] : undefined) ?? 'warning';
  }

  override emit(record: LogRecord): void {
    try {
      const priority = this.encodePriority(this.facility, this.mapPriority(record.levelname));
      const text = `<${priority}>${this.ident}${this.format(record)}${this.appendNul ? '\0' : ''}`;
      this.#send(Buffer.from(text));
    } catch (error) {
      this.handleError(record, error);
    }
  }

  override async flush(): Promise<void> {
    await Promise.all([this.#sender.flush(), this.#datagrams?.flush()]);
  }

  override close(): void {
    super.close();
    this.#sender.close();
    this.#unix?.close();
    this.#unix = null;
    this.#datagrams?.close();
  }

  #send(bytes: Buffer): void {
    if (this.#isStream) this.#sender.send(bytes);
    else if (typeof this.address === 'string') this.#sendUnix(this.address, bytes);
    else this.#datagrams?.send(bytes);
  }

  /** Datagrams over a Unix socket (/dev/log), which Node does not have; a stream where the socket is one. The daemon may have started anew. */
  #sendUnix(path: string, bytes: Buffer): void {
    for (const isLast of [false, true]) {
      try {
        this.#unix ??= new StreamSocket({ path }, CONNECT_MS, 'datagram');
        this.#unix.sendWhole(bytes, CONNECT_MS);
        return;
      } catch (error) {
        this.#unix?.close();
        this.#unix = null;
        if (error instanceof Error && 'code' in error && error.code === 'EPROTOTYPE') {
          this.#sender.send(bytes);
          return;
        }
        if (isLast) throw error;
      }
    }
  }
}

function codeOf(value: number | string, names: Readonly<Record<string, number>>): number {
  if (typeof value === 'number') return value;
  const code = Object.hasOwn(names, value) ? names[value] : undefined;
  if (code === undefined) throw new RangeError(`syslog has no ${JSON.stringify(value)}`);
  return code;
}
