/** Which logpoint a message comes from: DAP does not say that a message is one. Pure. */

import type { AdapterPlace, Logpoint } from './adapterMessages.ts';

interface Known extends Logpoint {
  file: string;
  /** What of the message stands between its `{expressions}`. */
  parts: string[];
}

export class Logpoints {
  readonly #byFile = new Map<string, Known[]>();

  /** All of a file, as `setBreakpoints` has it. */
  set(file: string, logpoints: readonly Logpoint[]): void {
    const known = logpoints.map((logpoint) => ({ ...logpoint, file, parts: logpoint.message.split(/\{[^{}]*\}/) }));
    if (known.length === 0) this.#byFile.delete(file);
    else this.#byFile.set(file, known);
  }

  /** The logpoint whose message this can be, at `place` where the adapter tells that; where several can, it has no place. */
  find(text: string, place: AdapterPlace | undefined): { place?: AdapterPlace } | undefined {
    if (this.#byFile.size === 0) return undefined;
    const all = [...this.#byFile.values()].flat();
    const found = all.filter((each) => (place === undefined || each.line === place.line) && fits(text, each.parts));
    const [first, second] = found;
    if (first === undefined) return undefined;
    if (place !== undefined) return { place };
    return second === undefined ? { place: { file: first.file, line: first.line } } : {};
  }
}

/** Whether the text begins with the first part, ends with the last, and has the others between, in their order. */
function fits(text: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  if (!text.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return text === first;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.endsWith(last) && text.length - last.length >= at;
}
