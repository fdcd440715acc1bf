import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConcurrentRotatingFileHandler } from '../concurrentRotatingFileHandler.ts';
import { FileHandler } from '../fileHandler.ts';
import { Formatter } from '../formatter.ts';
import { getHandlerByName, Handler } from '../handler.ts';
import type { LogRecord } from '../logRecord.ts';
import { getLogger } from '../manager.ts';
import { MemoryHandler } from '../memoryHandler.ts';
import { QueueHandler } from '../queueHandler.ts';
import { StreamHandler } from '../streamHandler.ts';
import { askPython } from '../testing/python.ts';
import { removeHandlers } from './apply.ts';
import { configureFromFile } from './configFile.ts';
import { dictConfig } from './dictConfig.ts';
import { fileConfig } from './fileConfig.ts';
import { IniFile } from './iniFile.ts';
import { listen, stopListening } from './listen.ts';
import { registerName, unregisterName } from './names.ts';

class Noting extends Handler {
  readonly seen: string[] = [];
  readonly prefix: string;
  colour = 'none';
  constructor({ prefix = '' }: { prefix?: string } = {}) {
    super();
    this.prefix = prefix;
  }
  override emit(record: LogRecord): void {
    this.seen.push(this.prefix + this.format(record));
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-'));
  registerName('myapp.Noting', Noting);
});
afterEach(() => {
  removeHandlers(getLogger());
  unregisterName('myapp.Noting');
  rmSync(folder, { recursive: true, force: true });
});

const noting = (name: string): Noting => {
  const handler = getHandlerByName(name);
  if (!(handler instanceof Noting)) throw new Error(`${name} is no Noting`);
  return handler;
};

test('ConfigParser files read as Python reads them', () => {
  const text = `[DEFAULT]
home = /srv
level: INFO
; a comment
[one]
path = %(home)s/app.log
  # not part of the value
  second line

  after an empty one
Key = a = b : c
raw = 100%%
empty =
[two]
path: %(own)s-%(level)s
own=x
`;
  const expected = askPython<Record<string, Record<string, string>>>(
    `
import configparser, json, sys
parser = configparser.ConfigParser({'given': 'from outside'})
parser.read_string(json.load(sys.stdin))
print(json.dumps({section: dict(parser[section]) for section in parser.sections()}))`,
    text,
  );
  const ini = new IniFile(text, { given: 'from outside' });
  for (const [section, values] of Object.entries(expected)) {
    for (const [key, value] of Object.entries(values)) expect(ini.get(section, key), `${section} ${key}`).toBe(value);
  }
  expect(Object.keys(expected.one ?? {}).length).toBe(7);
});

test.each([
  ['a line before all', 'x = 1\n[a]'],
  ['the same section twice', '[a]\n[a]'],
  ['the same key twice', '[a]\nx=1\nX=2'],
  ['neither', '[a]\nword'],
])('%s is refused, with its line', (_, text) => {
  expect(() => new IniFile(text)).toThrow(/^line \d+: /);
});

