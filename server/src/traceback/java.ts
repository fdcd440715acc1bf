/**
 * The Java virtual machine: Java, Kotlin and what else runs on it (java.lang.Throwable's printStackTrace), as the loggers log4j and logback
 * write it, too. A frame names a class and a file without its folders: the place is made of both.
 */

import { headerAbove, messageUntil, namedAtStart } from './header.ts';
import { contentStart, isLine, type Lines, trimmedEnd } from './lines.ts';
import type { Frame, Role, Trace, TracedException } from './trace.ts';

const PLATFORM = ['java.', 'javax.', 'jdk.', 'sun.', 'com.sun.', 'kotlin.', 'kotlinx.', 'scala.', 'groovy.', 'clojure.', 'jakarta.'];
const PACKAGES = ['org.springframework.', 'org.apache.', 'org.junit.', 'org.hibernate.', 'org.eclipse.', 'org.gradle.', 'io.netty.'];
const MORE_PACKAGES = ['reactor.', 'com.google.common.', 'com.fasterxml.', 'ch.qos.logback.', 'org.slf4j.', 'org.jboss.', 'org.mockito.'];
const LIBRARIES = [...PLATFORM, ...PACKAGES, ...MORE_PACKAGES];
const INTRODUCTIONS: readonly [string, Role][] = [
  ['Caused by: ', 'cause'],
  ['Suppressed: ', 'suppressed'],
  // logback's root-cause-first: what was named before is the cause of this.
  ['Wrapped by: ', 'raised'],
];

/** Reads the trace whose first frame stands in a line. */
export function readJava(lines: Lines, at: number): Trace | null {
  if (!readJavaFrame(lines.at(at), at)) return null;
  const header = headerAbove(lines, at, (content) => readJavaFrame(content, 0) !== null);
  const introduced = header && introduction(lines.content(header.textLine));
  const first: TracedException = {
    role: introduced?.role ?? 'raised',
    type: header?.type ?? '',
    message: header?.message ?? '',
    textLine: header?.textLine ?? at,
    frames: [],
  };
  const exceptions = [first];
  let end = readFrames(lines, at, first);
  for (let opening = introduction(lines.content(end)); opening; opening = introduction(lines.content(end))) {
    const content = lines.content(end).slice(opening.length);
    // `[CIRCULAR REFERENCE: java.lang.X: …]` has no frames.
    const named = namedAtStart(content);
    const until = named && messageUntil(lines, end, named.message, (index) => isFrameOrMore(lines, index));
    if (!named || !until) break;
    if (opening.role === 'raised') for (const each of exceptions) if (each.role === 'raised') each.role = 'cause';
    const exception: TracedException = { role: opening.role, type: named.type, message: until.message, textLine: end, frames: [] };
    exceptions.push(exception);
    end = readFrames(lines, until.frame, exception);
  }
  return { language: 'java', start: first.textLine, end, newestFirst: true, exceptions };
}

function introduction(content: string): { role: Role; length: number } | null {
  const found = INTRODUCTIONS.find(([start]) => content.startsWith(start));
  return found ? { role: found[1], length: found[0].length } : null;
}

function readFrames(lines: Lines, at: number, exception: TracedException): number {
  let index = at;
  for (; index < lines.length; index++) {
    const frame = readJavaFrame(lines.at(index), index);
    if (frame) exception.frames.push(frame);
    else if (!isMore(lines.content(index))) break;
  }
  return index;
}

const isFrameOrMore = (lines: Lines, index: number): boolean =>
  readJavaFrame(lines.at(index), index) !== null || isMore(lines.content(index));

/** `... 12 more`, `... 3 common frames omitted`. */
const isMore = (content: string): boolean => /^\.{3} \d{1,9} (?:more|common frames omitted)$/.test(content);

/**
 * `at [LOADER/][MODULE[@VERSION]/]PACKAGE.Class.method(File.java:12)`, and what loggers add (` ~[app.jar:1.0]`). Instead of the file:
 * `Native Method`, `Unknown Source`, `<generated>`.
 */
function readJavaFrame(line: string, textLine: number): Frame | null {
  const at = contentStart(line);
  if (!line.startsWith('at ', at)) return null;
  const open = line.indexOf('(', at + 3);
  const close = line.indexOf(')', open);
  if (open <= at + 3 || close < open) return null;
  const behind = line.slice(close + 1, trimmedEnd(line));
  if (behind !== '' && !/^ ~?\[[^\]]*\]$/.test(behind)) return null;
  const called = line.slice(at + 3, open);
  // A method's name has no blanks before its parenthesis, as those of V8 have; but some of Kotlin's tests have them within.
  if (called.endsWith(' ') || !called.includes('.')) return null;
  const method = called.slice(called.lastIndexOf('/') + 1);
  const inner = line.slice(open + 1, close);
  const colon = inner.lastIndexOf(':');
  const file = colon < 0 ? inner : inner.slice(0, colon);
  const number = Number(inner.slice(colon + 1));
  const library = called.startsWith('java.') || called.startsWith('jdk.') || LIBRARIES.some((name) => method.startsWith(name));
  const frame = { textLine, startLine: textLine, endLine: textLine + 1, function: method, library };
  if (/^[\p{L}_$][\p{L}\p{N}_$-]*\.(?:java|kts?|scala|groovy|clj[cs]?)$/u.test(file)) {
    if (colon >= 0 && isLine(number)) {
      return { ...frame, start: open + 1, end: close, place: { path: `${folderOf(method)}${file}`, line: number } };
    }
  } else if (!/^(?:Native Method|Unknown Source|<[a-z]+>|SourceFile(?::\d+)?)$/.test(inner)) return null;
  return { ...frame, start: at, end: close + 1, place: null };
}

/** `com.acme.Shop$Till.sell` → `com/acme/`: what comes before the class, which is the first name that begins with a capital. */
function folderOf(method: string): string {
  const names = method.split('.');
  const known = names.findIndex((name) => /^\p{Lu}/u.test(name));
  const packages = names.slice(0, known < 0 ? -2 : known);
  return packages.length > 0 ? `${packages.join('/')}/` : '';
}
