/** Makes random log trees for tests: what programs log, through the rotations that administrators know. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { BLOCK_BYTES, compressBlock } from '../../generation/memberGzip.ts';
import { formatSafelog } from '../../record/timestamp.ts';

export type Step =
  | {
      kind: 'log';
      user: string;
      module: string;
      level: string | null;
      text: string;
      step: number;
      delay: number;
      /** master.log is rotated between its two lines; the second goes to the old one. */
      late?: boolean;
      only: 'both' | 'module' | 'master';
    }
  | { kind: 'rotate' | 'copytruncate' | 'truncate' | 'delete'; user: string; module: string }
  | { kind: 'gzip'; user: string; module: string; generation: number };

const user = fc.constantFrom('alice', 'bob');
const module = fc.constantFrom('web', 'web.db', 'x', 'my app');
const file = fc.constantFrom('web', 'web.db', 'x', 'my app', 'master');
const line = fc.constantFrom(
  'started',
  'started',
  'took 5 ms',
  'wrote x.log ok',
  'ümläut ✓',
  '',
  '  indented',
  'INFO inside',
  '2026-11-20 is a date',
  'a\x01\x1b[31mred\x1b[0m',
);
const text = fc.oneof(
  { weight: 4, arbitrary: line },
  { weight: 1, arbitrary: fc.array(line, { minLength: 2, maxLength: 4 }).map((lines) => lines.join('\n')) },
  { weight: 1, arbitrary: fc.constant('Traceback (most recent call last):\n  File "/a b/c.py", line 3, in f\n    x()\nValueError: bad\n') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 9000 }).map((length) => 'y'.repeat(length)) },
);

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant('log' as const),
        user,
        module,
        level: fc.constantFrom('DEBUG', 'INFO', 'WARNING', 'ERROR', 'Level 35', 'Level 300', null),
        text,
        step: fc.constantFrom(0, 0, 1, 300, 1000, 999_999, 1_000_000, 7_000_000, -1, -400_000, -1_000_000, -1_000_001, -3_600_000_000),
        // Between its two lines: nothing, a moment, a program that was held up, a clock that was set.
        delay: fc.constantFrom(0, 1, 40, 40, 2_000_000, 2_000_000, 7_000_000, 600_000_000, -1, -1_500_000, -3_599_000_000),
        late: fc.constantFrom(false, false, false, false, false, false, false, false, false, true),
        only: fc.constantFrom('both' as const, 'both' as const, 'both' as const, 'module' as const, 'master' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('rotate' as const, 'copytruncate' as const), user, module: file }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('truncate' as const, 'delete' as const), user, module: file }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('gzip' as const), user, module: file, generation: fc.integer({ min: 1, max: 3 }) }),
    },
  ),
  { minLength: 1, maxLength: 60 },
);

/** How rotated files are called. */
export const schemes = ['numbers', 'dates', 'hours', 'hours and numbers', 'dates inside'] as const;
export type Scheme = (typeof schemes)[number];

export interface MakerOptions {
  /** Makes each entry's text its own: which of two that say the same belongs to which line of master.log, nobody can tell afterwards. */
  numbered?: boolean;
  scheme?: Scheme;
}

/** So many rotated files of a log are kept. */
const KEPT = 4;

/** Does steps to a tree, one after the other. */
export class TreeMaker {
  private time = Date.UTC(2026, 10, 20, 22, 56, 0) * 1000;
  private entries = 0;
  private rotations = 0;
  private readonly numbered: boolean;
  private readonly scheme: Scheme;

  constructor(
    readonly root: string,
    { numbered = false, scheme = 'numbers' }: MakerOptions = {},
  ) {
    this.numbered = numbered;
    this.scheme = scheme;
  }

  run(step: Step): void {
    for (const _ of this.doing(step));
  }

  /** The same; gives the moments at which others may look: after each thing that a rotation does. */
  *doing(step: Step): Generator<undefined, void> {
    if (step.kind === 'log') {
      yield* this.log(step);
      return;
    }
    const path = join(this.root, step.user, `${step.module}.log`);
    if (step.kind === 'gzip') yield* this.compress(path, step.generation);
    else if (!existsSync(path)) return;
    else if (step.kind === 'delete') rmSync(path);
    else if (step.kind === 'truncate') truncateSync(path);
    else if (step.kind === 'copytruncate') {
      const copy = yield* this.freeName(path);
      const bytes = readFileSync(path);
      const first = bytes.indexOf('\n20');
      const cut = this.cut(bytes.length);
      // Of a large first entry a part is shown as an entry until more of it is there.
      writeFileSync(copy, bytes.subarray(0, cut < (first === -1 ? bytes.length : first) ? Math.min(cut, 256) : cut));
      yield;
      copyFileSync(path, copy);
      yield;
      truncateSync(path);
    } else if (this.scheme === 'numbers' && this.rotations % 2 === 0) {
      // As concurrent-log-handler does.
      const inFlight = `${path}.rotate.k${this.rotations}`;
      renameSync(path, inFlight);
      yield;
      renameSync(inFlight, yield* this.freeName(path));
    } else renameSync(path, yield* this.freeName(path));
  }

