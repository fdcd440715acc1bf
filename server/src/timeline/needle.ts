/** What has to stand in the bytes of every record that passes: most records are then never decoded. */

import { isAscii } from 'node:buffer';
import type { NextPlace } from './places.ts';
import { placesOf } from './places.ts';

export interface Needle {
  /** In bytes: of two, the longer one is rarer. */
  readonly length: number;
  /** The places in a span. There may be a few too many, never one too few. */
  in(span: Buffer): NextPlace;
}

/** For texts in which the text stands, in the same case or, with `ignoreCase`, as a regex with the flags `iu` sees it. */
export function needleOf(text: string, ignoreCase: boolean): Needle | undefined {
  return ignoreCase ? folded(text) : exact(text);
}

/**
 * For texts in which a regex with the flag `u` matches: the longest text that every match holds, where there is one.
 * @param flags the others
 */
export function regexNeedle(source: string, flags: string): Needle | undefined {
  const parts = certainParts(source);
  return parts === undefined ? undefined : needleOf(longest(parts), flags.includes('i'));
}

/** What stands in a regex's source as it is, outside of groups; undefined where one of several alternatives is enough. */
function certainParts(source: string): string[] | undefined {
  const parts: string[] = [];
  let part = '';
  const end = (): void => {
    parts.push(part);
    part = '';
  };
  for (let at = 0; at < source.length; ) {
    const token = TOKEN.exec(source.slice(at))?.[0] ?? '';
    const [first = ''] = token;
    if (token === '' || first === '|') return undefined;
    if (first === '(') {
      end();
      at = groupEnd(source, at);
      continue;
    }
    at += token.length;
    const literal =
      first === '\\' ? (/^\\[\^$.*+?()[\]{}|/-]$/.test(token) ? token.slice(1) : '') : /[.^$[*+?{\r]/.test(first) ? '' : token;
    const repeat = /^(?:[*?]|\{0)/.test(source.slice(at));
    if (literal === '' || repeat) end();
    else part += literal;
    // What is repeated may stand there once more before what follows.
    if (/^[+{]/.test(source.slice(at))) end();
  }
  end();
  return parts;
}

/** A character, an escape, a class, a quantifier, or a group's beginning. */
const TOKEN = /^(?:\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-f]{4}|x[\da-f]{2}|c[a-z]|k<[^>]*>|\d+|.)|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|.)/isu;

/** The place behind a group that begins at `start`. */
function groupEnd(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; ) {
    const token = TOKEN.exec(source.slice(at))?.[0] ?? ' ';
    at += token.length;
    if (token === '(') depth++;
    else if (token === ')' && --depth === 0) return at;
  }
  return source.length;
}

const longest = (parts: readonly string[]): string => parts.reduce((best, part) => (part.length > best.length ? part : best), '');

const ASCII = /^[\x20-\x7e]+$/;

/** Whether those of its texts that have a needle are just those in which a text stands. */
export const isWholeNeedle = (text: string, ignoreCase: boolean): boolean =>
  ignoreCase ? ASCII.test(text) : !/[\r\n\uFFFD\uD800-\uDFFF]/.test(text);

/** Line ends may be CRLF in the file, and U+FFFD may be any byte there. */
function exact(text: string): Needle | undefined {
  const bytes = Buffer.from(longest(text.split(/[\n\uFFFD]/)));
  if (bytes.length === 0) return undefined;
  return { length: bytes.length, in: placesOf(bytes, false) ?? ((span) => (from) => span.indexOf(bytes, from)) };
}

const THIRD = [Buffer.from('ſ'), Buffer.from('\u212a')];
const hasThird = (span: Buffer): boolean => !isAscii(span) && THIRD.some((letter) => span.includes(letter));

/** Only ASCII has the same length in either case. Two of its letters have a third form: ſ and K (the Kelvin sign). */
function folded(text: string): Needle | undefined {
  const ascii = longest(text.split(/[^\x20-\x7e]+/));
  if (ascii === '') return undefined;
  const source = ascii
    .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    .replaceAll(/s/gi, '(?:s|\xc5\xbf)')
    .replaceAll(/k/gi, '(?:k|\xe2\x84\xaa)');
  const pattern = new RegExp(source, 'gi');
  const usual = placesOf(Buffer.from(ascii), true);
  const mayHaveThird = /[sk]/i.test(ascii);
  return {
    length: ascii.length,
    in: (span) => {
      if (usual !== undefined && !(mayHaveThird && hasThird(span))) return usual(span);
      const text = span.toString('latin1');
      return (from) => {
        pattern.lastIndex = from;
        return pattern.exec(text)?.index ?? -1;
      };
    },
  };
}
