/** How Python's arguments, which have an order and names, become those of our classes: required ones positional, others in one object. */

export interface Parameters {
  /** In Python's order and with Python's names; the first `positional` of them are positional here as well. */
  names: readonly string[];
  positional: number;
}

const FILE = ['filename', 'mode', 'encoding', 'delay', 'errors'];

/** Of the classes that this package has, by the last part of their names. */
const known: Readonly<Record<string, Parameters>> = {
  NullHandler: { names: [], positional: 0 },
  StreamHandler: { names: ['stream'], positional: 1 },
  FileHandler: { names: FILE, positional: 1 },
  WatchedFileHandler: { names: FILE, positional: 1 },
  RotatingFileHandler: { names: ['filename', 'mode', 'maxBytes', 'backupCount', 'encoding', 'delay', 'errors'], positional: 1 },
  TimedRotatingFileHandler: {
    names: ['filename', 'when', 'interval', 'backupCount', 'encoding', 'delay', 'utc', 'atTime', 'errors'],
    positional: 1,
  },
  ConcurrentRotatingFileHandler: {
    names: [
      ...['filename', 'mode', 'maxBytes', 'backupCount', 'encoding', 'debug', 'delay', 'use_gzip', 'owner', 'chmod', 'umask', 'newline'],
      ...['terminator', 'unicode_error_policy', 'lock_file_directory', 'keep_file_open'],
    ],
    positional: 1,
  },
  ConcurrentTimedRotatingFileHandler: {
    names: [
      ...['filename', 'when', 'interval', 'backupCount', 'encoding', 'delay', 'utc', 'atTime', 'errors', 'maxBytes', 'use_gzip', 'owner'],
      ...['chmod', 'umask', 'newline', 'terminator', 'unicode_error_policy', 'lock_file_directory', 'keep_file_open'],
    ],
    positional: 1,
  },
  SocketHandler: { names: ['host', 'port'], positional: 2 },
  DatagramHandler: { names: ['host', 'port'], positional: 2 },
  SysLogHandler: { names: ['address', 'facility', 'socktype'], positional: 0 },
  SMTPHandler: { names: ['mailhost', 'fromaddr', 'toaddrs', 'subject', 'credentials', 'secure', 'timeout'], positional: 4 },
  NTEventLogHandler: { names: ['appname', 'dllname', 'logtype'], positional: 1 },
  HTTPHandler: { names: ['host', 'url', 'method', 'secure', 'credentials', 'context'], positional: 2 },
  BufferingHandler: { names: ['capacity'], positional: 1 },
  MemoryHandler: { names: ['capacity', 'flushLevel', 'target', 'flushOnClose'], positional: 1 },
  QueueHandler: { names: ['queue'], positional: 1 },
  SafelogHandler: { names: [], positional: 0 },
  Formatter: { names: ['fmt', 'datefmt', 'style', 'validate', 'defaults'], positional: 1 },
  Filter: { names: ['name'], positional: 1 },
};

/**
 * The parameters of a class of this package, or of one of the program's: those of the class that it extends, unless it tells others in a
 * static property `parameters`.
 */
export function parametersOf(made: { readonly name: string }): Parameters {
  for (let at: unknown = made; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if ('parameters' in at && isParameters(at.parameters)) return at.parameters;
    const own = Object.hasOwn(known, at.name) ? known[at.name] : undefined;
    if (own) return own;
  }
  return { names: [], positional: 0 };
}

/**
 * The arguments of a constructor here, from Python's. Throws a TypeError for more positional ones than there are names, or one that is
 * given twice.
 */
export function toArguments(
  made: { readonly name: string },
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): unknown[] {
  const { names, positional } = parametersOf(made);
  const values = new Map<string, unknown>();
  for (const [i, value] of args.entries()) {
    const name = names[i];
    if (name === undefined) throw new TypeError(`${made.name} takes ${names.length} arguments in this way, not ${args.length}`);
    values.set(name, value);
  }
  for (const [name, value] of Object.entries(kwargs)) {
    const own = names.find((each) => each === name || camelCase(each) === name) ?? name;
    if (values.has(own)) throw new TypeError(`${made.name}: ${name} is given twice`);
    values.set(own, value);
  }
  const first = names.slice(0, positional);
  const options = [...values].filter(([name]) => !first.includes(name)).map(([name, value]) => [camelCase(name), value] as const);
  const required = first.map((name) => values.get(name));
  return options.length > 0 ? [...required, Object.fromEntries(options)] : required;
}

/** `use_gzip` → `useGzip`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function isParameters(value: unknown): value is Parameters {
  return (
    typeof value === 'object' &&
    value !== null &&
    'names' in value &&
    Array.isArray(value.names) &&
    'positional' in value &&
    typeof value.positional === 'number'
  );
}
