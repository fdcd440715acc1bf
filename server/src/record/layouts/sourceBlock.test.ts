import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadReader } from '../layout.ts';
import { readRecords } from '../testing/readRecords.ts';
import { EMPTY_SOURCE, formatSource, MAX_SOURCE_BYTES, parseSource, sourceBlockEnd, withSource } from './sourceBlock.ts';

const stamp = '2026-11-20 22:56:00.406000+00:00';

test('lines with and without a block stand in one file', () => {
  const { layout, records } = readRecords(
    [
      `${stamp} INFO [web.db 4711 MainThread app/db.py:42 {"k":"]} \\" ["}] text`,
      `${stamp} INFO plain`,
      `${stamp} ERROR [web.db - - -] failed`,
      'Traceback (most recent call last):',
      `${stamp} INFO [web.db 4711 MainThread app/db.py:42]`,
      `${stamp} INFO [main] a message`,
      `${stamp} INFO [1 2 3] list`,
      `${stamp} INFO [a 1 b c] no place`,
      `${stamp} INFO [a 1 b c:1]x no blank`,
      `${stamp} INFO [a 1 b c:1 {"k":1] cut`,
      `${stamp} [a 1 b c:1] no level`,
    ].join('\n'),
  );
  expect(layout).toBeNull();
  expect(records.map((record) => record.slice(25))).toEqual([
    'INFO|text',
    'INFO|plain',
    'ERROR|failed⏎Traceback (most recent call last):',
    'INFO|',
    'INFO|[main] a message',
    'INFO|[1 2 3] list',
    'INFO|[a 1 b c] no place',
    'INFO|[a 1 b c:1]x no blank',
    'INFO|[a 1 b c:1 {"k":1] cut',
    '-|[a 1 b c:1] no level',
  ]);
});

test('the head tells where the block stands', () => {
  const line = Buffer.from(`${stamp} INFO [web.db 4711 MainThread app/db.py:42 {"k":1}] text`);
  const reader = new HeadReader(false);
  expect(reader.read(line, 0, line.length)).toBe(true);
  const { blockStart, blockEnd } = reader.head;
  expect(parseSource(line, blockStart, blockEnd)).toEqual({
    logger: 'web.db',
    pid: 4711,
    thread: 'MainThread',
    file: 'app/db.py',
    line: 42,
    extras: { k: 1 },
  });
});

test('what is written is read again', () => {
  const word = fc.string({ unit: 'binary', minLength: 1 }).map((text) => Buffer.from(text).toString());
  const source = fc.record(
    {
      logger: word,
      pid: fc.nat(),
      thread: word,
      file: word,
      line: fc.integer({ min: 1, max: 1e6 }),
      extras: fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, noNullPrototype: true }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(source, fc.string(), (value, text) => {
      const block = Buffer.from(formatSource(value));
      expect(block.includes(10)).toBe(false);
      const { line, ...rest } = value;
      const expected = JSON.parse(JSON.stringify({ ...rest, ...(rest.file !== undefined && line !== undefined && { line }) }));
      expect(parseSource(block, 0, block.length)).toEqual(expected);
      const bytes = Buffer.concat([block, Buffer.from(` ${text}`)]);
      expect(sourceBlockEnd(bytes, 0, bytes.length)).toBe(block.length);
    }),
    { numRuns: 200 },
  );
});

test('no message passes for a block, and none is taken for one', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      EMPTY_SOURCE,
      '[a 1 b c:1]',
      '[a 1 b c:1 {"k":1}] x',
      `[${'a'.repeat(MAX_SOURCE_BYTES)} - - -] x`,
      '[a 1 b c:1',
      '[- - - -]\r',
    ),
    fc
      .tuple(
        fc.constantFrom('[', ''),
        fc.array(fc.constantFrom('a', '-', ' ', '1', ':1', '{', '}', '"', ']', '[', '\r'), { maxLength: 12 }),
      )
      .map(([opening, parts]) => opening + parts.join('')),
  );
  const source = fc.constantFrom(undefined, formatSource({ logger: 'web', pid: 1 }), formatSource({}));
  fc.assert(
    fc.property(text, source, (whole, block) => {
      const line = whole.replaceAll('\n', '');
      const bytes = Buffer.from(`${stamp} INFO ${withSource('INFO', block, line)}`);
      const reader = new HeadReader(false);
      expect(reader.read(bytes, 0, bytes.length)).toBe(true);
      expect(reader.text(bytes, bytes.length)).toBe(Buffer.from(line).toString());
      const found = parseSource(bytes, reader.head.blockStart, reader.head.blockEnd) ?? {};
      expect(found).toEqual(block === undefined || block === EMPTY_SOURCE ? {} : { logger: 'web', pid: 1 });
    }),
    { numRuns: 1000 },
  );
});
