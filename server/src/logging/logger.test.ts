import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Formatter } from './formatter.ts';
import { Handler, shutdown } from './handler.ts';
import { addLevelName, getLevelName } from './levels.ts';
import { Logger } from './logger.ts';
import type { LogRecord } from './logRecord.ts';
import { getLogger } from './manager.ts';

class Kept extends Handler {
  readonly records: LogRecord[] = [];
  readonly lines: string[] = [];
  readonly errors: unknown[] = [];
  override emit(record: LogRecord): void {
    this.records.push(record);
    try {
      this.lines.push(this.format(record));
    } catch (error) {
      this.handleError(record, error);
    }
  }
  override handleError(_: LogRecord | null, error: unknown): void {
    this.errors.push(error);
  }
}

let kept: Kept;
let count = 0;
let name: string;
beforeEach(() => {
  kept = new Kept();
  name = `t${count++}`;
  getLogger(name).addHandler(kept);
  getLogger(name).setLevel('DEBUG');
});
afterEach(() => getLogger().removeHandler(kept));

describe('the hierarchy', () => {
  test('a name is always the same logger, without one the root', () => {
    expect(getLogger('a.b')).toBe(getLogger('a.b'));
    expect(getLogger('')).toBe(getLogger('root'));
    expect(getLogger().parent).toBe(null);
    expect(getLogger(name).getChild('x.y')).toBe(getLogger(`${name}.x.y`));
    expect(getLogger().getChild('a')).toBe(getLogger('a'));
  });

  test('parents that are made later come between', () => {
    const deep = getLogger(`${name}.x.y.z`);
    expect(deep.parent).toBe(getLogger(name));
    const middle = getLogger(`${name}.x`);
    expect(deep.parent).toBe(middle);
    middle.setLevel('ERROR');
    expect(deep.getEffectiveLevel()).toBe(40);
    middle.setLevel(0);
    expect(deep.getEffectiveLevel()).toBe(10);
  });

  test('records go up, once to each handler, until propagate stops them', () => {
    const child = getLogger(`${name}.child`);
    const own = new Kept();
    child.addHandler(own);
    child.addHandler(own);
    child.info('one');
    child.propagate = false;
    child.info('two');
    expect(own.lines).toEqual(['one', 'two']);
    expect(kept.lines).toEqual(['one']);
    child.removeHandler(own);
    expect(child.hasHandlers()).toBe(false);
    expect(getLogger(`${name}.other`).hasHandlers()).toBe(true);
  });
});

test('levels of logger and handler, filters, disabled', () => {
  const logger = getLogger(name);
  logger.setLevel('WARNING');
  kept.setLevel('ERROR');
  for (const method of ['debug', 'info', 'warning', 'warn', 'error', 'critical', 'fatal'] as const) logger[method](method);
  logger.log(45, 'forty-five');
  logger.log('ERROR', 'named');
  expect(kept.lines).toEqual(['error', 'critical', 'fatal', 'forty-five', 'named']);
  expect(kept.records.map(({ levelname }) => levelname)).toEqual(['ERROR', 'CRITICAL', 'CRITICAL', 'Level 45', 'ERROR']);
  const filter = (record: LogRecord) => record.msg !== 'no';
  logger.addFilter(filter);
  kept.addFilter({ filter: (record) => record.msg !== 'neither' });
  for (const text of ['no', 'neither', 'yes']) logger.error(text);
  logger.disabled = true;
  logger.error('silent');
  expect(kept.lines.slice(5)).toEqual(['yes']);
  expect(logger.isEnabledFor('ERROR')).toBe(false);
});

test('levels have names, and may get others', () => {
  addLevelName(25, 'NOTICE');
  expect([getLevelName(25), getLevelName('NOTICE'), getLevelName(26), getLevelName('NONE')]).toEqual([
    'NOTICE',
    25,
    'Level 26',
    'Level NONE',
  ]);
  expect(() => getLogger(name).setLevel('NONE')).toThrow(RangeError);
  expect(() => getLogger(name).setLevel(1.5)).toThrow(TypeError);
});

