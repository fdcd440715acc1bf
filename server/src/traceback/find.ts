import { readBrowser } from './browser.ts';
import { readDotnet } from './dotnet.ts';
import { readGo } from './go.ts';
import { readJava } from './java.ts';
import { Lines } from './lines.ts';
import { readNode } from './node.ts';
import { readPhp } from './php.ts';
import { readPython } from './python.ts';
import { readRuby } from './ruby.ts';
import { readRust } from './rust.ts';
import type { Trace } from './trace.ts';

/** Rust before V8, whose frames its second lines would be; Java and .NET before V8, which is the least strict. */
const readers = [readPython, readGo, readRust, readJava, readDotnet, readNode, readPhp, readRuby, readBrowser];

/** One of these is in every trace. Most texts have none. */
const signs = ['File "', 'at ', '^', 'goroutine ', ' panicked at ', '::', ':in ', '#0 ', '@'];

/**
 * The stack traces in a text of lines joined by LF, in their order; also parts of traces whose beginning is gone. Takes time in
 * proportion to the text, whatever it is: every reader decides by a bounded number of lines, and no line belongs to two traces.
 */
export function findTraces(text: string): Trace[] {
  if (!signs.some((sign) => text.includes(sign))) return [];
  const lines = new Lines(text);
  const traces: Trace[] = [];
  for (let at = 0; at < lines.length; ) {
    const trace = readTrace(lines, at);
    if (trace) {
      traces.push(trace);
      at = Math.max(at + 1, trace.end);
      lines.floor = at;
    } else at++;
  }
  return traces;
}

function readTrace(lines: Lines, at: number): Trace | null {
  if (lines.at(at) === '') return null;
  for (const read of readers) {
    const trace = read(lines, at);
    if (trace) return trace;
  }
  return null;
}
