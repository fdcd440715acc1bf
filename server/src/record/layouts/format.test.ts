import { describe, expect, test } from 'vitest';
import { checkLayout } from '../layout.ts';
import { readRecords } from '../testing/readRecords.ts';

const given = (layout: string, ...lines: string[]): string[] =>
  readRecords(lines.join('\n'), { layout }).records.map((record) => record.slice(record.indexOf('|') + 1));

describe('a format that is given', () => {
  test.each([
    ['%(asctime)s %(name)-12s %(levelname)-8s %(message)s', '2026-11-20 22:56:00,406 web.db       INFO       text', 'INFO|  text'],
    ['%(asctime)s %(name)12s %(levelname)8s %(message)s', '2026-11-20 22:56:00,406       web.db     INFO text', 'INFO|text'],
    ['%(levelname).1s %(asctime)s %(message)s', 'W 2026-11-20 22:56:00,406 text', 'WARNING|text'],
    ['%(levelname).4s|%(message)s', 'CRIT|text', 'CRITICAL|text'],
    ['%(levelno)s %(message)s', '35 text', 'Level 35|text'],
    ['%(created)f %(levelname)s %(message)s', '1795215360.406171 ERROR text', 'ERROR|text'],
    ['%(asctime)s.%(msecs)03d %(levelname)s %(message)s;datefmt=%Y-%m-%d %H:%M:%S', '2026-11-20 22:56:00.006 INFO text', 'INFO|text'],
    ['%(asctime)s [%(threadName)s] %(filename)s:%(lineno)d %(message)s', '2026-11-20 22:56:00,406 [Thread-1 (run)] a.py:42 text', '-|text'],
    ['%(levelname)s 100%% %(message)s', 'INFO 100% text', 'INFO|text'],
    [
      '%(levelname)s %(asctime)s %(module)s %(process)d %(thread)d %(message)s',
      'INFO 2026-11-20 22:56:00,406 views 1 140 text',
      'INFO|text',
    ],
    [
      '{asctime} | {levelname:<8} | {name}:{funcName}:{lineno} - {message}',
      '2026-11-20 22:56:00,406 | INFO     | web.db:run:5 - text',
      'INFO|text',
    ],
    ['{asctime!s:>23} {levelname:8} {message}', '2026-11-20 22:56:00,406 INFO     text', 'INFO|text'],
    [`$asctime [\${levelname}] $message`, '2026-11-20 22:56:00,406 [INFO] text', 'INFO|text'],
    ['%(levelname)s:%(name)s:%(message)s', 'AUDIT:web.db:text', '-|text'],
  ])('%s', (layout, line, expected) => {
    expect(given(layout, line)).toEqual([expected]);
  });

  test('lines that do not fit continue a record', () => {
    expect(
      given('%(asctime)s - %(name)s - %(message)s', '2026-11-20 22:56:00,406 - a - x', '2026-11-20 22:56:00,406 in a message'),
    ).toEqual(['-|x⏎2026-11-20 22:56:00,406 in a message']);
  });

  test('ms without leading zeros are ms', () => {
    const { records } = readRecords('2026-11-20 22:56:00,6 x', { layout: '%(asctime)s,%(msecs)d %(message)s;datefmt=%Y-%m-%d %H:%M:%S' });
    expect(records[0]).toMatch(/:00\.006Z\|/);
  });

  test.each(['', 'csv', '100%', '%(asctime)s %(message)s;datefmt=%Q'])('no layout: %s', (layout) => {
    expect(() => checkLayout(layout)).toThrow(RangeError);
  });
});

test('a format that is expected comes before the usual ones', () => {
  const text = '2026-11-20 22:56:00,406 web.db INFO text\n';
  expect(readRecords(text).layout).toBe('%(asctime)s %(name)s %(levelname)s %(message)s');
  const candidates = ['%(levelname)s %(message)s', '%(asctime)s %(module)s %(levelname)s %(message)s'];
  expect(readRecords(text, { candidates }).layout).toBe(candidates[1]);
});
