/** Python's configuration as a dictionary (https://docs.python.org/3/library/logging.config.html#dictionary-schema-details). */

import { Filter, type FilterLike } from '../filter.ts';
import { Formatter } from '../formatter.ts';
import { getHandlerByName, Handler } from '../handler.ts';
import type { Level } from '../levels.ts';
import type { Logger } from '../logger.ts';
import { LogQueue } from '../logQueue.ts';
import { getLogger } from '../manager.ts';
import { MemoryHandler } from '../memoryHandler.ts';
import { QueueHandler } from '../queueHandler.ts';
import { QueueListener } from '../queueListener.ts';
import { call, closeHandlers, leaveOthers, loggersBefore, make, removeFilters, removeHandlers } from './apply.ts';
import './builtIns.ts';
import { Converter } from './convert.ts';
import { allNames, type Names } from './names.ts';
import { type Dict, isDict, optionalDict, optionalList, optionalText } from './shape.ts';

export interface DictConfigOptions {
  /** Whose names the dictionary may use; by default what this package has and what registerName has made known. */
  names?: Names | undefined;
}

/**
 * Configures logging from an object, which may come from JSON or YAML. Keys are Python's; those of handlers may also be ours
 * (`use_gzip`, `useGzip`). Throws an Error that names the place. A configuration with `incremental` changes levels, filters and
 * propagation only.
 */
export function dictConfig(config: unknown, { names = allNames }: DictConfigOptions = {}): void {
  if (!isDict(config)) throw new TypeError('a configuration is an object');
  if (!('version' in config)) throw new RangeError("the configuration has no 'version'");
  if (config.version !== 1) throw new RangeError(`Unsupported version: ${String(config.version)}`);
  new Configurator(config, names).configure();
}

class Configurator {
  readonly #config: Dict;
  readonly #names: Names;
  readonly #convert: Converter;
  readonly #formatters = new Map<string, Formatter>();
  readonly #filters = new Map<string, FilterLike>();
  readonly #handlers = new Map<string, Handler>();
  /** Those that are being made: one that needs itself is found by it. */
  readonly #making = new Set<string>();

  constructor(config: Dict, names: Names) {
    this.#config = config;
    this.#names = names;
    this.#convert = new Converter(config, names);
  }

