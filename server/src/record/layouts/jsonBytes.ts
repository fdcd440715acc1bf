/** Walking over JSON's bytes without parsing it. */
import { BACKSLASH, QUOTE } from '../bytes.ts';

/** The byte after a string whose quote stands at `at`; 0 where it does not end before `end`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i++;
  }
  return 0;
}

/** The text of a string's bytes between its quotes; whole escapes are read, and what is none is kept, as in a string that was cut. */
export function unescapeString(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    const text: unknown = JSON.parse(`"${raw}"`);
    if (typeof text === 'string') return text;
  } catch {
    // Cut, or not quite JSON: as far as it goes.
  }
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g, (_all, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (simple[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

const simple: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
