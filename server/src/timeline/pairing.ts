/**
 * Finds the two halves of an entry: its line in MODULE.log, and the one in master.log, that has the same text and a slightly later stamp.
 * Records have to be fed in the order of time, module's lines before master's at equal times; little disorder, as of live files that are
 * read one after the other, does no harm.
 */
import type { RecordNumber, RecordStore } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';

/** How much later (µs) the line in master.log may be stamped: the original's client may stall for seconds between the two. */
export const PAIRING_WINDOW = 5_000_000;

/** Waiting records are looked through for ones that are too old whenever so many have come. */
const SWEEP = 4096;

/** Records that wait for their other half, the oldest first. */
class Waiting {
  private byHash = new Map<number, RecordNumber[]>();
  private added = 0;

  constructor(private readonly store: RecordStore) {}

  add(record: RecordNumber): void {
    const hash = this.store.hash(record);
    const queue = this.byHash.get(hash);
    if (queue === undefined) this.byHash.set(hash, [record]);
    else queue.push(record);
    if (++this.added >= SWEEP) this.sweep(this.store.key(record) - 2 * PAIRING_WINDOW);
  }

  /** Takes out the oldest with this hash and a key in [from, to]; NONE where there is none. */
  take(hash: number, from: number, to: number): RecordNumber {
    const queue = this.byHash.get(hash);
    if (queue === undefined) return NONE;
    const index = queue.findIndex((record) => this.store.key(record) >= from && this.store.key(record) <= to);
    if (index === -1) return NONE;
    const [record = NONE] = queue.splice(index, 1);
    if (queue.length === 0) this.byHash.delete(hash);
    return record;
  }

  delete(record: RecordNumber): void {
    for (const [hash, queue] of this.byHash) {
      const index = queue.indexOf(record);
      if (index === -1) continue;
      queue.splice(index, 1);
      if (queue.length === 0) this.byHash.delete(hash);
      return;
    }
  }

  purge(isGone: (record: RecordNumber) => boolean): void {
    for (const [hash, queue] of this.byHash) {
      const kept = queue.filter((record) => !isGone(record));
      if (kept.length === 0) this.byHash.delete(hash);
      else this.byHash.set(hash, kept);
    }
  }

  private sweep(oldest: number): void {
    this.added = 0;
    for (const [hash, queue] of this.byHash) {
      const kept = queue.filter((record) => this.store.key(record) >= oldest);
      if (kept.length === 0) this.byHash.delete(hash);
      else {
        this.byHash.set(hash, kept);
        this.added += kept.length;
      }
    }
    // Sweeping costs what is waiting: the next one comes only when that many have been added again.
    this.added = -this.added;
  }
}

/** Pairing of one user's module with the lines of master.log that name it. */
export class ModulePairing {
  private modules: Waiting;
  private masters: Waiting;
  /** The last line of the module's log: mostly the next line of master.log is its other half. */
  private last: RecordNumber = NONE;

  constructor(private readonly store: RecordStore) {
    this.modules = new Waiting(store);
    this.masters = new Waiting(store);
  }

  /** @returns the record of master.log that had been waiting for it, and is now paired; NONE mostly */
  addModule(record: RecordNumber): RecordNumber {
    const { store } = this;
    const key = store.key(record);
    const master = this.masters.take(store.hash(record), key, key + PAIRING_WINDOW);
    if (master !== NONE) {
      this.pair(record, master);
      return master;
    }
    if (this.last !== NONE) this.modules.add(this.last);
    this.last = record;
    return NONE;
  }

  /** @returns whether its other half was there */
  addMaster(record: RecordNumber): boolean {
    const { store, last } = this;
    const key = store.key(record);
    const hash = store.hash(record);
    let module = this.modules.take(hash, key - PAIRING_WINDOW, key);
    if (
      module === NONE &&
      last !== NONE &&
      store.hash(last) === hash &&
      store.key(last) <= key &&
      store.key(last) >= key - PAIRING_WINDOW
    ) {
      module = last;
      this.last = NONE;
    }
    if (module === NONE) {
      this.masters.add(record);
      return false;
    }
    this.pair(module, record);
    return true;
  }

  /** Forgets a record that is about to change. @returns its other half, now alone; NONE where there is none */
  forget(record: RecordNumber, isMaster: boolean): RecordNumber {
    const partner = this.store.partner(record);
    if (partner !== NONE) {
      this.store.setPartner(record, NONE);
      this.leaveAlone(partner, !isMaster);
      return partner;
    }
    if (this.last === record) this.last = NONE;
    (isMaster ? this.masters : this.modules).delete(record);
    return NONE;
  }

  /** Its other half is gone: it waits for another. */
  leaveAlone(record: RecordNumber, isMaster: boolean): void {
    this.store.setPartner(record, NONE);
    (isMaster ? this.masters : this.modules).add(record);
  }

  /** Forgets what waits, of generations that are gone. */
  purge(isGone: (record: RecordNumber) => boolean): void {
    this.modules.purge(isGone);
    this.masters.purge(isGone);
    if (this.last !== NONE && isGone(this.last)) this.last = NONE;
  }

  private pair(module: RecordNumber, master: RecordNumber): void {
    this.store.setPartner(module, master);
    this.store.setPartner(master, module);
  }
}
