import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadReader } from './layout.ts';
import type { Source } from './layouts/sourceBlock.ts';
import { parseLevel } from './level.ts';
import { LineFormat } from './lineFormat.ts';

const USABLE = [
  '%(asctime)s %(levelname)s %(name)s %(message)s',
  '%(asctime)s - %(name)s - %(levelname)-8s - %(message)s',
  '[%(levelname)s] %(asctime)s (%(threadName)s, %(process)d) %(pathname)s:%(lineno)d: %(message)s',
  '%(asctime)s.%(msecs)03d %(message)s;datefmt=%Y-%m-%dT%H:%M:%S%z',
  '{asctime} {levelname:<8} {name}: {message}',
  `$asctime [$levelname] \${funcName}() \${message}`,
  '%(created)f %(levelno)s %(message)s',
];

describe('a format string', () => {
  test.each([
    ['%(levelname)s %(message)s', /has no time/],
    ['%(asctime)s %(levelname)s', /does not end with the message/],
    ['%(asctime)s %(message)s (%(name)s)', /does not end with the message/],
    ['%(asctime)s %(message)s;datefmt=%H:%M:%S', /does not tell the day/],
    ['%(asctime)s %(message)s;datefmt=%b %d %H:%M:%S', /does not tell the day/],
    ['%(asctime)s %(message)s;datefmt=%Y-%m-%d %I:%M:%S', /does not tell the day/],
    ['%(asctime)s %(message)s;datefmt=%Y-%m-%d %H:%M', /does not tell the day|would be/],
    ['%(asctime)s %(message)s;datefmt=%Y week %U', /cannot be read back|no date format/],
    ['%(asctime)s %(name)s%(message)s', /cannot be read back/],
    ['%(asctime)s %(levelname)-8s%(message)s', /cannot be read back/],
    ['\t%(asctime)s %(message)s', /would be no record/],
    ['%(asctime)s\n%(message)s', /cannot be read back/],
    ['%(asctime)s %(name)d %(message)s', /it names what a record does not have/],
    ['%(asctime)s %(levelname).1s %(message)s', null],
    ['plain', /does not end with the message/],
  ])('%j is refused where it could not be read back', (name, reason) => {
    if (reason === null) expect(new LineFormat(name).name).toBe(name);
    else expect(() => new LineFormat(name)).toThrow(reason);
  });

  test('says what it takes of a record, in any style', () => {
    const source: Source = {
      logger: 'web.db',
      pid: 4711,
      thread: 'T-1',
      file: '/opt/app/db.py',
      line: 42,
      extras: { funcName: 'f', k: { a: 1 } },
    };
    const time = Date.UTC(2026, 10, 20, 12, 0, 0) * 1000 + 406_171;
    const head = (name: string): string | undefined => new LineFormat(name).head(time, 'INFO', source);
    expect(head('%(created)s %(levelno)d %(name)s[%(process)d] %(module)s.%(funcName)s %(k)s %(other)s %(message)s')).toBe(
      '1795176000.406171 20 web.db[4711] db.f {"a":1} - ',
    );
    expect(head('{asctime}.{msecs:03.0f} {filename}:{lineno} | {message};datefmt=%Y-%m-%dT%H:%M:%S%z')).toMatch(
      /^2026-11-2\dT\d\d:\d\d:00[+-]\d{4}\.406 db\.py:42 \| $/,
    );
  });

  const word = fc.oneof(
    fc.constantFrom('web.db', 'Thread-1 (worker)', 'a: b', 'x]', 'two\nlines', '-', ' INFO ', '%'),
    fc.string({ maxLength: 12 }),
  );
  const record = fc.record({
    time: fc.integer({ min: 1e15, max: 2e15 }),
    level: fc.constantFrom('DEBUG', 'WARNING', 'CRITICAL', 'Level 35'),
    source: fc.record({ logger: word, thread: word, file: word, line: fc.nat(), pid: fc.nat() }, { requiredKeys: [] }),
    text: fc.oneof(word, fc.constantFrom('  indented', '2026-11-20 22:56:00,406 ERROR root forged', '')),
  });

  test.each(USABLE)('%s: what reads back is what was written, in a tree that has Safelog’s own lines as well', (name) => {
    const format = new LineFormat(name);
    const reader = new HeadReader(false, { published: [name] });
    fc.assert(
      fc.property(record, ({ time, level, source, text }) => {
        const head = format.head(time, level, source);
        if (head === undefined) return;
        const line = Buffer.from(head + text.replaceAll('\n', '\\'));
        const message = Buffer.byteLength(head);
        if (!format.readsBack(line, 0, line.length, time, parseLevel(level) ?? -1, message)) return;
        expect(reader.detect(line)).toBe(`published\n${name}`);
        expect(reader.read(line, 0, line.length)).toBe(true);
        expect(line.toString('utf8', reader.head.message)).toBe(text.replaceAll('\n', '\\'));
        const { logger } = reader.source(line) ?? {};
        if (name.includes('name)s') && logger !== undefined) expect(source.logger?.trim()).toBe(logger);
        const own = Buffer.from(`2026-11-20 22:56:00.406171+00:00 INFO [web.db - - -] ${text.replaceAll('\n', '')}`);
        expect(reader.read(own, 0, own.length)).toBe(true);
        expect(reader.source(own)).toEqual({ logger: 'web.db' });
        // Lines that continue an entry have a TAB before them.
        const forged = Buffer.from(`\t${line.toString()}`);
        expect(reader.read(forged, 0, forged.length)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
