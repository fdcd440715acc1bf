/**
 * Brings a thread's entries to their logs. To the service, while it runs: what is logged is in the system's hands when the call returns,
 * and counts as written when the service has acknowledged it. Else into the files. Where a service has died, its journal tells what it
 * had stored. What can neither be sent nor written goes into the spool. No entry is written twice.
 */

import { nowMicros } from '../writer/clock.ts';
import { LockTimeoutError } from '../writer/concurrentFile.ts';
import { deliverSpool } from './deliverSpool.ts';
import { EntryQueue } from './entryQueue.ts';
import { LastResort } from './lastResort.ts';
import { Outbox } from './outbox.ts';
import { ServiceFinder } from './serviceFinder.ts';
import type { ServiceLink } from './serviceLink.ts';
import type { ClientSettings } from './settings.ts';
import { lastStored } from './settle.ts';
import type { ServiceAddress } from './streamSocket.ts';
import { type ClientEntry, LogError, TreeFiles } from './treeFiles.ts';

export interface DeliveryOptions extends Pick<ClientSettings, 'addresses' | 'root' | 'isRootBinding' | 'user'> {
  /** For the service's status. */
  program: string;
  /** Told what goes wrong, once each. */
  onProblem: (message: string) => void;
}

/** The service answers at once, but for one that is just being started or has much to do. */
const CONNECT_MS = 1000;
/** A service that does not acknowledge is waited for once so long, then entries wait in memory. */
const STALL_MS = 1000;
/** How often a service is looked for while there is none. */
const RETRY_MS = 200;
/** A service that is not there and whose journal cannot be had may be about to come: it is asked so often, and so long. */
const UNSETTLED_RETRY_MS = 20;
const UNSETTLED_MS = 5000;
/** A flush waits so long for the next entry that is written: on a full disk there comes none. */
const FLUSH_MS = 5000;
/** Entries that wait in memory. What comes then is spooled. */
const MAX_WAITING_BYTES = 8 * 2 ** 20;
/** So many entries of one turn of the event loop are sent each at once, the rest in batches: nobody reads that fast what is lost then. */
const SENT_AT_ONCE = 200;
const BATCH_RECORDS = 64;
const BATCH_MS = 1;
/** How soon acknowledgements are looked for when nothing is logged. */
const LOOK_MS = 20;

