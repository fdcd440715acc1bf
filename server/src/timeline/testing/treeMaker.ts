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
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
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

/** Does steps to a tree, one after the other. */
export class TreeMaker {
  private time = Date.UTC(2026, 10, 20, 22, 56, 0) * 1000;

  private entries = 0;

  /** @param numbered makes each entry's text its own: which of two that say the same belongs to which line of master.log, nobody can tell afterwards */
  constructor(
    readonly root: string,
    private readonly numbered = false,
  ) {}

  run(step: Step): void {
    if (step.kind === 'log') {
      const { level, delay, only } = step;
      this.time += step.step;
      const text = this.numbered ? `#${this.entries++} ${step.text}` : step.text;
      const body = level === null ? text : `${level} ${text}`;
      if (only !== 'master') this.append(step.user, `${step.module}.log`, `${formatSafelog(this.time)} ${body}\n`);
      const master = join(this.root, step.user, 'master.log');
      const late = step.late === true && existsSync(master);
      if (late) {
        this.shift(master);
        renameSync(master, `${master}.1`);
      }
      if (only !== 'module')
        this.append(step.user, late ? 'master.log.1' : 'master.log', `${formatSafelog(this.time + delay)} ${step.module}.log ${body}\n`);
      return;
    }
    const path = join(this.root, step.user, `${step.module}.log`);
    if (step.kind === 'gzip') {
      const plain = `${path}.${step.generation}`;
      if (!existsSync(plain)) return;
      writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
      rmSync(plain);
      return;
    }
    if (!existsSync(path)) return;
    if (step.kind === 'delete') rmSync(path);
    else if (step.kind === 'truncate') truncateSync(path);
    else {
      this.shift(path);
      if (step.kind === 'rotate') renameSync(path, `${path}.1`);
      else {
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
      }
    }
  }

  /** `.1` to `.2` and so on; the oldest of many goes. */
  private shift(path: string): void {
    const folder = dirname(path);
    const base = path.slice(folder.length + 1);
    for (let n = 4; n >= 1; n--) {
      for (const suffix of ['', '.gz']) {
        const name = `${base}.${n}${suffix}`;
        if (!readdirSync(folder).includes(name)) continue;
        if (n === 4) rmSync(join(folder, name));
        else renameSync(join(folder, name), join(folder, `${base}.${n + 1}${suffix}`));
      }
    }
  }

  private append(owner: string, file: string, entry: string): void {
    mkdirSync(join(this.root, owner), { recursive: true });
    appendFileSync(join(this.root, owner, file), entry);
  }
}
