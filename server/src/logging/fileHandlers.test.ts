import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileHandler } from './fileHandler.ts';
import { makeLogRecord } from './recordFields.ts';
import { RotatingFileHandler } from './rotatingFileHandler.ts';
import { askPython } from './testing/python.ts';
import { TimedRotatingFileHandler } from './timedRotatingFileHandler.ts';
import { WatchedFileHandler } from './watchedFileHandler.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-'));
  path = join(folder, 'app.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (msg: string) => makeLogRecord({ msg, levelno: 20, levelname: 'INFO' });
const content = (name = 'app.log'): string => readFileSync(join(folder, name), 'utf8');
const all = (of: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(of)
      .sort()
      .map((name) => [name, readFileSync(join(of, name), 'latin1')]),
  );

/** A handler that throws what is told to handleError. */
function strict<T extends FileHandler>(handler: T): T {
  handler.handleError = (_, error) => {
    throw error;
  };
  return handler;
}

describe('FileHandler', () => {
  test('appends, or empties the file; with delay the first record opens it', () => {
    writeFileSync(path, 'before\n');
    const appending = strict(new FileHandler(path));
    appending.emit(record('one'));
    expect(content()).toBe('before\none\n');
    appending.close();
    appending.emit(record('after the end'));
    appending.close();
    const emptying = strict(new FileHandler(path, { mode: 'w' }));
    expect(content()).toBe('');
    emptying.emit(record('two'));
    emptying.close();
    emptying.emit(record('never'));
    expect(content()).toBe('two\n');
    const late = strict(new FileHandler(join(folder, 'late.log'), { delay: true }));
    expect(readdirSync(folder)).toEqual(['app.log']);
    late.emit(record('now'));
    late.close();
    expect(content('late.log')).toBe('now\n');
  });

  test('encodings and what they have no bytes for, as in Python', () => {
    const texts = ['plain', 'ünï', '日本 😀', 'a\nb'];
    const cases = ['utf-8', 'latin-1', 'ascii', 'utf-16', 'cp1252'].flatMap((encoding) =>
      (['strict', 'ignore', 'replace', 'backslashreplace'] as const).map((errors) => ({ encoding, errors })),
    );
    const expected = askPython<[string, number][]>(
      `
import json, logging, os, sys, tempfile
out = []
for case in json.load(sys.stdin)['cases']:
    path = tempfile.mktemp()
    handler = logging.FileHandler(path, encoding=case['encoding'], errors=case['errors'])
    failed = []
    handler.handleError = lambda record: failed.append(1)
    for text in ${JSON.stringify(texts)}: handler.emit(logging.makeLogRecord({'msg': text}))
    handler.close()
    out.append([open(path, 'rb').read().decode('latin-1'), len(failed)])
    os.remove(path)
print(json.dumps(out))`,
      { cases },
    );
    const ours = cases.map(({ encoding, errors }) => {
      rmSync(path, { force: true });
      const handler = new FileHandler(path, { encoding, errors });
      let failed = 0;
      handler.handleError = () => {
        failed++;
      };
      for (const text of texts) handler.emit(record(text));
      handler.close();
      return [readFileSync(path, 'latin1'), failed];
    });
    expect(ours).toEqual(expected);
  });

  test('a file that cannot be opened is said at once, or with the first record', () => {
    const nowhere = join(folder, 'none', 'x.log');
    expect(() => new FileHandler(nowhere)).toThrow('ENOENT');
    expect(() => strict(new FileHandler(nowhere, { delay: true })).emit(record('x'))).toThrow('ENOENT');
  });
});

test('WatchedFileHandler goes on in the file that has the name', () => {
  const handler = strict(new WatchedFileHandler(path));
  handler.emit(record('one'));
  renameSync(path, join(folder, 'moved'));
  handler.emit(record('two'));
  rmSync(path);
  handler.emit(record('three'));
  handler.emit(record('four'));
  handler.close();
  expect(content('moved')).toBe('one\n');
  expect(content()).toBe('three\nfour\n');
});

describe('RotatingFileHandler', () => {
  test("the HOWTO's example: maxBytes 20 and 5 backups give six files", () => {
    const handler = strict(new RotatingFileHandler(path, { maxBytes: 20, backupCount: 5 }));
    for (let i = 0; i < 20; i++) handler.emit(record(`i = ${i}`));
    handler.close();
    expect(readdirSync(folder).sort()).toEqual(['app.log', 'app.log.1', 'app.log.2', 'app.log.3', 'app.log.4', 'app.log.5']);
    expect(content()).toBe('i = 19\n');
  });

  test('the same files with the same content as by Python, whatever is written', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', ' '), maxLength: 30 });
    const plan = fc.record({
      maxBytes: fc.integer({ min: 0, max: 80 }),
      backupCount: fc.integer({ min: 0, max: 4 }),
      texts: fc.array(text, { maxLength: 25 }),
      before: fc.option(text, { nil: null }),
      delay: fc.boolean(),
    });
    const plans = fc.sample(plan, { numRuns: 60, seed: 3 });
    const script = `
import json, logging, logging.handlers, os, sys, tempfile
out = []
for case in json.load(sys.stdin):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'app.log')
        if case['before'] is not None: open(path, 'w', encoding='utf-8').write(case['before'])
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=case['maxBytes'], backupCount=case['backupCount'], encoding='utf-8', delay=case['delay'])
        for text in case['texts']: handler.emit(logging.makeLogRecord({'msg': text}))
        handler.close()
        out.append({name: open(os.path.join(folder, name), 'rb').read().decode('latin-1') for name in sorted(os.listdir(folder))})
print(json.dumps(out))`;
    const expected = askPython<Record<string, string>[]>(script, plans);
    plans.forEach(({ maxBytes, backupCount, texts, before, delay }, i) => {
      const own = mkdtempSync(join(folder, 'case-'));
      const file = join(own, 'app.log');
      if (before !== null) writeFileSync(file, before);
      const handler = strict(new RotatingFileHandler(file, { maxBytes, backupCount, delay }));
      for (const each of texts) handler.emit(record(each));
      handler.close();
      expect(all(own), JSON.stringify(plans[i])).toEqual(expected[i]);
    });
  });

  test('namer and rotator', () => {
    const moves: string[] = [];
    const handler = strict(new RotatingFileHandler(path, { maxBytes: 5, backupCount: 2 }));
    handler.namer = (name) => `${name}.old`;
    handler.rotator = (source, destination) => {
      moves.push(destination.slice(folder.length + 1));
      renameSync(source, destination);
    };
    for (const each of ['one', 'two', 'three']) handler.emit(record(each));
    handler.close();
    expect(readdirSync(folder).sort()).toEqual(['app.log', 'app.log.1.old', 'app.log.2.old']);
    expect(moves).toEqual(['app.log.1.old', 'app.log.1.old']);
  });

  test('a device is never rotated', () => {
    const handler = strict(new RotatingFileHandler('/dev/null', { maxBytes: 1, backupCount: 2 }));
    handler.emit(record('one'));
    handler.close();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('TimedRotatingFileHandler', () => {
  const whens = ['S', 'M', 'H', 'D', 'midnight', 'W0', 'W3', 'W6'];

  test('the next rotation, and the name of the file, as in Python', () => {
    const times = [951_782_400, 1_795_218_637, 1_743_296_399, 1_729_990_800];
    const cases = whens.flatMap((when) => times.flatMap((time) => [null, '13:45'].map((atTime) => ({ when, time, atTime }))));
    const expected = askPython<[number, string][]>(
      `
import datetime, json, logging.handlers, os, sys, tempfile, time
out = []
for case in json.load(sys.stdin):
    at = datetime.time.fromisoformat(case['atTime']) if case['atTime'] else None
    handler = logging.handlers.TimedRotatingFileHandler(tempfile.mktemp(), when=case['when'], utc=True, atTime=at, delay=True)
    due = handler.computeRollover(case['time'])
    out.append([due, time.strftime(handler.suffix, time.gmtime(due - handler.interval))])
print(json.dumps(out))`,
      cases,
    );
    // Python takes a time that is exactly the due one for due at once; here the next one is due.
    const usual = cases.map((_, i) => i).filter((i) => expected[i]?.[0] !== cases[i]?.time);
    const ours = cases.map(({ when, time, atTime }) => {
      const handler = new TimedRotatingFileHandler(path, { when, utc: true, atTime, delay: true });
      const due = handler.computeRollover(time);
      handler.rolloverAt = due;
      return [due, handler.suffixOf(due)];
    });
    expect(usual.map((i) => [cases[i], ours[i]])).toEqual(usual.map((i) => [cases[i], expected[i]]));
    expect(usual.length).toBeGreaterThan(40);
  });

  test('rotates when it is time, after a restart too, and keeps as many as it is told', () => {
    writeFileSync(path, 'old\n');
    utimesSync(path, 1_000_000, 1_000_000);
    for (const day of ['2001-01-01', '2001-01-02', '2001-01-03']) writeFileSync(`${path}.${day}`, '');
    writeFileSync(`${path}.not-a-date`, '');
    const handler = strict(new TimedRotatingFileHandler(path, { when: 'd', backupCount: 2, utc: true }));
    handler.emit(record('new'));
    handler.emit(record('newer'));
    handler.close();
    // The oldest by name goes; the file of 1970 is rotated as what it is.
    expect(readdirSync(folder).sort()).toEqual(['app.log', 'app.log.2001-01-02', 'app.log.2001-01-03', 'app.log.not-a-date']);
    expect(content()).toBe('new\nnewer\n');
  });

  test.each([{ when: 'X' }, { when: 'W7' }, { interval: 0 }, { atTime: '25:00' }])('%j is refused', (options) => {
    expect(() => new TimedRotatingFileHandler(path, options)).toThrow(RangeError);
  });
});
