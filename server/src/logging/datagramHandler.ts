import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { DatagramSender } from './datagramSender.ts';
import { SocketHandler, type SocketHandlerOptions } from './socketHandler.ts';

/** As SocketHandler, in one datagram for each record (https://docs.python.org/3/library/logging.handlers.html#datagramhandler). */
export class DatagramHandler extends SocketHandler {
  readonly #datagrams: DatagramSender;

  constructor(host: string, port: number, options: SocketHandlerOptions = {}) {
    super(host, port, options);
    this.#datagrams = new DatagramSender(host, port, (error) => this.handleError(null, error));
  }

  /** For subclasses: the socket that datagrams leave from. */
  makeDatagramSocket(): Socket {
    return createSocket(isIPv6(this.host) ? 'udp6' : 'udp4');
  }

  override send(bytes: Uint8Array): void {
    this.#datagrams.send(bytes, () => this.makeDatagramSocket());
  }

  override flush(): Promise<void> {
    return this.#datagrams.flush();
  }

  override close(): void {
    super.close();
    this.#datagrams.close();
  }
}
