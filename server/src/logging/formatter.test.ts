import { afterEach, expect, test } from 'vitest';
import { gmtime, localtime } from '../record/strftime.ts';
import { BufferingFormatter } from './bufferingFormatter.ts';
import { Formatter } from './formatter.ts';
import { makeLogRecord } from './recordFields.ts';
import { askPython } from './testing/python.ts';

afterEach(() => {
  Formatter.converter = localtime;
});

test('times, as Python writes them', () => {
  const times = [0, 1_795_218_637.498976, 951_782_400.001, 4_102_444_799.999];
  const formats = [null, '%Y-%m-%dT%H:%M:%S', '%a %d %b %Y %I:%M %p', '%j %U %w %y %%'];
  const expected = askPython<string[]>(
    `
import json, logging, sys, time
out = []
for created, datefmt in json.load(sys.stdin):
    formatter = logging.Formatter('%(asctime)s %(message)s', datefmt)
    formatter.converter = time.gmtime
    record = logging.makeLogRecord({'msg': 'x', 'created': created, 'msecs': (created - int(created)) * 1000})
    out.append(formatter.format(record))
print(json.dumps(out))`,
    times.flatMap((time) => formats.map((format) => [time, format])),
  );
  const ours = times.flatMap((created) =>
    formats.map((datefmt) => {
      const formatter = new Formatter('%(asctime)s %(message)s', { datefmt });
      formatter.converter = gmtime;
      return formatter.format(makeLogRecord({ msg: 'x', created, msecs: (created - Math.floor(created)) * 1000 }));
    }),
  );
  expect(ours).toEqual(expected);
});

test('the converter of all formatters, and that of one', () => {
  const record = makeLogRecord({ msg: '', created: 0, msecs: 0 });
  Formatter.converter = gmtime;
  const formatter = new Formatter('%(asctime)s');
  expect(formatter.format(record)).toBe('1970-01-01 00:00:00,000');
  formatter.converter = (seconds) => gmtime(seconds + 3600);
  expect(formatter.format(record)).toBe('1970-01-01 01:00:00,000');
});

test('the defaults of date and milliseconds can be others', () => {
  class Short extends Formatter {
    override defaultTimeFormat = '%H:%M:%S';
    override defaultMsecFormat = '%s.%03d';
  }
  const record = makeLogRecord({ msg: 'x', created: 1.25, msecs: 250 });
  const formatter = new Short('%(asctime)s');
  formatter.converter = gmtime;
  expect(formatter.format(record)).toBe('00:00:01.250');
  formatter.defaultMsecFormat = '';
  expect(formatter.format(record)).toBe('00:00:01');
});

test('an error follows the message, then the stack; the error is written once', () => {
  class Counting extends Formatter {
    count = 0;
    override formatException(error: Error): string {
      this.count++;
      return `<${error.message}>`;
    }
  }
  const formatter = new Counting('%(message)s');
  const record = makeLogRecord({ msg: 'a', excInfo: new Error('b'), stackInfo: 'c' });
  expect(formatter.format(record)).toBe('a\n<b>\nc');
  expect(formatter.format(record)).toBe('a\n<b>\nc');
  expect(formatter.count).toBe(1);
  expect(formatter.format(makeLogRecord({ msg: 'a\n', excText: 'b' }))).toBe('a\nb');
});

test('an AggregateError and causes are shown whole', () => {
  const error = new AggregateError([new Error('one'), new TypeError('two')], 'both', { cause: new Error('why') });
  const text = new Formatter().formatException(error);
  for (const part of ['AggregateError: both', 'Error: one', 'TypeError: two', 'Caused by: Error: why']) expect(text).toContain(part);
});

test('many records, with a header and a footer', () => {
  class Listing extends BufferingFormatter {
    override formatHeader(records: readonly unknown[]): string {
      return `[${records.length}`;
    }
    override formatFooter(records: readonly unknown[]): string {
      return `${records.length}]`;
    }
  }
  const records = ['one', 'two'].map((msg) => makeLogRecord({ msg }));
  expect(new BufferingFormatter().format(records)).toBe('onetwo');
  expect(new BufferingFormatter().format([])).toBe('');
  expect(new Listing(new Formatter('<%(message)s>')).format(records)).toBe('[2<one><two>2]');
});
