import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { Handler } from './handler.ts';
import { Logger } from './logger.ts';
import { LoggerAdapter } from './loggerAdapter.ts';
import type { LogRecord } from './logRecord.ts';
import { childrenOf, disable, getLogger, getLoggerClass, setLoggerClass } from './manager.ts';
import { getLogRecordFactory, setLogRecordFactory } from './recordFactory.ts';
import { runTask } from './taskName.ts';
import { askPython } from './testing/python.ts';

class Noting extends Handler {
  readonly seen: string[] = [];
  override emit(record: LogRecord): void {
    this.seen.push(`${record.name}:${record.levelname}:${record.getMessage()}`);
  }
}

afterEach(() => {
  disable(0);
  setLoggerClass(Logger);
});

test('levels, propagation, filters and disabling over random hierarchies, as in Python', () => {
  const name = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  const level = fc.constantFrom(0, 5, 10, 20, 25, 30, 40, 50);
  const step = fc.oneof(
    fc.record({ do: fc.constant('level'), name: fc.oneof(name, fc.constant('')), level }),
    fc.record({ do: fc.constant('propagate'), name, on: fc.boolean() }),
    fc.record({ do: fc.constant('disabled'), name, on: fc.boolean() }),
    fc.record({ do: fc.constant('handler'), name: fc.oneof(name, fc.constant('')), level }),
    fc.record({ do: fc.constant('filter'), name, of: name }),
    fc.record({ do: fc.constant('disable'), level }),
    fc.record({ do: fc.constant('log'), name, level: level.filter((each) => each > 0) }),
  );
  const runs = fc.sample(fc.array(step, { minLength: 5, maxLength: 25 }), { numRuns: 250, seed: 5 });
  const script = `
import json, logging, sys
class Noting(logging.Handler):
    def emit(self, record): self.seen.append(record.name.split('.', 1)[1] + ':' + record.levelname)
logging.lastResort = None
out = []
for number, steps in enumerate(json.load(sys.stdin)):
    logging.disable(0)
    get = lambda name: logging.getLogger('run%d' % number + ('.' + name if name else ''))
    get('').propagate = False
    noted = []
    handlers = []
    for each in steps:
        logger = get(each['name']) if 'name' in each else None
        kind = each['do']
        if kind == 'level': logger.setLevel(each['level'])
        elif kind == 'propagate': logger.propagate = each['on']
        elif kind == 'disabled': logger.disabled = each['on']
        elif kind == 'filter': logger.addFilter(logging.Filter(get(each['of']).name))
        elif kind == 'disable': logging.disable(each['level'])
        elif kind == 'handler':
            handler = Noting(each['level']); handler.seen = []; handlers.append(handler); logger.addHandler(handler)
        else:
            logger.log(each['level'], 'x')
            noted.append([logger.getEffectiveLevel(), logger.isEnabledFor(each['level']), logger.hasHandlers(), logger.parent.name.replace('run%d' % number, '')])
    out.append([noted, [handler.seen for handler in handlers]])
print(json.dumps(out))`;
  const expected = askPython<unknown[]>(script, runs);
  const ours = runs.map((steps, number) => {
    disable(0);
    const get = (of: string): Logger => getLogger(`ours${number}${of === '' ? '' : `.${of}`}`);
    get('').propagate = false;
    const noted: unknown[] = [];
    const handlers: Noting[] = [];
    for (const each of steps) {
      if (each.do === 'disable') disable((each as { level: number }).level);
      if (!('name' in each)) continue;
      const logger = get(each.name);
      if (each.do === 'level' && 'level' in each) logger.setLevel(each.level);
      else if (each.do === 'propagate' && 'on' in each) logger.propagate = each.on;
      else if (each.do === 'disabled' && 'on' in each) logger.disabled = each.on;
      else if (each.do === 'filter' && 'of' in each) {
        const of = get(each.of).name;
        logger.addFilter(({ name: from }) => from === of || from.startsWith(`${of}.`));
      } else if (each.do === 'handler' && 'level' in each) {
        const handler = new Noting(each.level);
        handlers.push(handler);
        logger.addHandler(handler);
      } else if ('level' in each) {
        logger.log(each.level, 'x');
        noted.push([
          logger.getEffectiveLevel(),
          logger.isEnabledFor(each.level),
          logger.hasHandlers(),
          logger.parent?.name.replace(`ours${number}`, ''),
        ]);
      }
    }
    const seen = handlers.map((handler) => handler.seen.map((text) => text.replace(/^[^.]*\./, '').replace(/:x$/, '')));
    return [noted, seen];
  });
  const wrong = runs.flatMap((steps, i) =>
    JSON.stringify(ours[i]) === JSON.stringify(expected[i]) ? [] : [{ steps, ours: ours[i], expected: expected[i] }],
  );
  expect(wrong.slice(0, 2)).toEqual([]);
});

