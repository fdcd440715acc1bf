/** Regexes that people give: those that may take for ever are refused, because nothing can stop one that runs. */

const FLAGS = 'ims';

/** The flags in one order, each once, without `u`, which is always on. @returns undefined where one is not known */
export function tidyFlags(flags: string): string | undefined {
  if ([...flags].some((flag) => !`${FLAGS}u`.includes(flag))) return undefined;
  return [...FLAGS].filter((flag) => flags.includes(flag)).join('');
}

/** Why a regex cannot be used; undefined where it can. */
export function regexProblem(source: string, flags: string): string | undefined {
  try {
    new RegExp(source, `${flags}u`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return explodes(source, flags)
    ? 'a repetition in a repetition can take for ever: write a+ for (a+)+, and [ab]* for (a|[ab])*'
    : undefined;
}

/** `*`, `+`, or `{2,}`, lazy or not. */
const UNBOUNDED = /[*+]|\{\d+,\}/y;

function isUnbounded(source: string, at: number): boolean {
  UNBOUNDED.lastIndex = at;
  return UNBOUNDED.test(source);
}

/**
 * Whether the time may double with each character: in a group that is repeated without bound, as in `(a+)+`, something is repeated
 * without bound itself, or two alternatives are the same character, as in `(\w|\d)*`. The source has to parse.
 */
function explodes(source: string, flags: string): boolean {
  /** Of each open group: where it began, and whether something before it repeats. */
  const groups: { start: number; before: boolean }[] = [];
  let repeats = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === '\\') at++;
    else if (character === '[') at = classEnd(source, at);
    else if (character === '(') {
      groups.push({ start: at + 1, before: repeats });
      repeats = false;
    } else if (character === ')') {
      const group = groups.pop();
      if (group !== undefined && isUnbounded(source, at + 1)) {
        if (repeats || alternativesOverlap(source.slice(group.start, at).replace(/^\?(?:<\w+>|:)/, ''), flags)) return true;
        repeats = true;
      }
      repeats ||= group?.before ?? false;
    } else if (isUnbounded(source, at)) repeats = true;
  }
  return false;
}

function classEnd(source: string, start: number): number {
  let at = start + 1;
  for (; at < source.length && source[at] !== ']'; at++) if (source[at] === '\\') at++;
  return at;
}

/** One character: an escape, a class, the dot, or itself. */
const ATOM = /^(?:\\[^bBkpPucx0-9]|\[(?:\\.|[^\]\\])*\]|[^\\[\](){}*+?^$|])$/s;

function alternativesOverlap(body: string, flags: string): boolean {
  const atoms = alternatives(body)
    .filter((alternative) => ATOM.test(alternative))
    .map((atom) => new RegExp(`^${atom}$`, `${flags}u`));
  if (atoms.length < 2) return false;
  return Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).some(
    (character) => atoms.filter((atom) => atom.test(character)).length > 1,
  );
}

function alternatives(body: string): string[] {
  const found: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const character = body[at];
    if (character === '\\') at++;
    else if (character === '[') at = classEnd(body, at);
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '|' && depth === 0) {
      found.push(body.slice(start, at));
      start = at + 1;
    }
  }
  found.push(body.slice(start));
  return found;
}
