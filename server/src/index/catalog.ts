/** The generations of a source that are known, each by its file, and their places in the store and among each other. */
import { posix } from 'node:path';
import { compareAge, compareText } from '../generation/name.ts';
import type { LogFile } from '../tree/scan.ts';
import type { Generation } from './generation.ts';
import type { RecordNumber, RecordStore } from './recordStore.ts';

/** Of all generations of one log. */
export const chainOf = ({ file, name }: LogFile): string => `${posix.dirname(file)}/${name.log}`;
/** Of a file, under whatever name in its chain. */
export const keyOf = (file: LogFile): string => `${file.dev}:${file.ino}:${chainOf(file)}`;

export class Catalog {
  /** By the keys of files. */
  readonly known = new Map<string, Generation>();
  /** Copies of others, while both are there: `.1` next to `.1.gz`, or a copytruncate in flight. Not shown. */
  readonly shadows = new Set<Generation>();
  /** Gone, and not released yet: what they held is no news for a while. */
  readonly departed = new Set<Generation>();
  /** Of files that are not indexed yet. */
  readonly ends = new Map<string, Generation>();
  private readonly slots: (Generation | undefined)[] = [];
  private byIdentity: Map<string, Generation> | undefined;
  private knownNames: { version: number; users: string[]; modules: string[] } | undefined;

  constructor(private readonly store: RecordStore) {}

  /** Those whose records are shown. */
  get shown(): Generation[] {
    return [...this.known.values(), ...this.ends.values()].filter((generation) => !this.shadows.has(generation));
  }

  /** Every user and module, those too that only lines of master.log name; sorted. */
  get names(): { users: string[]; modules: string[] } {
    const version = this.store.names.modules.length;
    if (this.knownNames?.version !== version) {
      const users = new Set<string>();
      const modules = new Set(this.store.names.modules.slice(1));
      for (const { file, master } of this.shown) {
        users.add(file.user);
        if (!master) modules.add(file.module);
      }
      this.knownNames = { version, users: [...users].sort(), modules: [...modules].sort() };
    }
    return this.knownNames;
  }

  /** @param make is given the slot in which it is found from now on */
  add(make: (slot: number) => Generation): Generation {
    const free = this.slots.indexOf(undefined);
    const slot = free === -1 ? this.slots.length : free;
    const generation = make(slot);
    this.slots[slot] = generation;
    return generation;
  }

  has(generation: Generation): boolean {
    return this.slots[generation.slot] === generation && [...this.known.values()].includes(generation);
  }

  /** Gives back a generation's place. */
  release(generation: Generation): void {
    this.departed.delete(generation);
    generation.dispose();
    if (this.slots[generation.slot] === generation) this.slots[generation.slot] = undefined;
  }

  bySlot = (slot: number): Generation => {
    const generation = this.slots[slot];
    if (generation === undefined) throw new RangeError(`generation ${slot} is gone`);
    return generation;
  };

  generationOf = (record: RecordNumber): Generation => this.bySlot(this.store.generation(record));

  withIdentity(identity: string): Generation | undefined {
    if (this.byIdentity === undefined) {
      this.byIdentity = new Map();
      for (const generation of this.shown) if (generation.identity !== undefined) this.byIdentity.set(generation.identity, generation);
    }
    return this.byIdentity.get(identity);
  }

  /** After others have come, gone, or been renamed: positions by user, module and age. */
  number(): void {
    this.byIdentity = undefined;
    this.knownNames = undefined;
    const sorted = [...this.known.values(), ...this.ends.values()].sort(
      (a, b) =>
        compareText(a.file.user, b.file.user) ||
        compareText(a.file.module, b.file.module) ||
        compareAge(a.file.name.age, b.file.name.age) ||
        compareText(a.file.file, b.file.file),
    );
    sorted.forEach((generation, position) => {
      generation.position = position;
    });
  }
}
