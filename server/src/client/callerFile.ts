/** The source file of the program that calls this library, through source maps. */

import { readFileSync } from 'node:fs';
import { findSourceMap, SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { callSites, type EntryPoint } from '../record/callSites.ts';

export type CallerFile =
  /** Absolute path of the source. */
  | { kind: 'file'; path: string }
  /** `node -e` and `node -p`. */
  | { kind: 'string' }
  /** A program that is read from stdin. */
  | { kind: 'stdin' }
  /** No frame has a file: a REPL, or a function made by `new Function`. */
  | { kind: 'unknown' };

/** So far out a frame with a file is looked for. */
const FRAMES = 32;

/** Node's own names of programs that are no files, with a number behind them since Node 22. */
const FROM_ARGUMENT = /^\[(worker )?eval\d*\](-|$)|^evalmachine\./;
const FROM_STDIN = /^\[stdin\d*\](-|$)/;

/** The file of the nearest frame outside of `entry`, a function of this library that the program has called and that still runs. */
export function findCallerFile(entry: EntryPoint): CallerFile {
  for (const frame of callSites(entry, FRAMES)) {
    // Code of eval() tells where it stands.
    const name = frame.isEval() ? evalOrigin(frame) : frame.getFileName();
    if (!name || name.startsWith('node:')) continue;
    if (FROM_ARGUMENT.test(name)) return { kind: 'string' };
    if (FROM_STDIN.test(name)) return { kind: 'stdin' };
    const path = toPath(name);
    if (path === undefined) return name.startsWith('data:') ? { kind: 'string' } : { kind: 'unknown' };
    // As ES modules both have this name, in the current directory.
    if (/[\\/]\[eval\d*\]$/.test(path)) return { kind: isArgument() ? 'string' : 'stdin' };
    return { kind: 'file', path: originalSource(path, frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1) };
  }
  return { kind: 'unknown' };
}

/** Node was given a program in its arguments, and does not read it from stdin. */
function isArgument(): boolean {
  return process.execArgv.some((argument) => /^(-e|-p|-pe|--eval(=.*)?|--print(=.*)?)$/s.test(argument));
}

/** The file that a place in a built file was made from; the file itself where no source map says so. Line and column from 1. */
export function originalSource(path: string, line: number, column: number): string {
  try {
    const map = findSourceMap(path) ?? readSourceMap(path);
    const entry = map?.findEntry(line - 1, column - 1);
    const source = entry && 'originalSource' in entry ? entry.originalSource : undefined;
    const only = map?.payload.sources.length === 1 ? map.payload.sources[0] : undefined;
    const name = source ?? only;
    if (!map || !name) return path;
    if (/^[a-z][a-z\d+.-]+:/i.test(name)) return name.startsWith('file:') ? fileURLToPath(name) : path;
    return resolve(dirname(path), map.payload.sourceRoot ?? '', name);
  } catch {
    // A map that cannot be read tells nothing: the built file is named.
    return path;
  }
}

/** `eval at f (/app/x.js:3:1)`, perhaps nested: the file in the innermost brackets. */
function evalOrigin(frame: NodeJS.CallSite): string | null {
  const origin = frame.getEvalOrigin();
  return /\(([^()]+):\d+:\d+\)/.exec(origin ?? '')?.[1] ?? frame.getFileName() ?? null;
}

/** Undefined for what is no file. Loaders put queries behind URLs. */
function toPath(name: string): string | undefined {
  if (name.startsWith('file:')) return fileURLToPath(name.replace(/[?#].*$/s, ''));
  if (/^[a-z][a-z\d+.-]+:/i.test(name)) return undefined;
  return resolve(name);
}

const LINK = /^\/[/*][#@]\s*sourceMappingURL=(\S+)/gm;
const DATA = /^data:application\/json[^,]*?(;base64)?,(.*)$/s;
/** The link is the last line. */
const MAX_SOURCE_BYTES = 64 * 2 ** 20;

/** The map that a file names in its last lines: beside it, or within it. Throws what reading it throws. */
function readSourceMap(path: string): SourceMap | undefined {
  const text = readFileSync(path, 'utf8');
  if (text.length > MAX_SOURCE_BYTES) return undefined;
  const link = [...text.matchAll(LINK)].at(-1)?.[1];
  if (link === undefined) return undefined;
  const data = DATA.exec(link);
  const json = data
    ? data[1]
      ? Buffer.from(data[2] ?? '', 'base64').toString()
      : decodeURIComponent(data[2] ?? '')
    : readFileSync(new URL(link, pathToFileURL(path)), 'utf8');
  return new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0]);
}
