/** Names against globs, messages against texts. */
import { regexProblem } from './query/regex.ts';

/** `*` and `?` are wildcards; the whole name has to match. At worst it takes as many steps as the product of both lengths. */
export function globMatcher(glob: string): (name: string) => boolean {
  if (!/[*?]/.test(glob)) return (name) => name === glob;
  const pattern = Array.from(glob.replaceAll(/\*+/g, '*'));
  return (name) => matchesGlob(pattern, Array.from(name));
}

/** By characters. Only the last `*` is ever tried with more: what an earlier one could take in addition, the last one can, too. */
function matchesGlob(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let taken = 0;
  while (next < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      taken = next;
    } else if (pattern[at] === '?' || pattern[at] === name[next]) {
      at++;
      next++;
    } else if (star === -1) return false;
    else {
      at = star + 1;
      next = ++taken;
    }
  }
  if (pattern[at] === '*') at++;
  return at === pattern.length;
}

/**
 * Matches a literal or a regex in a message.
 * @throws SyntaxError where the regex does not parse, or may take for ever
 */
export function textMatcher(text: string, isRegex: boolean, ignoreCase: boolean): (message: string) => boolean {
  if (!isRegex && !ignoreCase) return (message) => message.includes(text);
  const flags = ignoreCase ? 'i' : '';
  const problem = isRegex ? regexProblem(text, flags) : undefined;
  if (problem !== undefined) throw new SyntaxError(problem);
  const pattern = new RegExp(isRegex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), `${flags}u`);
  return (message) => pattern.test(message);
}
