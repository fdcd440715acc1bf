import { basicFormat, type FormatStyle } from '../record/formatStyle.ts';
import type { UnicodeErrorPolicy } from './encoding.ts';
import { FileHandler } from './fileHandler.ts';
import { Formatter } from './formatter.ts';
import type { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import { getLogger } from './manager.ts';
import { type LogStream, StreamHandler } from './streamHandler.ts';

export interface BasicConfigOptions {
  /** Writes to this file; else to `stream`, else to stderr. */
  filename?: string | undefined;
  /** Of the file; 'a' by default. */
  filemode?: string | undefined;
  /** `%(levelname)s:%(name)s:%(message)s` by default, in the style asked for. */
  format?: string | undefined;
  datefmt?: string | undefined;
  style?: FormatStyle | undefined;
  level?: Level | undefined;
  stream?: LogStream | undefined;
  /** Instead of `filename` and `stream`. Those without a formatter get the one of these options. */
  handlers?: readonly Handler[] | undefined;
  /** Removes and closes the handlers that the root has. Without it nothing is done where it has some. */
  force?: boolean | undefined;
  /** Of the file. */
  encoding?: string | null | undefined;
  /** Of the file; 'backslashreplace' by default. */
  errors?: UnicodeErrorPolicy | null | undefined;
}

const KEYS: readonly string[] = [
  'filename',
  'filemode',
  'format',
  'datefmt',
  'style',
  'level',
  'stream',
  'handlers',
  'force',
  'encoding',
  'errors',
] satisfies (keyof BasicConfigOptions)[];

/**
 * Gives the root a handler with a formatter, where it has none (https://docs.python.org/3/library/logging.html#logging.basicConfig).
 * Throws a RangeError for options that are unknown, or do not go together.
 */
export function basicConfig(options: BasicConfigOptions = {}): void {
  const root = getLogger();
  const { force = false, level, style = '%', errors = 'backslashreplace' } = options;
  const unknown = Object.keys(options).filter((key) => !KEYS.includes(key));
  if (force) {
    for (const handler of [...root.handlers]) {
      root.removeHandler(handler);
      handler.close();
    }
  }
  if (root.handlers.length > 0) return;
  if (unknown.length > 0) throw new RangeError(`Unrecognised argument(s): ${unknown.join(', ')}`);
  const { filename, stream, handlers } = options;
  if (handlers && (filename !== undefined || stream !== undefined))
    throw new RangeError("'stream' or 'filename' should not be specified together with 'handlers'");
  if (filename !== undefined && stream !== undefined) throw new RangeError("'stream' and 'filename' should not be specified together");
  const formatter = new Formatter(options.format ?? basicFormat(style), { datefmt: options.datefmt, style });
  const made = handlers ?? [
    filename === undefined
      ? new StreamHandler(stream)
      : new FileHandler(filename, { mode: options.filemode, encoding: options.encoding, errors }),
  ];
  for (const handler of made) {
    if (!handler.formatter) handler.setFormatter(formatter);
    root.addHandler(handler);
  }
  if (level !== undefined) root.setLevel(level);
}
