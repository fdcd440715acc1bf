import type { FromPage, PageRequests, PageState, ToPage } from '../../server/src/protocol.ts';
import { parsePageState } from './pageState.ts';
import { Signal } from './signal.ts';

/** What VS Code gives every webview, once. */
interface VsCodeApi {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: PageState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

type Parameters<M extends keyof PageRequests> = PageRequests[M][0];
type Result<M extends keyof PageRequests> = PageRequests[M][1];

/** What an answer that nobody waits for any more rejects with. */
export class Cancelled extends Error {}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The extension at the other end: requests with answers, what it sends by itself, and the state that VS Code keeps for the page. */
export class Host {
  /** Everything but answers. */
  readonly received = new Signal<Exclude<ToPage, { kind: 'response' | 'failure' }>>();
  readonly #api = acquireVsCodeApi();
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor() {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (isMessage(event.data)) this.#receive(event.data);
    });
  }

  ready(): void {
    this.#api.postMessage({ kind: 'ready' });
  }

  /** Rejects with the other end's message, or with `Cancelled` when the signal aborts first. */
  request<M extends keyof PageRequests>(method: M, params: Parameters<M>, signal?: AbortSignal): Promise<Result<M>> {
    const id = this.#next++;
    return new Promise<Result<M>>((resolve, reject) => {
      if (signal?.aborted) return reject(new Cancelled());
      const cancel = (): void => {
        if (!this.#waiting.delete(id)) return;
        this.#api.postMessage({ kind: 'cancel', id });
        reject(new Cancelled());
      };
      signal?.addEventListener('abort', cancel, { once: true });
      const settle = (): void => signal?.removeEventListener('abort', cancel);
      this.#waiting.set(id, {
        resolve: (result) => {
          settle();
          // protocol.ts gives the type of each method's result; both ends are ours.
          resolve(result as Result<M>);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#api.postMessage({ kind: 'request', id, method, params });
    });
  }

  /** Gives up everything that is being waited for: the server that was asked is gone. */
  forget(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Cancelled());
    this.#waiting.clear();
  }

  get state(): PageState | null {
    return parsePageState(this.#api.getState());
  }

  keep(state: PageState): void {
    this.#api.setState(state);
  }

  #receive(message: ToPage): void {
    if (message.kind !== 'response' && message.kind !== 'failure') {
      this.received.fire(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'response') waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.message));
  }
}

/** The frame also gets messages of others, such as of the browser's extensions. */
function isMessage(data: unknown): data is ToPage {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return false;
  return ['start', 'settings', 'response', 'failure', 'notification', 'command', 'filter', 'past', 'service'].includes(String(data.kind));
}
