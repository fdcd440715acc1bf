import type { FrameLink, Row } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import { foldedRun, runStretches } from './libraryRuns.ts';
import type { Look } from './look.ts';
import type { Matcher } from './patterns.ts';
import { type Stretch, segments } from './segments.ts';
import { type SafeText, type Style, safeText } from './text.ts';

const frames = new WeakMap<Element, Pick<FrameLink, 'place'>>();

/** What a drawn link opens. */
export function frameOf(element: Element): Pick<FrameLink, 'place'> | undefined {
  return frames.get(element);
}

/**
 * A text of the log in its pieces: ANSI styles, highlights, what was searched for, and links, over each other.
 * @param options runsOf: the row whose runs of library frames are folded; tabbable: whether the Tab key goes to the links
 */
export function* drawText(
  raw: string,
  frameLinks: readonly FrameLink[],
  look: Pick<Look, 'ansi' | 'highlights' | 'find'>,
  { runsOf, tabbable = false }: { runsOf?: Row; tabbable?: boolean } = {},
): Generator<Node> {
  const safe = safeText(raw, look.ansi);
  const lineStarts = frameLinks.length > 0 || runsOf ? startsOf(raw) : [];
  const links = placeLinks(safe, frameLinks, lineStarts);
  const runs = runsOf ? runStretches(runsOf, safe, lineStarts) : [];
  const hits = look.find ? inLines(safe.text, look.find) : [];
  const layers = [links, hits, safe.styles, runs, ...look.highlights.map(({ matches }) => inLines(safe.text, matches))];
  if (layers.every((layer) => layer.length === 0)) {
    yield document.createTextNode(safe.text);
    return;
  }
  let anchor: HTMLElement | null = null;
  let anchored = -1;
  let folded = -1;
  let inside: HTMLElement | null = null;
  for (const { start, end, on } of segments(safe.text.length, layers)) {
    const [link = -1, hit = -1, style = -1, run = -1, ...colors] = on;
    const color = look.highlights[colors.findIndex((index) => index >= 0)]?.color;
    const piece = styled(safe.text.slice(start, end), safe.styles[style]?.style, color, hit >= 0);
    if (run !== folded) {
      folded = run;
      const stretch = runs[run];
      inside = null;
      if (runsOf && stretch) {
        const drawn = foldedRun(runsOf.id, stretch, safe.text, hits);
        inside = drawn.lines;
        yield drawn.element;
      }
    }
    let node = piece;
    if (link < 0) anchored = -1;
    else if (anchor && link === anchored) {
      anchor.append(piece);
      continue;
    } else {
      anchor = frameLink(links[link]?.link);
      if (tabbable) anchor.tabIndex = 0;
      anchor.append(piece);
      anchored = link;
      node = anchor;
    }
    if (inside) inside.append(node);
    else yield node;
  }
}

/** A link to a place in the code. It gets its text from whoever draws it. */
export function frameLink(link: (Pick<FrameLink, 'place'> & { library?: boolean }) | undefined): HTMLElement {
  const element = document.createElement('a');
  element.className = link?.library === false ? 'frame own' : 'frame';
  element.setAttribute('role', 'link');
  element.tabIndex = -1;
  if (link) {
    frames.set(element, link);
    element.title = safeText(t('Open {0}', `${link.place.path}:${link.place.line}`), 'raw').text;
  }
  return element;
}

function styled(text: string, style: Style | undefined, color: string | undefined, hit: boolean): Node {
  if (!style && !color && !hit) return document.createTextNode(text);
  const element = document.createElement(hit ? 'mark' : 'span');
  element.textContent = text;
  if (style) {
    element.className = style.decorations.join(' ');
    if (style.color) element.style.color = style.color;
    if (style.background && !hit) element.style.backgroundColor = style.background;
  }
  if (color) {
    element.classList.add('highlight');
    element.style.color = color;
  }
  return element;
}

function placeLinks(safe: SafeText, links: readonly FrameLink[], lineStarts: readonly number[]): (Stretch & { link: FrameLink })[] {
  const placed = links.flatMap((link) => {
    const line = lineStarts[link.textLine];
    if (line === undefined) return [];
    const stretch = { start: safe.column(line + link.start), end: safe.column(line + link.end), link };
    return stretch.end > stretch.start ? [stretch] : [];
  });
  placed.sort((a, b) => a.start - b.start);
  return placed.filter((stretch, index) => index === 0 || stretch.start >= (placed[index - 1]?.end ?? 0));
}

/** Where each line of a text begins. */
function startsOf(raw: string): number[] {
  const starts = [0];
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function inLines(text: string, matches: Matcher): Stretch[] {
  const found: Stretch[] = [];
  for (let from = 0; from <= text.length; ) {
    const lineEnd = text.indexOf('\n', from);
    const to = lineEnd < 0 ? text.length : lineEnd;
    for (const [start, end] of matches(text.slice(from, to))) found.push({ start: from + start, end: from + end });
    from = to + 1;
  }
  return found;
}
