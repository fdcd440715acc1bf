/**
 * A text of several lines as it goes into a log: each line but the first, unless it is empty, has a TAB before it, so that no line of a
 * message reads as an entry of its own. Line ends are LF.
 */
export function markContinuations(text: string): string {
  return text.includes('\n') ? text.replace(/\n(?!\n|$)/g, '\n\t') : text;
}
