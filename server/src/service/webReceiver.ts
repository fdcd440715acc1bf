/**
 * Takes HTTP requests in. Web pages must not log here: a request with an Origin, one that a browser says comes from another site, and one
 * whose Host is not this machine's (a name that an attacker has pointed to it) are refused before their bodies are read.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv4, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { WireError, type WireRecord } from '../wire/wireRecord.ts';
import { isOneTooMany, listenAt, type Where } from './accepting.ts';
import type { Drop } from './connectionReceiver.ts';
import type { Identity } from './identity.ts';
import type { RecordIntake } from './recordIntake.ts';

/** A request whose body has been read. */
export interface WebRequest {
  method: string;
  path: string;
  /** Without its question mark; empty: none. */
  query: string;
  /** In lower case, without parameters; empty: none. */
  contentType: string;
  body: Buffer;
}

export interface WebAnswer {
  status: number;
  contentType?: string;
  body?: Buffer | string;
  headers?: Readonly<Record<string, string>>;
}

/** What a request asks to be written, and what is answered then. */
export interface WebTask {
  records: readonly WireRecord[];
  /**
   * @param problem why they are not all written; null: they are
   * @param rejected how many are not
   */
  answer: (problem: string | null, rejected: number) => WebAnswer;
}

export interface WebReceiverOptions {
  host: string;
  port: number;
  limits: { connections: number; messageBytes: number; totalBytes: number; recordsPerSecond: number; idleMs: number };
  intake: RecordIntake;
  /** Throws a WireError for what it cannot read. */
  handle: (request: WebRequest) => WebTask | WebAnswer;
  /** For a request that is refused or cannot be read. */
  describe: (status: number, message: string, contentType: string) => WebAnswer;
  identify: (socket: Socket) => Identity;
  queuedBytes: () => number;
  onDrop: (kind: Drop, reason: string) => void;
  /** A web page, or a name that is not this machine's. */
  onForeignPage: (reason: string) => void;
  onAcceptError: (error: Error) => void;
}

const MAX_HEADER_BYTES = 2 ** 20;
const unzip = promisify(gunzip);

/** Why a request is refused that a web page may have made; null where none has. */
export function foreignPage(headers: IncomingMessage['headers'], ownHost: string): string | null {
  if (headers.origin !== undefined) return `its Origin is ${JSON.stringify(headers.origin)}`;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none') return `its Sec-Fetch-Site is ${JSON.stringify(site)}`;
  const { host } = headers;
  if (host === undefined || !isOwnHost(host, ownHost)) return `its Host is ${JSON.stringify(host ?? '')}`;
  return null;
}

function isOwnHost(host: string, ownHost: string): boolean {
  const [, name = ''] = /^(\[[0-9a-f:.]+\]|[^:]*)(?::\d+)?$/i.exec(host) ?? [];
  const plain = name.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    plain === 'localhost' ||
    plain === '::1' ||
    (isIPv4(plain) && plain.startsWith('127.')) ||
    (plain !== '' && plain === ownHost.toLowerCase())
  );
}

export class WebReceiver {
  readonly #options: WebReceiverOptions;
  readonly #server: Server;
  readonly #identities = new WeakMap<Socket, Identity>();
  readonly #busyUntil = new WeakMap<Socket, number>();
  #open = 0;
  /** Of requests whose bodies are still coming in. */
  #heldBytes = 0;

