/** Names against globs, messages against texts. */

/** `*` and `?` are wildcards; the whole name has to match. */
export function globMatcher(glob: string): (name: string) => boolean {
  if (!/[*?]/.test(glob)) return (name) => name === glob;
  const pattern = new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    'su',
  );
  return (name) => pattern.test(name);
}

/**
 * Matches a literal or a regex in a message.
 * @throws SyntaxError where the regex does not parse
 */
export function textMatcher(text: string, isRegex: boolean, ignoreCase: boolean): (message: string) => boolean {
  if (!isRegex && !ignoreCase) return (message) => message.includes(text);
  const pattern = new RegExp(isRegex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), ignoreCase ? 'iu' : 'u');
  return (message) => pattern.test(message);
}
