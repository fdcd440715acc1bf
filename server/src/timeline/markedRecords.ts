/** Records that a person has marked, with notes: kept in a file for each source, under the records' ids, which rotations do not change. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { RecordId, Source } from '../protocol.ts';

/** Marks of one source, and characters of one note, at the most. */
const MAX_MARKS = 10_000;
const MAX_NOTE = 4000;

/** Identity of a generation → byte offsets of its marked records. */
export type MarkedPlaces = ReadonlyMap<string, ReadonlySet<number>>;

/** Where marks are kept (XDG Base Directory Specification; Apple's and Microsoft's folders for data of applications). */
export function defaultMarksFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const home = env.HOME ?? homedir();
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'safelog', 'marks');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'safelog', 'marks');
  const base = env.XDG_DATA_HOME;
  // Relative ones are to be ignored.
  return join(base?.startsWith('/') === true ? base : join(home, '.local', 'share'), 'safelog', 'marks');
}

export class MarkedRecords {
  /** Grows with every change. */
  version = 0;
  private known: ReadonlyMap<RecordId, string> = new Map();
  private byGeneration: MarkedPlaces | undefined;
  private readonly path: string | undefined;
  private seen = '';

  /** @param folder without one nothing is kept */
  constructor(
    private readonly source: Source,
    folder?: string,
  ) {
    const place = resolve(source.kind === 'tree' ? source.root : source.path);
    const name = createHash('sha256').update(`${source.kind}\0${place}`).digest('hex').slice(0, 32);
    this.path = folder === undefined ? undefined : join(folder, `${name}.json`);
    this.look();
  }

  /** Notes by record; empty where there is only a mark. */
  get notes(): ReadonlyMap<RecordId, string> {
    return this.known;
  }

  get places(): MarkedPlaces {
    if (this.byGeneration === undefined) {
      const places = new Map<string, Set<number>>();
      for (const id of this.known.keys()) {
        const colon = id.lastIndexOf(':');
        const identity = id.slice(0, colon);
        const offsets = places.get(identity) ?? new Set();
        offsets.add(Number(id.slice(colon + 1)));
        places.set(identity, offsets);
      }
      this.byGeneration = places;
    }
    return this.byGeneration;
  }

  /**
   * Takes in what another window has kept meanwhile.
   * @returns whether anything is other than before
   */
  look(): boolean {
    if (this.path === undefined) return false;
    try {
      const { mtimeMs, size, ino } = statSync(this.path);
      const now = `${mtimeMs} ${size} ${ino}`;
      if (now === this.seen) return false;
      this.seen = now;
      this.replace(parse(readFileSync(this.path, 'utf8')));
      return true;
    } catch {
      // Nothing is kept yet, or it cannot be read: what is known goes on.
      return false;
    }
  }

  /**
   * Marks records, with a note or none, or (null) unmarks them.
   * @throws where that cannot be kept, or there would be too many
   */
  set(ids: readonly RecordId[], note: string | null): void {
    this.look();
    const marks = new Map(this.known);
    for (const id of ids) {
      if (note === null) marks.delete(id);
      else marks.set(id, note.slice(0, MAX_NOTE));
    }
    if (marks.size > MAX_MARKS) throw new Error(`There are ${MAX_MARKS} marks, the most that can be. Remove some first.`);
    this.keep(marks);
    this.replace(marks);
  }

  private replace(marks: ReadonlyMap<RecordId, string>): void {
    this.known = marks;
    this.byGeneration = undefined;
    this.version++;
  }

  private keep(marks: ReadonlyMap<RecordId, string>): void {
    if (this.path === undefined) return;
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const part = `${this.path}.${process.pid}.part`;
    try {
      const text = JSON.stringify({ source: this.source, marks: Object.fromEntries(marks) });
      writeFileSync(part, text, { mode: 0o600 });
      renameSync(part, this.path);
      const { mtimeMs, size, ino } = statSync(this.path);
      this.seen = `${mtimeMs} ${size} ${ino}`;
    } finally {
      rmSync(part, { force: true });
    }
  }
}

/** What is no mark is left out. */
function parse(text: string): Map<RecordId, string> {
  const value: unknown = JSON.parse(text);
  const marks: unknown = typeof value === 'object' && value !== null && 'marks' in value ? value.marks : undefined;
  if (typeof marks !== 'object' || marks === null) return new Map();
  return new Map(
    Object.entries(marks)
      .filter((entry): entry is [string, string] => /^.+:\d+$/.test(entry[0]) && typeof entry[1] === 'string')
      .slice(0, MAX_MARKS),
  );
}
