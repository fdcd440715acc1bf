/** Hides secrets by patterns that people give. RE2 takes time in proportion to the text, whatever the pattern and the text are. */
import { RE2JS } from 're2js';

const HIDDEN = '***';

export class Mask {
  /** What is wrong with patterns that cannot be used, in words for a person. */
  readonly problems: string[] = [];
  readonly #patterns: RE2JS[] = [];
  /** All of them in one, where that is possible: most texts have no secret, and are known not to have one by one look. */
  readonly #any: readonly RE2JS[];

  /** @param patterns in RE2's syntax (https://github.com/google/re2/wiki/Syntax) */
  constructor(patterns: readonly string[]) {
    const usable: string[] = [];
    for (const pattern of patterns) {
      if (pattern === '') continue;
      try {
        this.#patterns.push(RE2JS.compile(pattern));
        usable.push(pattern);
      } catch (error) {
        this.problems.push(`safelog.debug.mask: ${pattern} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.#any = usable.length > 0 ? (together(usable) ?? this.#patterns) : [];
  }

  /** The text with what the patterns' groups hold hidden; of a pattern without groups, with all that it matches. */
  apply(text: string): string {
    if (!this.#any.some((pattern) => pattern.test(text))) return text;
    return this.#patterns.reduce(hide, text);
  }
}

/** Undefined where two of them have groups of one name. */
function together(patterns: readonly string[]): RE2JS[] | undefined {
  try {
    return [RE2JS.compile(patterns.map((pattern) => `(?:${pattern})`).join('|'))];
  } catch {
    return undefined;
  }
}

function hide(text: string, pattern: RE2JS): string {
  const matcher = pattern.matcher(text);
  const groups = pattern.groupCount();
  let result = '';
  let at = 0;
  while (matcher.find()) {
    for (let group = groups === 0 ? 0 : 1; group <= groups; group++) {
      const [start, end] = [matcher.start(group), matcher.end(group)];
      // A group may have matched nothing, or be within another one.
      if (start < at || end <= start) continue;
      result += text.slice(at, start) + HIDDEN;
      at = end;
    }
  }
  return result + text.slice(at);
}
