/** How much of a log that grows stands in the editor. Pure: sizes are UTF-16 code units. */

import type { TailPart, TailPlace } from '../../../server/src/protocol.ts';

const Mi = 1024 * 1024;

/** Read from the log's end to begin with, and by "load older" each time. */
export const step = Mi;
/** VS Code's window keeps about a byte for each one that was appended, until the document closes: then a new document takes over. */
export const turnover = 32 * Mi;
/** VS Code has no documents above 50 MB: what is older is loaded up to this, and no document is held larger. */
export const most = 32 * Mi;

export interface Limits {
  /** Above this the head is trimmed, while following. */
  window: number;
  /** What trimming leaves: less than the window, so that not every batch trims. */
  trimmedTo: number;
  /** While one has scrolled up the document grows to this, then new text waits outside. */
  held: number;
}

export function limitsOf(megabytes: number): Limits {
  const window = megabytes * Mi;
  return { window, trimmedTo: (window / 8) * 7, held: Math.max(window, Math.min(2 * window, most)) };
}

/** A part of the text that stands in the document. It ends with a line, but for the last one. */
export interface Extent {
  at: TailPlace | null;
  length: number;
  /** Line ends in it, as VS Code counts them. */
  lines: number;
}

/** What stands in the document, from its head to its end. */
export class Extents {
  #extents: Extent[] = [];
  #endsLine = true;
  length = 0;

  /** Where the text begins; undefined where there is none. */
  get first(): Extent | undefined {
    return this.#extents[0];
  }

  append({ text, at }: Pick<TailPart, 'text' | 'at'>): void {
    if (text === '') return;
    const last = this.#extents.at(-1);
    // A line that came in two parts belongs to one: the head is cut at lines only.
    if (last !== undefined && !this.#endsLine) {
      last.length += text.length;
      last.lines += countLines(text);
    } else this.#extents.push({ at, length: text.length, lines: countLines(text) });
    this.length += text.length;
    this.#endsLine = text.endsWith('\n');
  }

  prepend({ text, at }: Pick<TailPart, 'text' | 'at'>): void {
    this.#extents.unshift({ at, length: text.length, lines: countLines(text) });
    this.length += text.length;
  }

  /** Lets go of so many units at least from the head, in whole parts. @returns the lines that go; undefined where all goes */
  trim(atLeast: number): number | undefined {
    let lines = 0;
    for (let gone = 0; gone < atLeast; ) {
      const extent = this.#extents.shift();
      if (extent === undefined) break;
      gone += extent.length;
      lines += extent.lines;
      this.length -= extent.length;
    }
    if (this.#extents.length > 0) return lines;
    this.clear();
    return undefined;
  }

  clear(): void {
    this.#extents = [];
    this.#endsLine = true;
    this.length = 0;
  }
}

/** What a batch does to the document. `drop` counts from the document's head. */
export type Step = { kind: 'append' } | { kind: 'slide'; drop: number } | { kind: 'hold' };

/** `length` is the document's, `added` the batch's. */
export function nextStep(length: number, added: number, following: boolean, limits: Limits): Step {
  if (!following) return length + added > limits.held ? { kind: 'hold' } : { kind: 'append' };
  return length + added > limits.window ? { kind: 'slide', drop: Math.min(length, length + added - limits.trimmedTo) } : { kind: 'append' };
}

/** Parts that wait to be shown. Bounded: of more than a window's worth only the newest are kept. */
export class Pending {
  readonly #most: number;
  #parts: TailPart[] = [];
  #length = 0;
  #lines = 0;
  #dropped = false;

  /** @param most units that are kept; the newest part always is */
  constructor(most: number) {
    this.#most = most;
  }

  push(part: TailPart): void {
    if (part.text === '') return;
    this.#parts.push(part);
    this.#length += part.text.length;
    this.#lines += countLines(part.text);
    this.#keepNewest(this.#most);
  }

  get first(): TailPart | undefined {
    return this.#parts[0];
  }

  get length(): number {
    return this.#length;
  }

  /** Line ends that came since the last take, those that were dropped included. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * @param most units that are wanted of the newest; the newest part always is
   * @returns `gap` tells that text before it was dropped
   */
  take(most = Number.POSITIVE_INFINITY): { parts: TailPart[]; gap: boolean } {
    this.#keepNewest(most);
    const taken = { parts: this.#parts, gap: this.#dropped };
    this.#parts = [];
    this.#length = 0;
    this.#lines = 0;
    this.#dropped = false;
    return taken;
  }

  #keepNewest(most: number): void {
    while (this.#length > most && this.#parts.length > 1) {
      this.#length -= this.#parts.shift()?.text.length ?? 0;
      this.#dropped = true;
    }
  }
}

/** Line ends as VS Code's documents have them: a lone CR is one, too. */
export function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  if (!text.includes('\r')) return count;
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) if (text[at + 1] !== '\n') count++;
  return count;
}

/** The document's line for a line of a part that is told by its LFs, counted from the part's first one. */
export function lineOfLf(text: string, line: number): number {
  let at = 0;
  for (let i = 0; i < line; i++) {
    const lf = text.indexOf('\n', at);
    if (lf === -1) break;
    at = lf + 1;
  }
  return countLines(text.slice(0, at));
}
