import type { FrameLink } from '../protocol.ts';
import { locateNode, locateNodeHeader } from './node.ts';
import { locatePython } from './python.ts';

/** Longer lines are no stack frames, and hostile text is not worth the time. UTF-16 units. */
const MAX_LINE = 4096;

/**
 * The stack frames in a text of lines joined by LF, and where they stand. Tracebacks of Python and of V8 (Node, Chromium). Takes time in
 * proportion to the text, whatever it is.
 */
export function findFrames(text: string): FrameLink[] {
  // Most records hold none.
  if (!text.includes('File "') && !text.includes('at ') && !text.includes('^')) return [];
  const lines = text.split('\n');
  const links: FrameLink[] = [];
  lines.forEach((line, textLine) => {
    if (line.length > MAX_LINE) return;
    const following = [lines[textLine + 1] ?? '', lines[textLine + 2] ?? ''].filter(({ length }) => length <= MAX_LINE);
    const located = locatePython(line) ?? locateNode(line) ?? locateNodeHeader(line, following);
    if (located) links.push({ textLine, ...located });
  });
  return links;
}