describe('fileConfig', () => {
  /** Python's HOWTO, its nine handlers, and concurrent-log-handler's. */
  const nine = (path: string): string => `
[loggers]
keys=root,log02,log03

[handlers]
keys=hand01,hand02,hand03,hand04,hand05,hand06,hand07,hand08,hand09

[formatters]
keys=form01,form02

[logger_root]
level=NOTSET
handlers=hand01

[logger_log02]
level=DEBUG
handlers=hand02
propagate=1
qualname=nine.log02

[logger_log03]
level=DEBUG
handlers=hand03,hand04,hand05,hand06,hand07,hand08,hand09
propagate=0
qualname=nine.log03

[handler_hand01]
class=StreamHandler
level=NOTSET
formatter=form01
args=(sys.stdout,)

[handler_hand02]
class=FileHandler
level=DEBUG
formatter=form01
args=('${path}/python.log', 'w')

[handler_hand03]
class=handlers.SocketHandler
level=INFO
formatter=form02
args=('localhost', handlers.DEFAULT_TCP_LOGGING_PORT)

[handler_hand04]
class=handlers.DatagramHandler
level=WARN
formatter=form01
args=('localhost', handlers.DEFAULT_UDP_LOGGING_PORT)

[handler_hand05]
class=handlers.SysLogHandler
level=ERROR
formatter=form01
args=(('localhost', handlers.SYSLOG_UDP_PORT), handlers.SysLogHandler.LOG_USER)

[handler_hand06]
class=handlers.NTEventLogHandler
level=CRITICAL
formatter=form01
args=('Python Application', '', 'Application')

[handler_hand07]
class=handlers.SMTPHandler
level=WARN
formatter=form01
args=('localhost', 'from@abc', ['user1@abc', 'user2@xyz'], 'Logger Subject')
kwargs={'timeout': 10.0}

[handler_hand08]
class=handlers.MemoryHandler
level=NOTSET
formatter=form02
target=
args=(10, ERROR)

[handler_hand09]
class=handlers.HTTPHandler
level=NOTSET
formatter=form01
args=('localhost:9022', '/log', 'GET')
kwargs={'secure': True}

[formatter_form01]
format=F1 %(asctime)s %(levelname)s %(message)s %(customfield)s
datefmt=
style=%
validate=True
defaults={'customfield': 'defaultvalue'}
class=logging.Formatter

[formatter_form02]
format=F2 %(asctime)s %(levelname)s %(message)s
class=logging.Formatter
`;

  test("Python's file with nine handlers, as Python configures it", () => {
    const text = nine(folder);
    // What a person sees of a configuration.
    const script = `
import json, logging, logging.config, io, sys
text = json.load(sys.stdin)
logging.config.fileConfig(io.StringIO(text))
def of(name):
    logger = logging.getLogger(name)
    return [logger.level, logger.propagate, logger.disabled, [[type(h).__name__, h.level, h.name, h.formatter._fmt] for h in logger.handlers]]
print(json.dumps([of(None), of('nine.log02'), of('nine.log03')]), file=sys.__stdout__)
import os
sys.__stdout__.flush()
os._exit(0)`;
    // Python 3.11 cannot do without its message about Windows, which it prints.
    const expected = askPython<unknown[]>(
      script.replace(
        'logging.config.fileConfig',
        'import contextlib\nwith contextlib.redirect_stdout(io.StringIO()): logging.config.fileConfig',
      ),
      text,
    );
    fileConfig({ text });
    const of = (name: string): unknown => {
      const logger = getLogger(name);
      const handlers = logger.handlers.map((handler) => [
        handler.constructor.name,
        handler.level,
        handler.name,
        formats.get(handler.formatter),
      ]);
      return [logger.level, logger.propagate, logger.disabled, handlers];
    };
    const formats = new Map([
      [getHandlerByName('hand01')?.formatter, 'F1 %(asctime)s %(levelname)s %(message)s %(customfield)s'],
      [getHandlerByName('hand03')?.formatter, 'F2 %(asctime)s %(levelname)s %(message)s'],
    ]);
    const ours = [of(''), of('nine.log02'), of('nine.log03')];
    // Python 3.11 keeps both as the numbers of the file.
    expect(JSON.stringify(ours)).toBe(
      JSON.stringify(expected).replace('[10,1,0,', '[10,true,false,').replace('[10,0,0,', '[10,false,false,'),
    );
    getLogger('nine.log02').info('hello');
    expect(readFileSync(join(folder, 'python.log'), 'utf8')).toMatch(/^F1 \S+ \S+ INFO hello defaultvalue\n$/);
    for (const handler of getLogger('nine.log03').handlers) handler.close();
    removeHandlers(getLogger('nine.log03'));
  });

  test.each(['handlers.ConcurrentRotatingFileHandler', 'concurrent_log_handler.ConcurrentRotatingFileHandler'])(
    "concurrent-log-handler's file with %s",
    (name) => {
      const path = join(folder, 'clh.log');
      fileConfig({
        text: `[loggers]\nkeys=root\n[handlers]\nkeys=hand01\n[formatters]\nkeys=form01\n[formatter_form01]\nformat=%(levelname)s %(message)s\n[logger_root]\nlevel=NOTSET\nhandlers=hand01\n[handler_hand01]\nclass=${name}\nlevel=NOTSET\nformatter=form01\nargs=("${path}", "a")\nkwargs={'backupCount': 5, 'maxBytes': 1048576, 'use_gzip': True, 'chmod': 0o640}\n`,
      });
      const [handler] = getLogger().handlers;
      expect(handler).toBeInstanceOf(ConcurrentRotatingFileHandler);
      expect(handler).toMatchObject({ maxBytes: 1_048_576, backupCount: 5 });
      getLogger().error('x');
      handler?.close();
      expect(readFileSync(path, 'utf8')).toBe('ERROR x\n');
    },
  );

  const minimal = (handler: string): string =>
    `[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\nlevel=INFO\n[handler_h]\n${handler}\n`;

  test.each([
    ['code', "class=StreamHandler\nargs=(__import__('os').system('touch /tmp/owned'),)", /neither a literal nor a name|no value|behind/],
    ['a name that nobody registered', 'class=os.system\nargs=()', /there is no "os.system"/],
    ['a value that is no tuple', 'class=StreamHandler\nargs=sys.stdout', /tuple/],
    ['more arguments than there are', "class=FileHandler\nargs=('a', 'b', 'c', 'd', 'e', 'f')", /arguments/],
  ])('%s is refused, never evaluated', (_, handler, message) => {
    expect(() => fileConfig({ text: minimal(handler) })).toThrow(message);
  });

  test('loggers that it does not name are disabled, unless told otherwise; a second call closes the first handlers', () => {
    const path = join(folder, 'a.log');
    fileConfig({ text: minimal(`class=FileHandler\nargs=('${path}',)`) });
    const [first] = getLogger().handlers;
    const other = getLogger('config.other');
    fileConfig({ text: minimal('class=myapp.Noting') }, { disableExistingLoggers: false });
    expect(other.disabled).toBe(false);
    expect(first).toBeInstanceOf(FileHandler);
    expect((first as FileHandler).fd).toBe(null);
    fileConfig({ text: minimal('class=myapp.Noting') });
    expect(other.disabled).toBe(true);
    other.disabled = false;
  });

  test('files by what they are called', () => {
    const config = { version: 1, handlers: { h: { class: 'myapp.Noting' } }, root: { level: 'INFO', handlers: ['h'] } };
    writeFileSync(join(folder, 'a.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'a.yaml'), 'version: 1\nhandlers:\n  h: {class: myapp.Noting}\nroot: {level: INFO, handlers: [h]}\n');
    writeFileSync(join(folder, 'a.conf'), minimal('class=myapp.Noting'));
    for (const name of ['a.json', 'a.yaml', 'a.conf']) {
      configureFromFile(join(folder, name));
      getLogger().info(name);
      expect(noting('h').seen).toEqual([name]);
    }
    expect(() => configureFromFile(join(folder, 'none.conf'))).toThrow(/no file/);
  });
});

describe('dictConfig', () => {
  test('formatters, filters, handlers, loggers; ext, cfg, factories and attributes', () => {
    class Upper extends Formatter {
      override format(record: LogRecord): string {
        return super.format(record).toUpperCase();
      }
    }
    registerName('myapp.Upper', Upper);
    registerName(
      'myapp.noNoise',
      ({ word }: { word: string }) =>
        (record: LogRecord) =>
          !record.getMessage().includes(word),
    );
    dictConfig({
      version: 1,
      formatters: {
        brief: { format: '%(levelname)s:%(message)s' },
        braces: { format: '{levelname}-{message}-{who}', style: '{', defaults: { who: 'nobody' } },
        upper: { '()': 'myapp.Upper', fmt: '%(message)s' },
      },
      filters: { only: { name: 'config.a' }, quiet: { '()': 'myapp.noNoise', word: 'cfg://words.noise' } },
      words: { noise: 'noise' },
      handlers: {
        one: { class: 'myapp.Noting', formatter: 'brief', filters: ['only', 'quiet'], level: 'INFO', prefix: '> ', '.': { colour: 'red' } },
        two: { '()': 'myapp.Noting', formatter: 'braces' },
        three: { class: 'myapp.Noting', formatter: 'upper' },
        memory: { class: 'logging.handlers.MemoryHandler', capacity: 10, target: 'three' },
        out: { class: 'logging.StreamHandler', stream: 'ext://sys.stdout', level: 'CRITICAL' },
      },
      loggers: {
        'config.a': { level: 'DEBUG', handlers: ['two', 'memory'], propagate: true },
        'config.b': { handlers: [], propagate: false },
      },
      root: { level: 'WARNING', handlers: ['one', 'out'] },
    });
    getLogger('config.a').info('hello');
    getLogger('config.a').info('noise');
    getLogger('config.a.x').debug('deep');
    expect(noting('one').seen).toEqual(['> INFO:hello']);
    expect(noting('one').colour).toBe('red');
    expect(noting('two').seen).toEqual(['INFO-hello-nobody', 'INFO-noise-nobody', 'DEBUG-deep-nobody']);
    expect(noting('three').seen).toEqual([]);
    getLogger('config.a').error('flush');
    expect(noting('three').seen).toEqual(['HELLO', 'NOISE', 'DEEP', 'FLUSH']);
    const [out] = getLogger().handlers.slice(1);
    expect(out).toBeInstanceOf(StreamHandler);
    expect((out as StreamHandler).stream).toBe(process.stdout);
    dictConfig({
      version: 1,
      incremental: true,
      handlers: { one: { level: 'ERROR' } },
      loggers: { 'config.a': { level: 'ERROR', propagate: false } },
      root: { level: 'INFO' },
    });
    expect([noting('one').level, getLogger('config.a').level, getLogger('config.a').propagate, getLogger().level]).toEqual([
      40,
      40,
      false,
      20,
    ]);
    expect(getHandlerByName('memory')).toBeInstanceOf(MemoryHandler);
  });

  test('loggers that are not named are disabled, but not the children of those that are', () => {
    const [gone, child] = [getLogger('config.gone'), getLogger('config.kept.child')];
    child.addHandler(new Noting());
    child.setLevel('ERROR');
    dictConfig({ version: 1, loggers: { 'config.kept': { level: 'INFO' } } });
    expect([gone.disabled, child.disabled, child.level, child.handlers.length]).toEqual([true, false, 0, 0]);
    gone.disabled = false;
    dictConfig({ version: 1, disable_existing_loggers: false });
    expect(gone.disabled).toBe(false);
  });

  test('formatters of other classes, validated or not', () => {
    class Lenient extends Formatter {}
    registerName('myapp.Lenient', Lenient);
    registerName('myapp.makeFormatter', ({ fmt }: { fmt: string }) => new Formatter(`${fmt} made`));
    const configure = (formatter: object) =>
      dictConfig({
        version: 1,
        formatters: { f: formatter },
        handlers: { h: { class: 'myapp.Noting', formatter: 'f' } },
        root: { level: 'INFO', handlers: ['h'] },
      });
    const shown = (): string | undefined => {
      getLogger().info('x');
      return noting('h').seen.at(-1);
    };
    configure({ class: 'myapp.Lenient', format: '%(levelname)s %(message)s' });
    expect(shown()).toBe('INFO x');
    configure({ class: 'myapp.Lenient', format: 'nothing', validate: false });
    expect(shown()).toBe('nothing');
    expect(() => configure({ class: 'myapp.Lenient', format: 'nothing' })).toThrow(/formatter 'f'.*Invalid format/);
    expect(() => configure({ '()': 'myapp.Lenient', format: 'nothing' })).toThrow(/Invalid format/);
    configure({ '()': 'myapp.makeFormatter', fmt: '%(message)s' });
    expect(shown()).toBe('x made');
  });

  test('filters that are functions or objects', () => {
    const deny = (word: string) => (record: LogRecord) => record.getMessage() !== word;
    dictConfig({
      version: 1,
      filters: { two: { '()': () => deny('two') } },
      handlers: { h: { class: 'myapp.Noting', filters: [deny('one'), 'two', { filter: deny('three') }] } },
      root: { level: 'INFO', handlers: ['h'] },
    });
    for (const word of ['one', 'two', 'three', 'four']) getLogger().info(word);
    expect(noting('h').seen).toEqual(['four']);
  });

  test('a logger that was disabled is enabled by being named', () => {
    const logger = getLogger('config.again');
    dictConfig({ version: 1 });
    expect(logger.disabled).toBe(true);
    dictConfig({ version: 1, loggers: { 'config.again': { level: 'INFO' } } });
    expect(logger.disabled).toBe(false);
  });

  test('a queue handler with its listener and handlers', async () => {
    dictConfig({
      version: 1,
      handlers: {
        noting: { class: 'myapp.Noting', level: 'ERROR' },
        queued: { class: 'logging.handlers.QueueHandler', handlers: ['noting'], respect_handler_level: true },
      },
      loggers: { 'config.queued': { level: 'DEBUG', handlers: ['queued'], propagate: false } },
    });
    const handler = getHandlerByName('queued');
    expect(handler).toBeInstanceOf(QueueHandler);
    const { listener } = handler as QueueHandler;
    getLogger('config.queued').info('one');
    getLogger('config.queued').error('two');
    expect(noting('noting').seen).toEqual([]);
    listener?.start();
    await listener?.stop();
    expect(noting('noting').seen).toEqual(['two']);
  });

  test.each<[string, unknown, RegExp]>([
    ['no object', 'x', /object/],
    ['no version', {}, /version/],
    ['another version', { version: 2 }, /Unsupported version/],
    ['a class that there is not', { version: 1, handlers: { h: { class: 'os.System' } } }, /handler 'h'.*there is no "os.System"/],
    ['a level that there is not', { version: 1, root: { level: 'LOUD' } }, /root logger.*LOUD/],
    ['a formatter that there is not', { version: 1, handlers: { h: { class: 'NullHandler', formatter: 'f' } } }, /formatter 'f'/],
    ['a handler that there is not', { version: 1, root: { handlers: ['h'] } }, /handler 'h'/],
    ['a filter that there is not', { version: 1, root: { filters: ['f'] } }, /filter 'f'/],
    ['a handler that needs itself', { version: 1, handlers: { h: { class: 'MemoryHandler', capacity: 1, target: 'h' } } }, /needs itself/],
    ['a bad format', { version: 1, formatters: { f: { format: 'none' } } }, /formatter 'f'/],
    ['a list where an object should be', { version: 1, handlers: [] }, /handlers is no object/],
    ['a circle', { version: 1, handlers: { h: { class: 'NullHandler', x: 'cfg://handlers.h.x' } } }, /circle/],
  ])('%s is refused, and its place is said', (_, config, message) => {
    expect(() => dictConfig(config)).toThrow(message);
  });
});

describe('listen', () => {
  const send = (port: number, text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.from(text);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(bytes.length);
      const socket = connect({ host: '127.0.0.1', port }, () => socket.end(Buffer.concat([head, bytes])));
      socket.resume();
      socket.once('close', () => resolve());
      socket.once('error', reject);
    });
  const config = (name: string): string =>
    JSON.stringify({
      version: 1,
      disable_existing_loggers: false,
      handlers: { l: { class: name } },
      root: { level: 'INFO', handlers: ['l'] },
    });

  test('takes names that the program registered or allowed, and no others', async () => {
    const errors: string[] = [];
    const port = await listen(0, { onError: (error) => errors.push(error.message) }).start();
    await send(port, config('logging.FileHandler'));
    await expect.poll(() => errors).toEqual([expect.stringContaining('there is no "logging.FileHandler"')]);
    await send(port, config('myapp.Noting'));
    await expect.poll(() => getHandlerByName('l')).toBeInstanceOf(Noting);
    await stopListening();
    await expect(send(port, '')).rejects.toThrow('ECONNREFUSED');
    const allowing = await listen(0, { allow: ['StreamHandler'] }).start();
    await send(
      allowing,
      `[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\nlevel=INFO\n[handler_h]\nclass=StreamHandler\n`,
    );
    await expect.poll(() => getHandlerByName('h')).toBeInstanceOf(StreamHandler);
    await stopListening();
    await stopListening();
  });

  test('what is to be verified is used as verify gives it, or not at all', async () => {
    const port = await listen(0, { verify: (bytes) => (bytes.toString().startsWith('signed:') ? bytes.subarray(7) : null) }).start();
    await send(port, config('myapp.Noting').replace('"l"', '"unsigned"'));
    await send(port, `signed:${config('myapp.Noting')}`);
    await expect.poll(() => getHandlerByName('l')).toBeInstanceOf(Noting);
    expect(getHandlerByName('unsigned')).toBe(null);
    await stopListening();
  });
});