describe('a call', () => {
  test('is merged only when a handler takes it', () => {
    const text = vi.fn(() => 'shown');
    getLogger(name).setLevel('INFO');
    getLogger(name).debug('%s', { toString: text });
    expect(text).not.toHaveBeenCalled();
    getLogger(name).info('%s', { toString: text });
    expect(kept.lines).toEqual(['shown']);
  });

  test('takes one mapping for %(name)s, and options as the last argument', () => {
    getLogger(name).info('%(who)s is %(age)d', { who: 'Ann', age: 7 });
    kept.setFormatter(new Formatter('%(ip)s %(message)s'));
    getLogger(name).info('%s', 'x', { extra: { ip: '::1' } });
    expect(kept.lines).toEqual(['Ann is 7', '::1 x']);
    expect(() => getLogger(name).info('x', { extra: { message: 'mine' } })).toThrow(/message/);
  });

  test('that does not fit, or lacks what the format names, is told to handleError, not to the caller', () => {
    getLogger(name).info('%s %s', 'one');
    kept.setFormatter(new Formatter('%(missing)s'));
    getLogger(name).info('x');
    expect(kept.errors.map(String)).toEqual(['TypeError: not enough arguments for format string', expect.stringMatching(/missing/)]);
  });

  test('shows errors with their causes', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    getLogger(name).exception('failed', { excInfo: error });
    getLogger(name).exception(error);
    getLogger(name).error('bad: %s', error, { excInfo: true });
    for (const line of kept.lines) expect(line).toMatch(/^.*\nError: outer\n {4}at .*\nCaused by: Error: inner\n {4}at /s);
    expect(kept.lines.map((line) => line.split('\n')[0])).toEqual(['failed', 'Error: outer', 'bad: Error: outer']);
  });

  test('names its place, when it is asked for while it runs', () => {
    kept.setFormatter(new Formatter('%(filename)s %(module)s %(funcName)s %(lineno)d'));
    function work(): void {
      getLogger(name).info('x');
    }
    work();
    expect(kept.lines[0]).toMatch(/^logger\.test\.ts logger\.test work \d+$/);
    function wrapper(): void {
      getLogger(name).info('x', { stackLevel: 2, stackInfo: true });
    }
    function outer(): void {
      wrapper();
    }
    outer();
    expect(kept.lines[1]).toMatch(/^logger\.test\.ts logger\.test outer \d+\nStack:\n {4}at wrapper /);
    const plain = new Kept();
    getLogger(name).addHandler(plain);
    getLogger(name).removeHandler(kept);
    work();
    expect(plain.records[0]?.funcName).toBe('(unknown function)');
  });
});

test('the attributes of a record', () => {
  kept.setFormatter(
    new Formatter('%(asctime)s|%(name)s|%(levelno)d|%(process)d|%(threadName)s|%(processName)s|%(created)f|%(msecs)03d|%(thread)d'),
  );
  const before = Date.now() / 1000;
  getLogger(name).warning('x');
  const [asctime = '', ...rest] = kept.lines[0]?.split('|') ?? [];
  const [created, msecs] = [Number(rest[5]), rest[6]];
  expect(created).toBeGreaterThanOrEqual(before - 0.001);
  const date = new Date(created * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  expect(asctime).toBe(
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())},${msecs}`,
  );
  expect(rest.slice(0, 5)).toEqual([name, '30', String(process.pid), expect.any(String), 'MainProcess']);
  kept.setFormatter(new Formatter('%(asctime)s', { datefmt: '%Y/%j' }));
  getLogger(name).warning('x');
  expect(kept.lines[1]).toMatch(/^\d{4}\/\d{3}$/);
});

test('shutdown flushes and closes handlers, the newest first, whatever one of them throws', () => {
  const calls: string[] = [];
  class Noted extends Kept {
    override flush(): void {
      calls.push(`flush ${this.name}`);
      if (this.name === 'second') throw new Error('bad');
    }
    override close(): void {
      super.close();
      calls.push(`close ${this.name}`);
    }
  }
  for (const title of ['first', 'second']) new Noted().name = title;
  shutdown();
  shutdown();
  expect(calls).toEqual(['flush second', 'close second', 'flush first', 'close first']);
});

test('a logger that nobody has made by getLogger has the root as parent', () => {
  expect(new Logger('lonely').parent).toBe(getLogger());
});