test('loggers of another class', () => {
  class Loud extends Logger {
    readonly isLoud = true;
  }
  setLoggerClass(Loud);
  expect(getLoggerClass()).toBe(Loud);
  expect(getLogger('manager.loud')).toBeInstanceOf(Loud);
  setLoggerClass(Logger);
  expect(getLogger('manager.quiet')).not.toBeInstanceOf(Loud);
  expect(() => setLoggerClass(class Other {} as never)).toThrow(TypeError);
});

test('the children of a logger', () => {
  getLogger('manager.kin.one.deep');
  const [one, two] = [getLogger('manager.kin.one'), getLogger('manager.kin.two')];
  expect(childrenOf(getLogger('manager.kin'))).toEqual(new Set([one, two]));
});

test('records of another factory', () => {
  const before = getLogRecordFactory();
  setLogRecordFactory((...args) => Object.assign(before(...args), { host: 'here' }));
  try {
    const records: LogRecord[] = [];
    const logger = getLogger('manager.factory');
    logger.propagate = false;
    logger.addHandler(Object.assign(new Noting(), { emit: (record: LogRecord) => records.push(record) }));
    logger.error('x');
    expect(records).toMatchObject([{ host: 'here' }]);
  } finally {
    setLogRecordFactory(before);
  }
});

test('an adapter adds what belongs to the context, and names the caller', () => {
  const records: LogRecord[] = [];
  const logger = getLogger('manager.adapter');
  logger.propagate = false;
  logger.addHandler(
    Object.assign(new Noting(), {
      emit: (record: LogRecord) => {
        void record.funcName;
        records.push(record);
      },
    }),
  );
  const adapter = new LoggerAdapter(logger, { user: 'ann' });
  (function work(): void {
    adapter.error('one %d', 1, { extra: { user: 'bob', ip: '::1' } });
    new LoggerAdapter(logger, { user: 'ann' }, { mergeExtra: true }).error('two', { extra: { ip: '::1' } });
    adapter.debug('never');
    new LoggerAdapter(adapter).exception(new Error('bad'));
  })();
  expect(records.map((record) => record.getMessage())).toEqual(['one 1', 'two', 'Error: bad']);
  expect(records[0]).toMatchObject({ user: 'ann', funcName: 'work' });
  expect(records[0]).not.toHaveProperty('ip');
  expect(records[1]).toMatchObject({ user: 'ann', ip: '::1', funcName: 'work' });
  expect(records[2]).toMatchObject({ levelname: 'ERROR', excInfo: expect.any(Error), funcName: 'work' });
  class Prefixed extends LoggerAdapter {
    override process(msg: unknown, options: object): [unknown, object] {
      return [`[${this.extra?.user}] ${msg}`, options];
    }
  }
  new Prefixed(logger, { user: 'eve' }).error('three');
  expect(records[3]?.getMessage()).toBe('[eve] three');
});

test('a task has a name, in all that it awaits', async () => {
  const names: (string | null)[] = [];
  const logger = getLogger('manager.task');
  logger.propagate = false;
  logger.addHandler(Object.assign(new Noting(), { emit: (record: LogRecord) => names.push(record.taskName) }));
  await runTask('import', async () => {
    await Promise.resolve();
    logger.error('x');
  });
  logger.error('x');
  expect(names).toEqual(['import', null]);
});
