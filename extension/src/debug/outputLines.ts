/** Joins the fragments of one stream of a debug session's output to lines. Pure. */

/** A line that never ends is cut into pieces of this size (UTF-16 units), so that memory stays bounded. */
export const maxLine = 1024 * 1024;

export class OutputLines {
  #rest = '';

  /** Takes a fragment; gives the lines that end in it. The last one waits for its end. Takes time in proportion to the fragment. */
  push(fragment: string): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = fragment.indexOf('\n'); at !== -1; at = fragment.indexOf('\n', from)) {
      this.#take(fragment.slice(from, at), lines);
      lines.push(shown(this.#rest));
      this.#rest = '';
      from = at + 1;
    }
    this.#take(fragment.slice(from), lines);
    return lines;
  }

  /** The line that is still open, which is then over; undefined where there is none. */
  end(): string | undefined {
    const rest = shown(this.#rest);
    this.#rest = '';
    return rest === '' ? undefined : rest;
  }

  #take(part: string, lines: string[]): void {
    this.#rest += part;
    if (this.#rest.length <= maxLine) return;
    // Perhaps a progress bar, all of whose states but the last are gone.
    this.#rest = shown(this.#rest);
    while (this.#rest.length > maxLine) {
      const end = isHighSurrogate(this.#rest.charCodeAt(maxLine - 1)) ? maxLine - 1 : maxLine;
      lines.push(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end);
    }
  }
}

/** What a terminal would show in the end: a CR before the line's end belongs to that, any other one begins the line anew. */
function shown(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
