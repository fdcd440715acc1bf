/** What an exception is called: `TYPE: MESSAGE` in the lines above its frames. V8, Java and .NET write it like that. */

import { isBlank, type Lines, MAX_MESSAGE } from './lines.ts';

export interface Named {
  type: string;
  message: string;
}

/** Names that end like this are those of exceptions, wherever they stand in a line. */
const TYPE_END = /(?:Error|Exception|Throwable|Failure|Fault|Rejection|Panic|Interrupt|Warning|Exit)$/;
/** A custom name, where nothing but a name can stand: at the beginning of a line. */
const NAME = /^[\p{L}_$][\p{L}\p{N}_$.+`]*$/u;

/** `TYPE: MESSAGE`, or `TYPE` alone, that fills a text from its beginning; whatever the name is. */
export function namedAtStart(text: string): Named | null {
  const colon = text.indexOf(':');
  const head = (colon < 0 ? text : text.slice(0, colon)).trimEnd();
  // Node adds the code to the name: `TypeError [ERR_X]: …`.
  const bracket = head.endsWith(']') ? head.indexOf(' [') : -1;
  const type = bracket > 0 ? head.slice(0, bracket) : head;
  if (!NAME.test(type) || (colon >= 0 && colon + 1 < text.length && !isBlank(text.charCodeAt(colon + 1)))) return null;
  return { type, message: colon < 0 ? '' : text.slice(colon + 1).trim() };
}

/** The first exception's name within a line, behind a stamp, a level and the text of a log's entry. */
export function namedWithin(text: string): Named | null {
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    if (at < text.length && !isBlank(code) && code !== COLON) continue;
    const ends = at === text.length || code === COLON || (isBlank(code) && text.charAt(at + 1) === '[');
    if (ends && at > from) {
      const word = text.slice(from, at);
      if (TYPE_END.test(word) && NAME.test(word)) return namedAtStart(text.slice(from));
    }
    from = at + 1;
  }
  return null;
}

/**
 * The exception that the lines above a trace's first frame name, and where. Looks no further than a message reaches; where no line has
 * a name in it that is certain, the line above the frames counts if it begins with any.
 */
export function headerAbove(lines: Lines, firstFrame: number, stop?: (content: string) => boolean): (Named & { textLine: number }) | null {
  for (let index = firstFrame - 1; index >= Math.max(lines.floor, firstFrame - MAX_MESSAGE); index--) {
    const content = lines.content(index);
    if (stop?.(content)) break;
    const named = namedWithin(content);
    if (!named) continue;
    const more = Array.from({ length: firstFrame - 1 - index }, (_, after) => lines.at(index + 1 + after).trimEnd());
    return { ...named, message: [named.message, ...more].join('\n'), textLine: index };
  }
  if (firstFrame <= lines.floor) return null;
  const named = namedAtStart(lines.content(firstFrame - 1));
  return named && /^\p{Lu}|\./u.test(named.type) ? { ...named, textLine: firstFrame - 1 } : null;
}

/** From the line of a name to the first frame: the message with its further lines, and the frame's index; null where no frame follows. */
export function messageUntil(
  lines: Lines,
  at: number,
  message: string,
  isFrame: (index: number) => boolean,
): { message: string; frame: number } | null {
  const parts = [message];
  for (let index = at + 1; index <= at + MAX_MESSAGE && index < lines.length; index++) {
    if (isFrame(index)) return { message: parts.join('\n'), frame: index };
    parts.push(lines.at(index).trimEnd());
  }
  return null;
}

const COLON = 0x3a;