  constructor(options: WebReceiverOptions) {
    this.#options = options;
    const { idleMs } = options.limits;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        requestTimeout: Math.max(idleMs, 1000) * 4,
        headersTimeout: Math.max(idleMs, 1000),
        connectionsCheckingInterval: 5000,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on('connection', (socket) => this.#accept(socket));
    this.#server.on('clientError', (_, socket) => {
      options.onDrop('malformed', 'no HTTP request');
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
  }

  get connections(): number {
    return this.#open;
  }

  /** Rejects with the system's error. */
  listen(): Promise<Where> {
    const { host, port, onAcceptError } = this.#options;
    return listenAt(this.#server, { host, port }, onAcceptError);
  }

  /** Answers the requests that are under way. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), 5000);
    await closed;
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    const { limits, identify, onDrop } = this.#options;
    if (isOneTooMany(socket, this.#open, limits.connections)) {
      onDrop('count', 'too many connections are open');
      socket.on('error', () => {}).destroy();
      return;
    }
    this.#open++;
    socket.once('close', () => this.#open--);
    socket.setTimeout(limits.idleMs);
    this.#identities.set(socket, identify(socket));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { describe, onDrop } = this.#options;
    const type = contentTypeOf(request);
    try {
      const refused = this.#refuse(request);
      if (refused) {
        // The rest of the body is not worth reading.
        send(response, { ...describe(refused.status, refused.message, type), headers: { Connection: 'close', ...refused.headers } });
        return;
      }
      const body = await this.#body(request);
      const task = this.#options.handle({
        method: request.method ?? 'GET',
        ...splitTarget(request.url ?? '/'),
        contentType: type,
        body,
      });
      if (!('records' in task)) {
        if (task.status >= 400) onDrop('malformed', `a request that is answered with ${task.status}`);
        send(response, task);
        return;
      }
      await this.#wait(request.socket, task.records.length);
      const identity = this.#identities.get(request.socket) ?? { kind: 'none' };
      if (identity.kind === 'none') {
        this.#options.intake.take(task.records, identity);
        send(response, describe(403, 'nobody knows who you are', type));
        return;
      }
      this.#options.intake.take(task.records, identity, (...outcome) => send(response, task.answer(...outcome)));
    } catch (error) {
      if (error instanceof TooLong) {
        onDrop('oversized', error.message);
        send(response, { ...describe(413, error.message, type), headers: { Connection: 'close' } });
      } else if (error instanceof WireError || error instanceof TypeError) {
        onDrop('malformed', error.message);
        send(response, describe(400, error.message, type));
      } else {
        onDrop('malformed', 'a request that was broken off');
        response.destroy();
      }
    }
  }

  #refuse(request: IncomingMessage): { status: number; message: string; headers?: Record<string, string> } | null {
    const { host, limits, queuedBytes, onForeignPage, onDrop } = this.#options;
    const reason = foreignPage(request.headers, host);
    if (reason !== null) {
      onForeignPage(reason);
      return { status: 403, message: `web pages do not log here: ${reason}` };
    }
    if (queuedBytes() + this.#heldBytes > limits.totalBytes / 2) {
      onDrop('memory', 'too much came in at once');
      return { status: 503, message: 'too much waits to be written: come again', headers: { 'Retry-After': '1' } };
    }
    return null;
  }

  /** By events, which cost small requests less than an iterator. */
  #whole(request: IncomingMessage): Promise<Buffer> {
    const { messageBytes, totalBytes } = this.#options.limits;
    let bytes = 0;
    const whole = new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        this.#heldBytes += chunk.length;
        chunks.push(chunk);
        if (bytes <= messageBytes && this.#heldBytes <= totalBytes) return;
        request.pause().removeAllListeners('data');
        reject(new TooLong('a body that is too long'));
      });
      request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
      request.once('error', reject);
      request.once('close', () => reject(new Error('broken off')));
    });
    return whole.finally(() => {
      this.#heldBytes -= bytes;
    });
  }

  async #body(request: IncomingMessage): Promise<Buffer> {
    const { messageBytes } = this.#options.limits;
    const body = await this.#whole(request);
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (encoding === 'identity' || encoding === '') return body;
    if (encoding !== 'gzip' && encoding !== 'x-gzip')
      throw new WireError(`a body in an encoding that is not gzip: ${JSON.stringify(encoding)}`);
    try {
      return await unzip(body, { maxOutputLength: messageBytes });
    } catch (error) {
      if (error instanceof RangeError) throw new TooLong('a body that is too long');
      throw new WireError('a body that is no gzip');
    }
  }

  /** Who sends more records a second than it may waits for its answer. */
  async #wait(socket: Socket, records: number): Promise<void> {
    const { recordsPerSecond } = this.#options.limits;
    if (recordsPerSecond === 0) return;
    const now = performance.now();
    const until = Math.max(this.#busyUntil.get(socket) ?? 0, now) + (records * 1000) / recordsPerSecond;
    this.#busyUntil.set(socket, until);
    if (until > now + 5) await new Promise((resolve) => setTimeout(resolve, until - now));
  }
}

class TooLong extends Error {}

/** Of a request's target: a path, or as to a proxy a whole URL. */
function splitTarget(target: string): { path: string; query: string } {
  const end = target.indexOf('?');
  const path = (end < 0 ? target : target.slice(0, end)).replace(/^[a-z]+:\/\/[^/]*/i, '');
  return { path, query: end < 0 ? '' : target.slice(end + 1) };
}

function contentTypeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function send(response: ServerResponse, { status, contentType = 'text/plain; charset=utf-8', body = '', headers = {} }: WebAnswer): void {
  if (response.writableEnded || response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
