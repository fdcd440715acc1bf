/** The receivers of other loggers' protocols, those that the settings ask for. */

import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Problem } from '../protocol.ts';
import { PythonDatagramDecoder, PythonStreamDecoder } from '../wire/pythonSocket.ts';
import { decodeSyslog } from '../wire/syslog.ts';
import { nowMicros } from '../writer/clock.ts';
import type { Where } from './accepting.ts';
import type { ServiceConfig } from './config.ts';
import { ConnectionReceiver, type Decoder, type Drop } from './connectionReceiver.ts';
import type { ServiceCounts } from './counts.ts';
import { DatagramReceiver, type DatagramReceiverOptions } from './datagramReceiver.ts';
import { handleRecords } from './httpRecords.ts';
import { type Identity, identify } from './identity.ts';
import { JsonDecoder } from './jsonDecoder.ts';
import { describeOtlp, handleOtlp } from './otlpRequests.ts';
import { tcpPeer, unixPeer } from './peer.ts';
import type { RecordIntake } from './recordIntake.ts';
import { ListenError } from './serviceErrors.ts';
import { SyslogDecoder } from './syslogDecoder.ts';
import { type WebAnswer, WebReceiver, type WebRequest, type WebTask } from './webReceiver.ts';

export type ReceiverKind = 'python-tcp' | 'python-udp' | 'http' | 'syslog' | 'otlp' | 'json';

export interface ReceiversOptions {
  config: ServiceConfig;
  /** Attributes of Python's records that are kept though Safelog's own line has no place for them. */
  attributes: readonly string[];
  intake: RecordIntake;
  counts: ServiceCounts;
  queuedBytes: () => number;
  sayOnce: (kind: string, message: string, advice?: string) => void;
  onProblem: (problem: Problem) => void;
  onAcceptError: (error: Error) => void;
  /** Takes over a dead service's socket, and starts to listen. */
  bindSocket: (path: string, start: () => Promise<unknown>) => Promise<void>;
  /** Told of each that listens. */
  onListening: (kind: ReceiverKind, address: string, connections: () => number) => void;
}

interface AnyReceiver {
  listen(): Promise<Where>;
  stop(): Promise<void>;
  readonly connections: number;
}

/** What asks for each. */
const SETTINGS: Record<ReceiverKind, keyof ServiceConfig> = {
  'python-tcp': 'pythonTcp',
  'python-udp': 'pythonUdp',
  http: 'http',
  syslog: 'syslog',
  otlp: 'otlp',
  json: 'json',
};

/** Where syslog listens that may not have its own port. */
const SYSLOG_PORT = 514;
const FREE_SYSLOG_PORT = 5514;

export class Receivers {
  readonly #options: ReceiversOptions;
  readonly #running: AnyReceiver[] = [];
  readonly #host = hostname();

  constructor(options: ReceiversOptions) {
    this.#options = options;
  }

  /** Starts those that have a port. Rejects with a ListenError. */
  async start(): Promise<void> {
    const { config, attributes } = this.#options;
    const onMalformed = (reason: string): void => this.#drop('python', 'malformed', reason);
    if (config.pythonTcp !== null)
      await this.#connections('python-tcp', config.pythonTcp, () => new PythonStreamDecoder(config.messageBytes, onMalformed, attributes));
    if (config.pythonUdp !== null) {
      const decoder = new PythonDatagramDecoder(attributes);
      await this.#datagrams('python-udp', config.pythonUdp, (...datagram) => decoder.decode(...datagram));
    }
    if (config.http !== null) {
      const describe = (status: number, message: string): WebAnswer => ({ status, body: `${message}\n` });
      await this.#web('http', config.http, (request) => handleRecords(request, { host: this.#host }, attributes), describe);
    }
    if (config.syslog !== null) await this.#syslog(config.syslog);
    const { syslogSocket } = config;
    if (syslogSocket !== null) {
      const receiver = this.#newConnections('syslog', { path: syslogSocket }, () => new SyslogDecoder(config.messageBytes, this.#host));
      await this.#options
        .bindSocket(syslogSocket, () => receiver.listen())
        .catch((error) => {
          throw new ListenError('syslogSocket', syslogSocket, error);
        });
      this.#add('syslog', receiver, syslogSocket);
    }
    if (config.otlp !== null) await this.#web('otlp', config.otlp, handleOtlp, describeOtlp);
    if (config.json !== null)
      await this.#connections('json', config.json, () => new JsonDecoder(config.messageBytes, { host: this.#host }));
  }