  configure(): void {
    if (this.#config.incremental === true) {
      this.#change();
      return;
    }
    const before = loggersBefore();
    closeHandlers();
    for (const [name, dict] of this.#entries('formatters'))
      this.#formatters.set(
        name,
        at(`formatter '${name}'`, () => this.#formatter(dict)),
      );
    for (const [name, dict] of this.#entries('filters'))
      this.#filters.set(
        name,
        at(`filter '${name}'`, () => this.#filter(dict)),
      );
    for (const [name] of this.#entries('handlers').sort(([a], [b]) => (a < b ? -1 : 1))) this.#handler(name);
    const loggers = this.#entries('loggers');
    for (const [name, dict] of loggers) {
      at(`logger '${name}'`, () => {
        const logger = getLogger(name);
        this.#install(logger, dict);
        logger.disabled = false;
        if (typeof dict.propagate === 'boolean' || typeof dict.propagate === 'number') logger.propagate = Boolean(dict.propagate);
      });
    }
    leaveOthers(
      before,
      loggers.map(([name]) => name),
      this.#config.disable_existing_loggers !== false,
    );
    const root = optionalDict(this.#config, 'root');
    if (root) at('root logger', () => this.#install(getLogger(), root));
  }

  #change(): void {
    for (const [name, dict] of this.#entries('handlers')) {
      at(`handler '${name}'`, () => {
        const handler = getHandlerByName(name);
        if (!handler) throw new RangeError('there is none of this name');
        if (dict.level) handler.setLevel(levelOf(dict.level));
      });
    }
    for (const [name, dict] of this.#entries('loggers')) {
      at(`logger '${name}'`, () => {
        const logger = getLogger(name);
        if (dict.level) logger.setLevel(levelOf(dict.level));
        if (dict.propagate !== undefined) logger.propagate = Boolean(dict.propagate);
      });
    }
    const root = optionalDict(this.#config, 'root');
    if (root?.level) at('root logger', () => getLogger().setLevel(levelOf(root.level)));
  }

  #entries(key: string): [name: string, dict: Dict][] {
    return Object.entries(optionalDict(this.#config, key) ?? {}).map(([name, dict]) => {
      if (!isDict(dict)) throw new TypeError(`${key}: ${name} is no object`);
      return [name, dict];
    });
  }

  #formatter(dict: Dict): Formatter {
    const { format, ...rest } = dict;
    const factory = dict['()'];
    if (factory !== undefined) {
      // Formatter's own argument has another name than the dictionary's key.
      const kwargs =
        'format' in dict && !('fmt' in dict) && isFormatterClass(this.#convert.factory(factory)) ? { ...rest, fmt: format } : dict;
      return instance(this.#convert.custom(kwargs), Formatter);
    }
    const { class: name, ...options } = rest;
    const made = name === undefined ? Formatter : this.#names.resolve(String(name));
    return instance(make(made, [], { fmt: format ?? undefined, ...this.#convert.all(options) }), Formatter);
  }

  #filter(dict: Dict): FilterLike {
    const made = '()' in dict ? this.#convert.custom(dict) : new Filter(optionalText(dict, 'name') ?? '');
    if (typeof made === 'function' || (typeof made === 'object' && made !== null && 'filter' in made)) return made as FilterLike;
    throw new TypeError('what was to be a filter has no filter()');
  }

  #handler(name: string): Handler {
    const known = this.#handlers.get(name);
    if (known) return known;
    return at(`handler '${name}'`, () => {
      const dict = optionalDict(optionalDict(this.#config, 'handlers') ?? {}, name);
      if (!dict) throw new RangeError('there is none of this name');
      if (this.#making.has(name)) throw new RangeError('it needs itself');
      this.#making.add(name);
      const handler = this.#makeHandler(dict);
      handler.name = name;
      this.#handlers.set(name, handler);
      this.#making.delete(name);
      return handler;
    });
  }

  #makeHandler(dict: Dict): Handler {
    const { class: name, level, formatter, filters, '.': properties, ...rest } = dict;
    let handler: Handler;
    if ('()' in dict)
      handler = instance(this.#convert.custom({ ...rest, ...(properties === undefined ? {} : { '.': properties }) }), Handler);
    else {
      const made = this.#names.resolve(String(name));
      const kwargs = this.#convert.all(rest);
      if (made === MemoryHandler && typeof kwargs.target === 'string') kwargs.target = this.#handler(kwargs.target);
      handler = isQueueHandler(made) ? this.#queueHandler(made, kwargs) : instance(make(made, [], kwargs), Handler);
      if (isDict(properties)) Object.assign(handler, this.#convert.all(properties));
    }
    if (formatter !== undefined && formatter !== null) handler.setFormatter(this.#known(this.#formatters, formatter, 'formatter'));
    if (level !== undefined && level !== null) handler.setLevel(levelOf(level));
    for (const filter of list(filters)) handler.addFilter(this.#filterOf(filter));
    return handler;
  }

  /** As in Python 3.12: `queue` and `listener` may be names or factories, `handlers` are those that the listener serves. */
  #queueHandler(made: typeof QueueHandler, { queue, listener, handlers, respect_handler_level, ...rest }: Dict): Handler {
    const theQueue = queue === undefined || queue === null ? new LogQueue() : this.#convert.factoryResult(queue);
    const served = list(handlers).map((each) => this.#handler(String(each)));
    const handler = make(made, [], { queue: theQueue, ...rest });
    if (!(handler instanceof QueueHandler)) throw new TypeError('the class is no QueueHandler');
    const Listener = listener === undefined || listener === null ? QueueListener : this.#convert.factory(listener);
    const options = { respectHandlerLevel: Boolean(respect_handler_level) };
    handler.listener = instance(call(Listener, [theQueue, ...served, options]), QueueListener);
    return handler;
  }

  #install(logger: Logger, dict: Dict): void {
    if (dict.level !== undefined && dict.level !== null) logger.setLevel(levelOf(dict.level));
    removeHandlers(logger);
    for (const name of optionalList(dict, 'handlers')) logger.addHandler(this.#handler(String(name)));
    removeFilters(logger);
    for (const filter of optionalList(dict, 'filters')) logger.addFilter(this.#filterOf(filter));
  }

  /** A filter by its name, or one itself, as in Python 3.11. */
  #filterOf(filter: unknown): FilterLike {
    if (typeof filter === 'function') return filter as FilterLike;
    if (typeof filter === 'object' && filter !== null && 'filter' in filter) return filter as FilterLike;
    return this.#known(this.#filters, filter, 'filter');
  }

  #known<T>(made: ReadonlyMap<string, T>, name: unknown, kind: string): T {
    const found = made.get(String(name));
    if (found === undefined) throw new RangeError(`there is no ${kind} '${String(name)}'`);
    return found;
  }
}

/** Says where an error stands. */
function at<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`Unable to configure ${place}: ${problem}`, { cause: error });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor.
function instance<T>(value: unknown, made: abstract new (...args: any[]) => T): T {
  if (value instanceof made) return value;
  throw new TypeError(`what was to be a ${made.name} is none`);
}

function levelOf(level: unknown): Level {
  if (typeof level === 'number' || typeof level === 'string') return level;
  throw new TypeError(`${String(level)} is no level`);
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

const isFormatterClass = (made: unknown): boolean =>
  typeof made === 'function' && (made === Formatter || made.prototype instanceof Formatter);

function isQueueHandler(made: unknown): made is typeof QueueHandler {
  return typeof made === 'function' && (made === QueueHandler || made.prototype instanceof QueueHandler);
}
