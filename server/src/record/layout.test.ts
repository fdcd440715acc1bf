import { describe, expect, test } from 'vitest';
import { HeadReader } from './layout.ts';
import { levelName } from './level.ts';

/** What a reader that has seen `sample` says of its first line: `time|level|message`, and the module where master.log names one. */
function read(sample: string, master = false): string {
  const bytes = Buffer.from(sample);
  const reader = new HeadReader(master);
  reader.detect(bytes);
  const lf = bytes.indexOf(10);
  const end = lf === -1 ? bytes.length : lf;
  if (!reader.read(bytes, 0, end)) return 'no head';
  const { time, level, message, nameStart, nameEnd } = reader.head;
  const name = nameEnd > 0 ? `|${bytes.toString('utf8', nameStart, nameEnd)}` : '';
  return `${new Date(time / 1000).toISOString().slice(11, 23)}|${level === -1 ? '-' : levelName(level)}|${bytes.toString('utf8', message, end)}${name}`;
}

describe("Safelog's own lines", () => {
  test.each([
    ['2026-11-20 22:56:00.406171+00:00 DEBUG log this safely', '22:56:00.406|DEBUG|log this safely'],
    ['2020-01-02 03:04:05+00:00 INFO no fraction', '03:04:05.000|INFO|no fraction'],
    ['2026-11-20 22:56:00.409050+00:00 raw write(): no level', '22:56:00.409|-|raw write(): no level'],
    ['2026-11-20 22:56:00.407653+00:00 DEBUG ', '22:56:00.407|DEBUG|'],
    ['2026-11-20 22:56:00.407653+00:00 DEBUG', '22:56:00.407|DEBUG|'],
    ['2026-11-20 22:56:00.407653+00:00', '22:56:00.407|-|'],
    ['2026-11-20 22:56:00.1+00:00 DEBUG   indented', '22:56:00.100|DEBUG|  indented'],
    ['2026-11-20 22:56:00.1+00:00 Level 35 custom', '22:56:00.100|Level 35|custom'],
    ['2026-11-20 22:56:00.1+00:00 DEBUGGING is no level', '22:56:00.100|-|DEBUGGING is no level'],
    ['2026-11-20 22:56:00.1+00:00 INFO: is a message', '22:56:00.100|-|INFO: is a message'],
    ['2026-11-20 22:56:00.1+00:00 web INFO in a message', '22:56:00.100|-|web INFO in a message'],
    ['2026-11-20T23:56:00.5+01:00 INFO an offset', '22:56:00.500|INFO|an offset'],
    ['2026-11-20 22:56:00.5Z INFO Zulu', '22:56:00.500|INFO|Zulu'],
    ['2026-11-20 22:56:00.123456789+0000 INFO ns', '22:56:00.123|INFO|ns'],
  ])('%s', (line, expected) => {
    expect(read(line)).toBe(expected);
  });

  test.each([
    '  File "x.py", line 1',
    '2026-11-20',
    '2026-13-20 22:56:00+00:00 month 13',
    '2026-02-30 22:56:00+00:00 no such day',
    '2026-11-20 25:56:00+00:00 hour 25',
    '2026-11-20 22:56:005 no second',
    '12026-11-20 22:56:00+00:00 too long a year',
    '',
  ])('no beginning of a record: %s', (line) => {
    expect(read(line)).toBe('no head');
  });
});

describe('lines of master.log', () => {
  test.each([
    ['2026-11-20 22:56:00.4+00:00 demo.log DEBUG text', '22:56:00.400|DEBUG|text|demo'],
    ['2026-11-20 22:56:00.4+00:00 my.app.log no level', '22:56:00.400|-|no level|my.app'],
    ['2026-11-20 22:56:00.4+00:00 <string>.log DEBUG from -c', '22:56:00.400|DEBUG|from -c|<string>'],
    ['2026-11-20 22:56:00.4+00:00 WARNING without a name', '22:56:00.400|WARNING|without a name'],
    ['2026-11-20 22:56:00.4+00:00 wrote to x.log ok', '22:56:00.400|-|wrote to x.log ok'],
    ['2026-11-20 22:56:00.4+00:00 .log DEBUG text', '22:56:00.400|-|.log DEBUG text'],
  ])('%s', (line, expected) => {
    expect(read(line, true)).toBe(expected);
  });
});

describe("Python's layouts", () => {
  const stamp = '2026-11-20 22:56:00,406';
  test.each([
    [`${stamp} INFO text`, 'INFO|text'],
    [`${stamp} - web.db - INFO - text`, 'INFO|text'],
    [`${stamp} - INFO - text`, 'INFO|text'],
    [`${stamp} [INFO] web: text`, 'INFO|web: text'],
    [`${stamp} [WARNING ] text`, 'WARNING|text'],
    [`${stamp} web WARNING text`, 'WARNING|text'],
    [`${stamp} | web.db | CRITICAL | text`, 'CRITICAL|text'],
    [`${stamp}:INFO:text`, 'INFO|text'],
    [`[${stamp}] INFO in views: text`, 'INFO|in views: text'],
    [`[${stamp}] {/a/b.py:12} ERROR - text`, 'ERROR|text'],
    [`[${stamp}: INFO/MainProcess] text`, 'INFO|text'],
    [`WARNING ${stamp} views 1 2 text`, 'WARNING|views 1 2 text'],
    [`WARNING  ${stamp} padded`, 'WARNING|padded'],
    [`${stamp} - INFO     - padded`, 'INFO|padded'],
    [`[${stamp}] [4711] [INFO] gunicorn`, 'INFO|gunicorn'],
  ])('%s', (line, expected) => {
    // The machine's zone says which hour it is.
    expect(read(line).slice(13)).toBe(expected);
  });

  test("a level's word in one message of many is no layout", () => {
    expect(read(`${stamp} plain\n${stamp} plain\n${stamp} saw INFO there\n`).slice(13)).toBe('-|plain');
  });
});

describe('a time of day without a date', () => {
  /** What is told of the first of two lines like this one, with one that is no head in between: `level|message`. */
  const readOfDay = (line: string): string => {
    const bytes = Buffer.from(`${line}\n\tmore\n${line}\n`);
    const reader = new HeadReader(false);
    reader.detect(bytes);
    const end = Buffer.byteLength(line);
    if (!reader.read(bytes, 0, end)) return 'no head';
    const { time, level, message } = reader.head;
    expect([time, reader.timeless, reader.uncertain]).toEqual([Number.NaN, true, false]);
    return `${levelName(level)}|${bytes.toString('utf8', message, end)}`;
  };
  // Nothing tells of which day it is: the line stays as it stands, and has no time.
  test.each([
    ['10:15:30.123 [main] INFO  c.e.App -- started', 'INFO'],
    ['10:15:30,123 root ERROR failed', 'ERROR'],
    ['[10:15:30 WRN] slow', 'WARNING'],
    ['10:15:30 | CRITICAL | over', 'CRITICAL'],
    ['DEBUG 10:15:30 begun', 'DEBUG'],
    ['\x1b[2m10:15:30\x1b[0m \x1b[31mERROR\x1b[0m it failed', 'ERROR'],
  ])('%s', (line, expected) => {
    expect(readOfDay(line)).toBe(`${expected}|${line}`);
  });
  test.each(['10:15:30 up 3 days, load average: 0.1', '12:00 INFO no seconds', 'seen 10:15:30 INFO somewhere', '10:15:30 plain'])(
    '%s: is none',
    (line) => {
      expect(readOfDay(line)).toBe('no head');
    },
  );
});