  /** Takes what has been sent until now, and hands it to the writers. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.map((receiver) => receiver.stop()));
    this.#options.intake.flush();
  }

  async #syslog(port: number): Promise<void> {
    try {
      await this.#syslogOn(port);
    } catch (error) {
      if (port !== SYSLOG_PORT || !(error instanceof ListenError && error.reason === 'denied')) throw error;
      this.#options.onProblem({
        path: `${this.#options.config.host}:${SYSLOG_PORT}`,
        message: `port ${SYSLOG_PORT} is refused: ports below 1024 are the administrator’s; syslog listens on ${FREE_SYSLOG_PORT} instead`,
        advice: `Send to port ${FREE_SYSLOG_PORT}, or listen on a Unix socket with --syslog-socket.`,
      });
      await this.#syslogOn(FREE_SYSLOG_PORT);
    }
  }

  /** TCP and UDP have the same port, also where any will do. */
  async #syslogOn(port: number): Promise<void> {
    const { config } = this.#options;
    const { host } = config;
    for (let attempt = 1; ; attempt++) {
      const tcp = this.#newConnections('syslog', { host, port }, () => new SyslogDecoder(config.messageBytes, this.#host));
      const bound = await this.#bind('syslog', tcp, port);
      const free = 'port' in bound ? bound.port : port;
      const udp = this.#newDatagrams('syslog', free, (bytes, start, end) =>
        decodeSyslog(bytes, { now: nowMicros(), host: this.#host }, start, end),
      );
      try {
        await this.#bind('syslog', udp, free);
      } catch (error) {
        await tcp.stop();
        if (port === 0 && attempt < 10) continue;
        throw error;
      }
      this.#running.push(tcp, udp);
      this.#options.onListening('syslog', addressOf(bound), () => tcp.connections);
      return;
    }
  }

  async #connections(kind: ReceiverKind, port: number, newDecoder: () => Decoder): Promise<void> {
    await this.#listen(kind, this.#newConnections(kind, { host: this.#options.config.host, port }, newDecoder), port);
  }

  #newConnections(kind: ReceiverKind, where: Where, newDecoder: () => Decoder): ConnectionReceiver {
    const { config, intake, queuedBytes, onAcceptError } = this.#options;
    return new ConnectionReceiver({
      where,
      limits: config,
      intake,
      newDecoder,
      identify: this.#known('path' in where ? unixPeer : tcpPeer),
      queuedBytes,
      onDrop: (drop, reason) => this.#drop(kind, drop, reason),
      onAcceptError,
    });
  }

  async #datagrams(kind: ReceiverKind, port: number, decode: DatagramReceiverOptions['decode']): Promise<void> {
    await this.#listen(kind, this.#newDatagrams(kind, port, decode), port);
  }

  #newDatagrams(kind: ReceiverKind, port: number, decode: DatagramReceiverOptions['decode']): DatagramReceiver {
    const { config, intake, queuedBytes, onAcceptError } = this.#options;
    return new DatagramReceiver({
      host: config.host,
      port,
      limits: config,
      intake,
      decode,
      identity: identify(null, config.identity),
      queuedBytes,
      onDrop: (drop, reason) => this.#drop(kind, drop, reason),
      onError: onAcceptError,
    });
  }

  async #web(
    kind: ReceiverKind,
    port: number,
    handle: (request: WebRequest) => WebTask | WebAnswer,
    describe: (status: number, message: string, contentType: string) => WebAnswer,
  ): Promise<void> {
    const { config, intake, counts, queuedBytes, sayOnce, onAcceptError } = this.#options;
    const receiver = new WebReceiver({
      host: config.host,
      port,
      limits: config,
      intake,
      handle,
      describe,
      identify: this.#known(tcpPeer),
      queuedBytes,
      onDrop: (drop, reason) => this.#drop(kind, drop, reason),
      onForeignPage: (reason) => {
        counts.webPages++;
        sayOnce(`page ${kind}`, `a request that a web page may have made has been refused: ${reason}`);
      },
      onAcceptError,
    });
    await this.#listen(kind, receiver, port);
  }

  async #listen(kind: ReceiverKind, receiver: AnyReceiver, port: number): Promise<void> {
    this.#add(kind, receiver, addressOf(await this.#bind(kind, receiver, port)));
  }

  async #bind(kind: ReceiverKind, receiver: AnyReceiver, port: number): Promise<Where> {
    try {
      return await receiver.listen();
    } catch (error) {
      throw new ListenError(SETTINGS[kind], `${this.#options.config.host}:${port}`, error);
    }
  }

  #add(kind: ReceiverKind, receiver: AnyReceiver, address: string): void {
    this.#running.push(receiver);
    this.#options.onListening(kind, address, () => receiver.connections);
  }

  #known(peer: (socket: Socket) => number | null): (socket: Socket) => Identity {
    return (socket) => identify(peer(socket), this.#options.config.identity);
  }

  #drop(kind: string, drop: Drop, reason: string): void {
    this.#options.counts.dropped[drop]++;
    this.#options.sayOnce(`${kind} ${drop}`, `what came in over ${kind} has been dropped: ${reason}`);
  }
}

function addressOf(bound: Where): string {
  if ('path' in bound) return bound.path;
  return `${bound.host.includes(':') ? `[${bound.host}]` : bound.host}:${bound.port}`;
}
