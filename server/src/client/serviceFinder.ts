/** Looks for the service where it may be, in turn. */

import { ServiceLink, TurnedAwayError } from './serviceLink.ts';
import { canStream, type ServiceAddress } from './streamSocket.ts';

export interface ServiceFinderOptions {
  addresses: readonly ServiceAddress[];
  user: string;
  program: string;
  /** A service that serves another tree is left alone; null: any will do. */
  root: string | null;
  /** Longest wait for one that listens, ms. */
  limitMs: number;
  /** Told what goes wrong. */
  onProblem: (message: string) => void;
}

export class ServiceFinder {
  readonly #options: ServiceFinderOptions;
  #addresses: readonly ServiceAddress[];

  constructor(options: ServiceFinderOptions) {
    this.#options = options;
    this.#addresses = canStream() ? options.addresses : [];
  }

  /** There is none, and none will come. */
  get isHopeless(): boolean {
    return this.#addresses.length === 0;
  }

  /** Connects to the first that wants this client (32 hex digits); null where none does now. */
  connect(client: string): { link: ServiceLink; address: ServiceAddress } | null {
    for (const address of this.#addresses) {
      const link = this.#tryConnect(address, client);
      if (link) return { link, address };
    }
    return null;
  }

  /** It does not want this program's entries, now or ever. */
  giveUp(address: ServiceAddress, reason: string): void {
    this.#options.onProblem(`the service does not take this program's entries, which are written to the files: ${reason}`);
    this.#forget(address);
  }

  #tryConnect(address: ServiceAddress, client: string): ServiceLink | null {
    const { user, program, root, limitMs, onProblem } = this.#options;
    try {
      const link = new ServiceLink({ address, client, user, program, limitMs });
      if (root === null || link.welcome.root === root) return link;
      link.close();
    } catch (error) {
      if (error instanceof TurnedAwayError && error.isFinal) this.giveUp(address, error.message);
      else if (error instanceof RangeError) {
        onProblem(error.message);
        this.#forget(address);
      }
    }
    return null;
  }

  #forget(address: ServiceAddress): void {
    this.#addresses = this.#addresses.filter((other) => other !== address);
  }
}
