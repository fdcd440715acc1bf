/** How much of a log that grows stands in the editor. Pure: sizes are UTF-16 code units. */

const Mi = 1024 * 1024;

export const limits = {
  /** Read from the log's end to begin with. */
  first: Mi,
  /** Above this the head is trimmed, while following. */
  window: 8 * Mi,
  /** What trimming leaves: less than the window, so that not every batch trims. */
  trimmedTo: 7 * Mi,
  /** While one has scrolled up the document grows to this, then new text waits outside. */
  paused: 16 * Mi,
  /** VS Code's window keeps about a byte for each one that was appended, until the document closes: then a new document takes over. */
  turnover: 32 * Mi,
} as const;

/** What a batch does to the document. */
export type Step = { kind: 'append' } | { kind: 'slide'; drop: number } | { kind: 'hold' };

/** `length` is the document's, `added` the batch's. `drop` counts from the document's head; the caller rounds it up to whole lines. */
export function nextStep(length: number, added: number, following: boolean): Step {
  if (!following) return length + added > limits.paused ? { kind: 'hold' } : { kind: 'append' };
  return length + added > limits.window ? { kind: 'slide', drop: Math.min(length, length + added - limits.trimmedTo) } : { kind: 'append' };
}

/** Text that waits to be shown. Bounded: of more than a window's worth only the end is kept, from the start of a line. */
export class Pending {
  #parts: string[] = [];
  #length = 0;
  #lines = 0;
  #dropped = false;

  push(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    this.#lines += countLines(text);
    if (this.#length > 2 * limits.trimmedTo) this.#cut();
  }

  get length(): number {
    return this.#length;
  }

  /** Line ends that came since the last take, those that were dropped included. */
  get lines(): number {
    return this.#lines;
  }

  /** `gap` tells that text before it was dropped. */
  take(): { text: string; gap: boolean } {
    if (this.#length > limits.trimmedTo) this.#cut();
    const taken = { text: this.#parts.join(''), gap: this.#dropped };
    this.#parts = [];
    this.#length = 0;
    this.#lines = 0;
    this.#dropped = false;
    return taken;
  }

  #cut(): void {
    const text = this.#parts.join('').slice(-limits.trimmedTo);
    const line = text.indexOf('\n') + 1;
    this.#parts = [text.slice(line)];
    this.#length = text.length - line;
    this.#dropped = true;
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
