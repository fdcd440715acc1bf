/** Takes configurations in over a socket (https://docs.python.org/3/library/logging.config.html#logging.config.listen). */

import { createServer, type Server, type Socket } from 'node:net';
import { FrameCutter } from '../../wire/lengthFrames.ts';
import { DEFAULT_LOGGING_CONFIG_PORT } from '../constants.ts';
import { dictConfig } from './dictConfig.ts';
import { fileConfig } from './fileConfig.ts';
import { limitedNames } from './names.ts';

export interface ListenOptions {
  /** Gets the bytes that came, and gives those that are to be used, or null for none: for signatures, or decryption. */
  verify?: ((bytes: Buffer) => Uint8Array | null) | undefined;
  /**
   * Names of this package that such a configuration may use (`StreamHandler`, `handlers.RotatingFileHandler`, `sys.stdout` …). None by
   * default: whoever reaches the port could have files written. What registerName has made known may be used.
   */
  allow?: readonly string[] | undefined;
  /** Told what was wrong with a configuration; by default it is said on stderr. */
  onError?: ((error: Error) => void) | undefined;
}

/** No configuration is longer. */
const MAX_BYTES = 2 ** 20;
/** A sender that says nothing for so long is cut off, ms. */
const IDLE_MS = 10_000;

let current: ConfigurationServer | null = null;

/**
 * A server on the loopback for configurations: a length of 4 bytes, big-endian, then JSON for dictConfig, or text for fileConfig. It
 * begins with `start()`.
 */
export function listen(port: number = DEFAULT_LOGGING_CONFIG_PORT, options: ListenOptions = {}): ConfigurationServer {
  return new ConfigurationServer(port, options);
}

/** Ends the server that was started last; nothing where none runs. */
export async function stopListening(): Promise<void> {
  const server = current;
  current = null;
  await server?.stop();
}

export class ConfigurationServer {
  readonly #port: number;
  readonly #options: ListenOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number, options: ListenOptions) {
    this.#port = port;
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens; gives the port. Rejects with the system's error. The server does not keep the program alive. */
  start(): Promise<number> {
    current = this;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: '127.0.0.1', port: this.#port }, () => {
        this.#server.unref();
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : this.#port);
      });
    });
  }

  async stop(): Promise<void> {
    if (current === this) current = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    const frames = new FrameCutter(MAX_BYTES);
    socket.on('data', (chunk) => {
      let isThere = false;
      try {
        frames.push(chunk, (bytes, start, end) => {
          // One for each connection.
          if (!isThere) this.#apply(bytes.subarray(start, end));
          isThere = true;
        });
      } catch {
        this.#tell(new RangeError(`a configuration of more than ${MAX_BYTES} bytes was refused`));
        socket.destroy();
      }
      if (isThere) {
        socket.removeAllListeners('data');
        socket.resume().end();
      }
    });
  }

  #apply(received: Buffer): void {
    try {
      const { verify, allow = [] } = this.#options;
      const bytes = verify ? verify(received) : received;
      if (!bytes) return;
      const names = limitedNames(allow);
      const text = Buffer.from(bytes).toString();
      const config = parseObject(text);
      if (config) dictConfig(config, { names });
      else fileConfig({ text }, { names });
    } catch (error) {
      this.#tell(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #tell(error: Error): void {
    if (this.#options.onError) this.#options.onError(error);
    else console.error(`a logging configuration was not taken: ${error.message}`);
  }
}

/** Undefined for what is no JSON object. */
function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