  private *log(step: Extract<Step, { kind: 'log' }>): Generator<undefined, void> {
    const { level, delay, only } = step;
    this.time += step.step;
    const text = this.numbered ? `#${this.entries++} ${step.text}` : step.text;
    const body = level === null ? text : `${level} ${text}`;
    if (only !== 'master') this.append(join(this.root, step.user, `${step.module}.log`), `${formatSafelog(this.time)} ${body}\n`);
    const master = join(this.root, step.user, 'master.log');
    let file = master;
    if (step.late === true && existsSync(master)) {
      file = yield* this.freeName(master);
      renameSync(master, file);
    }
    if (only !== 'module') this.append(file, `${formatSafelog(this.time + delay)} ${step.module}.log ${body}\n`);
  }

  private *compress(path: string, generation: number): Generator<undefined, void> {
    const plain = this.rotated(path)[generation - 1];
    if (plain === undefined || plain.endsWith('.gz')) return;
    const content = readFileSync(plain);
    const bytes = this.rotations % 3 === 0 ? inMembers(content) : gzipSync(content);
    for (const length of [0, this.cut(bytes.length), bytes.length]) {
      writeFileSync(`${plain}.gz`, bytes.subarray(0, length));
      yield;
    }
    rmSync(plain);
  }

  /** Somewhere in so many bytes; another place each time. */
  private cut(length: number): number {
    return Math.floor(length * ((this.rotations * 0.618 + this.entries * 0.414) % 1));
  }

  /** The rotated files of a log, the newest first. */
  private rotated(path: string): string[] {
    const folder = dirname(path);
    if (!existsSync(folder)) return [];
    const log = basename(path, '.log');
    const inside = /^\.\d{8}\.log(\.gz)?$/;
    return readdirSync(folder)
      .filter(
        (name) =>
          name.startsWith(`${log}.log.`) || name.startsWith(`${log}.log-`) || (name.startsWith(log) && inside.test(name.slice(log.length))),
      )
      .filter((name) => !name.includes('.rotate.'))
      .sort((a, b) => (this.scheme === 'numbers' ? numberOf(a) - numberOf(b) : a < b ? 1 : -1))
      .map((name) => join(folder, name));
  }

  /** Makes room for one more rotated file; the oldest of many goes. */
  private *freeName(path: string): Generator<undefined, string> {
    const n = this.rotations++;
    const rotated = this.rotated(path);
    for (const old of rotated.splice(KEPT - 1)) {
      rmSync(old);
      yield;
    }
    const day = (count: number): string => new Date(Date.UTC(2026, 0, 1 + count)).toISOString().slice(0, 10);
    if (this.scheme === 'dates') return `${path}-${day(n).replaceAll('-', '')}`;
    if (this.scheme === 'dates inside') return path.replace(/\.log$/, `.${day(n).replaceAll('-', '')}.log`);
    const hour = (count: number): string => `${path}.${day(Math.floor(count / 24))}_${String(count % 24).padStart(2, '0')}`;
    if (this.scheme === 'hours') return hour(n);
    if (this.scheme === 'hours and numbers') return n % 3 === 0 ? hour(Math.floor(n / 3)) : `${hour(Math.floor(n / 3))}.${n % 3}`;
    for (const old of rotated.toReversed()) {
      renameSync(
        old,
        old.replace(/\.(\d+)(\.gz)?$/, (_, number: string, gz = '') => `.${Number(number) + 1}${gz}`),
      );
      yield;
    }
    return `${path}.1`;
  }

  private append(path: string, entry: string): void {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, entry);
  }
}

const numberOf = (name: string): number => Number(/\.(\d+)(?:\.gz)?$/.exec(name)?.[1]);

/** As our writers compress: in members that tell their sizes. */
function inMembers(bytes: Buffer): Buffer {
  const members: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) members.push(compressBlock(bytes.subarray(at, at + BLOCK_BYTES)));
  return Buffer.concat(members);
}