type State =
  /** Connected. */
  | { kind: 'service'; link: ServiceLink; address: ServiceAddress }
  /** On its own. */
  | { kind: 'files' }
  /** The connection broke: what was sent may be stored or not. `since`: performance.now(). */
  | { kind: 'unsettled'; since: number };

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #services: ServiceFinder;
  #state: State = { kind: 'files' };
  #root: string;
  #files: TreeFiles;
  readonly #lastResort: LastResort;
  #outbox = new Outbox();
  #batchAt = 0;
  readonly #waiting = new EntryQueue();
  /** What the service has refused, until this program has written it: older than what waits. */
  readonly #refused = new EntryQueue();
  #retryAt = 0;
  #resendAt = 0;
  #progressAt = 0;
  #isStalled = false;
  #inTurn = 0;
  #turn: NodeJS.Immediate | null = null;
  #look: NodeJS.Timeout | null = null;
  readonly #said = new Set<string>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { addresses, user, program, root, isRootBinding } = options;
    const onProblem = (message: string): void => this.#say(message);
    this.#services = new ServiceFinder({ addresses, user, program, root: isRootBinding ? root : null, limitMs: CONNECT_MS, onProblem });
    this.#root = root;
    this.#files = new TreeFiles({ root, user });
    this.#lastResort = new LastResort({
      user,
      program,
      root: () => this.#root,
      onLost: (error) => this.#say(`entries are lost: they cannot be written or spooled: ${describe(error)}`),
    });
  }

  /** The tree that entries have gone to. */
  get root(): string {
    return this.#root;
  }

  /** The tree that the next entry goes to: that of the service, which is looked for where there has been none. */
  findRoot(): string {
    this.#lookForService();
    return this.#root;
  }

  /** Everything that was taken is in the files, acknowledged, or in the spool. */
  get isSettled(): boolean {
    return this.#outbox.isEmpty && this.#waiting.length + this.#refused.length === 0;
  }

  /** Entries that wait in the spool, or have waited, and those that are nowhere. */
  get fates(): { spooled: number; lost: number } {
    return this.#lastResort.fates;
  }

  /** Takes an entry. Never throws. */
  log(entry: ClientEntry): void {
    this.#inTurn++;
    this.#lookForService();
    if (this.#state.kind === 'service' && this.#waiting.length === 0 && this.#resendAt === 0 && !this.#isStalled) this.#send(entry);
    else this.#wait(entry);
    this.#watch();
  }

  /** Does what can be done now, without waiting. */
  pump(): void {
    if (this.#state.kind === 'unsettled') this.#settle();
    if (this.#state.kind === 'service') this.#converse(0);
    this.#writeFrom(this.#refused);
    if (this.#state.kind === 'files') this.#writeFrom(this.#waiting);
  }

  /** Resolves when everything that was taken is written and acknowledged, or in the spool: nothing waits on where nothing can be written. */
  async flush(): Promise<void> {
    const start = performance.now();
    for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
      this.#finishBatch();
      this.pump();
      if (!this.isSettled && performance.now() - Math.max(start, this.#progressAt) > FLUSH_MS) this.#spoolAll();
      if (this.isSettled) return;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** The same while the thread waits, for at most `limitMs`; what is not written then is spooled. */
  flushSync(limitMs: number): void {
    const deadline = performance.now() + limitMs;
    this.#finishBatch();
    for (let left = limitMs; left > 0 && !this.isSettled; left = deadline - performance.now()) {
      this.pump();
      if (this.isSettled) break;
      if (this.#state.kind === 'service') this.#converse(Math.min(left, 50));
      else Atomics.wait(never, 0, 0, Math.min(left, 5));
    }
    if (!this.isSettled) this.#spoolAll();
  }

  /** Ends the connection. It is made anew when something is logged. */
  close(limitMs: number): void {
    this.flushSync(limitMs);
    if (this.#state.kind === 'service') {
      this.#state.link.sayGoodbye();
      this.#state.link.close();
      this.#renew();
    }
    this.#files.close();
    this.#lastResort.close();
  }

  #lookForService(): void {
    if (this.#state.kind === 'files' && !this.#services.isHopeless && performance.now() >= this.#retryAt) this.#connect();
  }

  #connect(): void {
    const start = performance.now();
    const found = this.#services.connect(this.#outbox.client);
    const end = performance.now();
    if (!found) {
      // One that does not answer costs the program a tenth of its time at most.
      this.#retryAt = end + Math.max(this.#state.kind === 'unsettled' ? UNSETTLED_RETRY_MS : RETRY_MS, 10 * (end - start));
      return;
    }
    const { link, address } = found;
    this.#useRoot(address, link);
    this.#state = { kind: 'service', link, address };
    this.#isStalled = false;
    this.#progressAt = end;
    this.#resendAt = 0;
    this.#lastResort.close();
    if (link.welcome.root !== '') void deliverSpool({ address, root: link.welcome.root, isBackground: true });
  }

  /** Without the service, its tree is written. That of another machine is not here. */
  #useRoot(address: ServiceAddress, { welcome: { root } }: ServiceLink): void {
    const isHere = 'path' in address || /^(localhost|127\..*|::1)$/.test(address.host);
    if (!isHere || root === '' || root === this.#root) return;
    this.#root = root;
    this.#files.close();
    this.#files = new TreeFiles({ root, user: this.#options.user });
  }

  #send(entry: ClientEntry): void {
    if (this.#outbox.batched === 0) this.#batchAt = performance.now();
    if (!this.#add(entry)) return;
    const isBurst = this.#inTurn > SENT_AT_ONCE && this.#outbox.batched < BATCH_RECORDS && performance.now() - this.#batchAt < BATCH_MS;
    if (!isBurst) this.#finishBatch();
  }

  /** Puts an entry into the batch. False where it is too large for any. */
  #add(entry: ClientEntry): boolean {
    if (this.#state.kind !== 'service') return false;
    const { frameBytes } = this.#state.link.welcome;
    if (this.#outbox.add(entry, frameBytes)) return true;
    this.#finishBatch();
    if (this.#currentState().kind === 'service' && this.#outbox.add(entry, frameBytes)) return true;
    this.#refused.push(entry);
    this.#writeFrom(this.#refused);
    return false;
  }

  #finishBatch(): void {
    const frame = this.#outbox.finish();
    if (!frame || this.#state.kind !== 'service') return;
    this.#awaitRoom();
    if (this.#state.kind === 'service' && this.#resendAt === 0) this.#transmit(frame);
  }

  #transmit(frame: Buffer): void {
    if (this.#state.kind !== 'service') return;
    try {
      this.#state.link.send(frame);
    } catch {
      this.#breakOff();
    }
  }

  /** Waits while the service has as much as it takes, or the system does; once it has been waited for in vain, no more until it answers. */
  #awaitRoom(): void {
    const start = performance.now();
    while (this.#state.kind === 'service' && !this.#hasRoom(this.#state.link)) {
      if (this.#isStalled) return;
      this.#converse(50);
      if (performance.now() - Math.max(start, this.#progressAt) > STALL_MS) this.#isStalled = true;
    }
  }

  #hasRoom({ welcome, isSent }: ServiceLink): boolean {
    return isSent && this.#outbox.isWithin(welcome);
  }

  /** Takes in what the service says, and sends what waits while there is room. */
  #converse(limitMs: number): void {
    if (this.#state.kind !== 'service') return;
    const { link } = this.#state;
    try {
      link.push();
      if (limitMs > 0) link.wait(limitMs);
      for (const message of link.receive()) {
        if (message.kind === 'stored') this.#acknowledge(message.sequence);
        else if (message.kind === 'bye') {
          this.#turnAway(message.isFinal, message.reason);
          return;
        } else if (message.kind === 'refused') {
          if (message.isFinal) this.#refuse(message.first, message.last, message.reason);
          else this.#resendAt = performance.now() + LOOK_MS;
        }
      }
      if (this.#resendAt > 0 && performance.now() >= this.#resendAt) this.#resend();
    } catch {
      this.#breakOff();
      return;
    }
    while (this.#waiting.length > 0 && this.#resendAt === 0 && this.#state.kind === 'service' && this.#hasRoom(this.#state.link)) {
      for (const entry of this.#waiting.take(BATCH_RECORDS)) this.#add(entry);
      this.#finishBatch();
    }
  }

  /** The service will not write these: this program tries, with its own rights. */
  #refuse(first: number, last: number, reason: string): void {
    this.#say(`the service has refused entries, which are written to the files: ${reason}`);
    this.#outbox.refuse(first, last);
  }

  #resend(): void {
    this.#resendAt = 0;
    // A connection that breaks meanwhile begins anew.
    const before = this.#state;
    for (const frame of this.#outbox.sendAgain()) if (this.#state === before) this.#transmit(frame);
  }

  #acknowledge(sequence: number): void {
    this.#progressAt = performance.now();
    this.#isStalled = false;
    for (const entry of this.#outbox.acknowledge(sequence)) this.#refused.push(entry);
    this.#writeFrom(this.#refused);
    this.#lastResort.rest();
    this.#reportLost();
  }

  /** The service ends, or does not want this client. What it had not stored then, its journal tells when it has ended. */
  #turnAway(isFinal: boolean, reason: string): void {
    if (this.#state.kind !== 'service') return;
    if (isFinal) this.#services.giveUp(this.#state.address, reason);
    this.#breakOff();
  }

  #breakOff(): void {
    if (this.#state.kind !== 'service') return;
    this.#state.link.close();
    this.#state = { kind: 'unsettled', since: performance.now() };
    this.#retryAt = 0;
    this.#settle();
  }

  /** Another service may have taken over: it knows what is stored. Else the journal does, when nobody has it. */
  #settle(): void {
    const now = performance.now();
    if (this.#state.kind !== 'unsettled' || now < this.#retryAt) return;
    const { since } = this.#state;
    this.#connect();
    // Read through a function: the compiler does not see that #connect has changed it.
    const state = this.#currentState();
    if (state.kind === 'service') {
      this.#acknowledge(state.link.welcome.stored);
      this.#resend();
      return;
    }
    if (this.#outbox.isEmpty) {
      this.#goOnAlone();
      return;
    }
    try {
      const stored = lastStored(this.#files.folder, this.#outbox.client);
      if (stored !== null) {
        this.#acknowledge(stored);
        this.#goOnAlone();
        return;
      }
    } catch (error) {
      this.#say(`the service's journal cannot be asked: ${describe(error)}`);
    }
    if (now - since < UNSETTLED_MS) return;
    // The service that takes the spool in asks its journal.
    this.#lastResort.keepSent(this.#outbox);
    this.#outbox = new Outbox();
    this.#goOnAlone();
  }

  #currentState(): State {
    return this.#state;
  }

  /** What was sent and is not acknowledged is not stored, and never will be. */
  #goOnAlone(): void {
    this.#renew(this.#outbox.unstored());
    this.#writeFrom(this.#waiting);
  }

  /** The next connection is another client's. What the last one leaves to do comes first. */
  #renew(left: readonly ClientEntry[] = []): void {
    this.#waiting.putBack([...this.#refused.take(), ...left]);
    this.#outbox = new Outbox();
    this.#state = { kind: 'files' };
    this.#retryAt = performance.now() + RETRY_MS;
  }

  #wait(entry: ClientEntry): void {
    this.#waiting.push(entry);
    this.pump();
    if (this.#waiting.bytes > MAX_WAITING_BYTES) this.#lastResort.keep(this.#waiting.take());
  }

  /** Into the files; where a log is locked the entries wait on, where they may not be written they are spooled. */
  #writeFrom(queue: EntryQueue): void {
    for (let entries = queue.take(); entries.length > 0; ) {
      try {
        this.#files.append(entries);
        this.#progressAt = performance.now();
        this.#reportLost();
        return;
      } catch (error) {
        this.#say(`cannot write ${this.#files.folder}: ${describe(error)}`);
        if (error instanceof LockTimeoutError) {
          queue.putBack(entries);
          if (queue.bytes > MAX_WAITING_BYTES) this.#lastResort.keep(queue.take());
          return;
        }
        // What goes to other logs can be written, perhaps.
        const isLost = ({ module }: ClientEntry): boolean => !(error instanceof LogError) || module === error.module;
        this.#lastResort.keep(entries.filter(isLost));
        entries = entries.filter((entry) => !isLost(entry));
      }
    }
  }

  #spoolAll(): void {
    this.#finishBatch();
    if (!this.#outbox.isEmpty) {
      if (this.#state.kind === 'service') this.#state.link.close();
      this.#lastResort.keepSent(this.#outbox);
      this.#renew();
    }
    this.#lastResort.keep([...this.#refused.take(), ...this.#waiting.take()]);
  }

  #reportLost(): void {
    const lost = this.#lastResort.takeLost();
    if (lost === 0) return;
    const text = `${lost} entries were dropped here: they could not be written`;
    this.#waiting.push({ module: 'safelog', level: 'WARNING', text, time: nowMicros() });
  }

  /** Nothing of this keeps a program alive that has come to its end. */
  #watch(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = null;
      this.#inTurn = 0;
      this.#finishBatch();
      if (!this.isSettled) this.#lookLater();
    });
  }

  #lookLater(): void {
    this.#look ??= setTimeout(() => {
      this.#look = null;
      this.pump();
      if (!this.isSettled) this.#lookLater();
    }, LOOK_MS).unref();
  }

  #say(message: string): void {
    if (this.#said.has(message) || this.#said.size > 100) return;
    this.#said.add(message);
    this.#options.onProblem(message);
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
