import type { Highlight } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';

/** Where something matches in a text; ascending, without overlaps. */
export type Range = readonly [start: number, end: number];

/** Finds a pattern in one line. */
export type Matcher = (line: string) => Range[];

export interface ColoredMatcher {
  matches: Matcher;
  /** A CSS colour. */
  color: string;
}

/** A regex is tried on this much of a line: its time may grow with any power of the length. */
const MAX_REGEX_TEXT = 1000;
const MAX_LITERAL_TEXT = 16_384;
const MAX_MATCHES = 200;
/** A regex that once took longer than this, in ms, is not used again: drawing must not wait for it. */
const TOO_SLOW = 30;

/**
 * Makes a matcher, or says why that cannot be.
 * @throws SyntaxError for a regex that does not parse, Error for one whose time may double with each character
 */
export function matcher(pattern: string, isRegex: boolean, matchCase: boolean): Matcher {
  if (pattern === '') return () => [];
  if (!isRegex) return literalMatcher(pattern, matchCase);
  return regexMatcher(new RegExp(pattern, matchCase ? 'gu' : 'giu'));
}

function literalMatcher(literal: string, matchCase: boolean): Matcher {
  // Through a regex, because lower-casing a text may change its length.
  const escaped = literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return limited(new RegExp(escaped, matchCase ? 'gu' : 'giu'), MAX_LITERAL_TEXT);
}

function regexMatcher(regex: RegExp): Matcher {
  if (nestsRepetition(regex.source)) throw new Error(t('A repetition within a repetition can take for ever'));
  const matches = limited(regex, MAX_REGEX_TEXT);
  let slow = false;
  return (line) => {
    if (slow) return [];
    const begun = performance.now();
    const found = matches(line);
    slow = performance.now() - begun > TOO_SLOW;
    return found;
  };
}

function limited(regex: RegExp, length: number): Matcher {
  return (line) => {
    const found: Range[] = [];
    for (const match of line.slice(0, length).matchAll(regex)) {
      if (match[0] !== '') found.push([match.index, match.index + match[0].length]);
      if (found.length >= MAX_MATCHES) break;
    }
    return found;
  };
}

/** Whether an unbounded repetition stands in a group that is itself repeated without bound, as in `(a+)+`. */
function nestsRepetition(source: string): boolean {
  const groups: boolean[] = [];
  let repeats = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === '\\') at++;
    else if (character === '[') {
      for (at++; at < source.length && source[at] !== ']'; at++) if (source[at] === '\\') at++;
    } else if (character === '(') {
      groups.push(repeats);
      repeats = false;
    } else if (character === ')') {
      const unbounded = /^(?:[*+]|\{\d+,\})/.test(source.slice(at + 1, at + 12));
      if (unbounded && repeats) return true;
      repeats ||= groups.pop() ?? false;
    } else if (character === '*' || character === '+' || (character === '{' && /^\{\d+,\}/.test(source.slice(at, at + 12)))) repeats = true;
  }
  return false;
}

/**
 * The matchers of the setting `safelog.highlights`. What cannot be used is left out, and told to `refuse` with the reason.
 * @param supports whether CSS knows a colour
 */
export function highlightMatchers(
  highlights: readonly Highlight[],
  supports: (color: string) => boolean,
  refuse: (pattern: string, reason: string) => void,
): ColoredMatcher[] {
  const matchers: ColoredMatcher[] = [];
  for (const { pattern, color } of highlights) {
    try {
      const regex = /^\/(.+)\/([a-z]*)$/s.exec(pattern);
      const flags = `${(regex?.[2] ?? '').replace(/[gyd]/g, '')}g`;
      const matches = regex ? regexMatcher(new RegExp(regex[1] ?? '', flags)) : matcher(pattern, false, true);
      matchers.push({ matches, color: themeColor(color, supports) });
    } catch (error) {
      refuse(pattern, error instanceof Error ? error.message : String(error));
    }
  }
  return matchers;
}

/** A CSS colour as it is, else the theme colour with that id (`charts.red` is `--vscode-charts-red`). */
function themeColor(color: string, supports: (color: string) => boolean): string {
  if (/^[a-zA-Z][\w]*(?:\.\w+)+$/.test(color)) return `var(--vscode-${color.replaceAll('.', '-')})`;
  if (supports(color)) return color;
  if (/^[a-zA-Z]\w*$/.test(color)) return `var(--vscode-${color})`;
  throw new Error(t('“{0}” is no colour', color));
}
