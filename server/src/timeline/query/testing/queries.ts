/** Random queries for tests, each as text and, made from the same parts, as a plain function over a plain row. */
import * as fc from 'fast-check';

/** What the slow evaluation looks at. */
export interface PlainRow {
  /** µs. */
  time: number;
  user: string;
  module: string;
  level: number | null;
  message: string;
}

export interface NaiveQuery {
  text: string;
  passes(row: PlainRow): boolean;
}

/** The day of the rows, UTC. */
export const DAY = '2026-11-20';
const at = (clock: string): number => Date.parse(`${DAY}T${clock}Z`) * 1000;

const levels: [string, number][] = [
  ['debug', 10],
  ['INFO', 20],
  ['warning', 30],
  ['35', 35],
  ['Error', 40],
];
const compares: [string, (own: number, wanted: number) => boolean][] = [
  ['>=', (own, wanted) => own >= wanted],
  ['>', (own, wanted) => own > wanted],
  ['<=', (own, wanted) => own <= wanted],
  [' < ', (own, wanted) => own < wanted],
  ['=', (own, wanted) => own === wanted],
  [':', (own, wanted) => own === wanted],
];
const names: [string, (name: string) => boolean][] = [
  ['alice', (name) => name === 'alice'],
  ['"bob"', (name) => name === 'bob'],
  ['web*', (name) => name.startsWith('web')],
  ['*b', (name) => name.endsWith('b')],
  ['?', (name) => name.length === 1],
  ['"w*"', () => false],
  ['x,alice', (name) => name === 'x' || name === 'alice'],
];
const texts: [string, (message: string) => boolean][] = [
  ['started', (message) => message.toLowerCase().includes('started')],
  ['TOOK', (message) => message.includes('TOOK')],
  // These stand in the head of every record, and in few messages.
  ['0', (message) => message.includes('0')],
  ['e', (message) => message.toLowerCase().includes('e')],
  ['"took 5"', (message) => message.includes('took 5')],
  ['ümläut', (message) => message.toLowerCase().includes('ümläut')],
  ['text:"a\nb"', (message) => message.includes('a\nb')],
  ['kask', (message) => /[kK\u212a]a[sSſ][kK\u212a]/.test(message)],
  ['/^t.*ms$/', (message) => /^t.*ms$/.test(message)],
  ['text:/INSIDE|ERR/i', (message) => /inside|err/i.test(message)],
  ['valueerror:', (message) => message.toLowerCase().includes('valueerror:')],
];
const times: [string, (time: number) => boolean][] = [
  ['after:10:00:01', (time) => time >= at('10:00:01')],
  [`since:${DAY}T10:00:02.5Z`, (time) => time >= at('10:00:02.500')],
  ['before:10:00:03', (time) => time < at('10:00:03')],
  [`until:"${DAY} 10:00:01.5"`, (time) => time < at('10:00:01.500')],
];

const leaf: fc.Arbitrary<NaiveQuery> = fc.oneof(
  fc.tuple(fc.constantFrom(...compares), fc.constantFrom(...levels)).map(([[sign, fits], [name, wanted]]) => ({
    text: `level${sign}${name}`,
    passes: ({ level }: PlainRow) => level !== null && fits(level, wanted),
  })),
  fc.tuple(fc.constantFrom('user' as const, 'module' as const), fc.constantFrom(...names)).map(([field, [name, fits]]) => ({
    text: `${field}:${name}`,
    passes: (row: PlainRow) => fits(row[field]),
  })),
  fc.constantFrom(...times).map(([text, fits]) => ({ text, passes: ({ time }: PlainRow) => fits(time) })),
  fc.constantFrom(...texts).map(([text, fits]) => ({ text, passes: ({ message }: PlainRow) => fits(message) })),
  fc.constant({ text: 'has:exception', passes: ({ message }: PlainRow) => message.includes('Traceback (most recent call last):') }),
);

export const queries: fc.Arbitrary<NaiveQuery> = fc.letrec<{ query: NaiveQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(fc.constantFrom('-', 'not ', 'NOT '), tie('query')).map(([sign, { text, passes }]) => ({
      text: `${sign}(${text})`,
      passes: (row: PlainRow) => !passes(row),
    })),
    fc.tuple(tie('query'), fc.constantFrom(' ', ' and ', '\t'), tie('query')).map(([a, sign, b]) => ({
      text: `(${a.text})${sign}(${b.text})`,
      passes: (row: PlainRow) => a.passes(row) && b.passes(row),
    })),
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => ({
      text: `(${a.text} or ${b.text})`,
      passes: (row: PlainRow) => a.passes(row) || b.passes(row),
    })),
  ),
})).query;
