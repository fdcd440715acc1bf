import Anser from 'anser';
import type { AnsiSetting } from '../../server/src/protocol.ts';

/** How a stretch of text is drawn. Colours are CSS colours that this module makes itself, never text of the log. */
export interface Style {
  color?: string;
  background?: string;
  /** Class names. */
  decorations: readonly string[];
}

export interface StyledRange {
  start: number;
  end: number;
  style: Style;
}

/** Log text made safe to draw: each control character is a picture of itself, and only colours and the like are left of the escapes. */
export interface SafeText {
  text: string;
  /** Ascending, without overlaps; the stretches between are plain. */
  styles: readonly StyledRange[];
  /** Where a column of the original stands in `text`. */
  column(original: number): number;
}

/** Select Graphic Rendition (ECMA-48 8.3.117), also with the colons of ITU T.416. */
const SGR = /\x1b\[([\d;:]*)m/y;
/** CSI, OSC and the other string controls, and the short escapes (ECMA-48, 5.3 to 5.6). Strings that never end stop at the line's. */
const ESCAPE =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]/y;
/** The controls of C0 but for TAB and LF, those of C1, and the characters that reorder text or end lines unseen. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** An entry that changes colours more often than this is not being read by anybody. */
const MAX_CHANGES = 1000;

const identity = (column: number): number => column;

/**
 * Makes an entry's text safe to draw.
 * @param raw may hold anything; lines end with LF
 * @param mode `draw` lets SGR act and shows the rest of the escapes, `strip` leaves all escapes out, `raw` shows all of them
 */
export function safeText(raw: string, mode: AnsiSetting): SafeText {
  if (mode === 'raw' || !/[\x1b\x90-\x9f]/.test(raw)) return { text: pictures(raw), styles: [], column: identity };
  const kept: string[] = [];
  const cuts: { original: number; at: number }[] = [];
  const styles: StyledRange[] = [];
  const pen = new Anser();
  let style: Style | undefined;
  let styledFrom = 0;
  let length = 0;
  let changes = 0;
  let plainFrom = 0;

  const keepUntil = (end: number): void => {
    if (end > plainFrom) kept.push(raw.slice(plainFrom, end));
    length += end - plainFrom;
  };
  for (let at = nextEscape(raw, 0); at >= 0; ) {
    const pattern = mode === 'draw' ? SGR : ESCAPE;
    pattern.lastIndex = at;
    const match = pattern.exec(raw);
    if (!match || changes > MAX_CHANGES) {
      at = nextEscape(raw, at + 1);
      continue;
    }
    keepUntil(at);
    plainFrom = at + match[0].length;
    cuts.push({ original: plainFrom, at: length });
    if (mode === 'draw') {
      changes++;
      if (style && length > styledFrom) styles.push({ start: styledFrom, end: length, style });
      style = restyle(pen, match[1] ?? '');
      styledFrom = length;
    }
    at = nextEscape(raw, plainFrom);
  }
  keepUntil(raw.length);
  if (style && length > styledFrom) styles.push({ start: styledFrom, end: length, style });
  return { text: pictures(kept.join('')), styles, column: (original) => columnAfter(cuts, original) };
}

function nextEscape(raw: string, from: number): number {
  for (let at = from; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === 0x1b || (code >= 0x90 && code <= 0x9f)) return at;
  }
  return -1;
}

function columnAfter(cuts: readonly { original: number; at: number }[], original: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle]?.original ?? 0) <= original) low = middle + 1;
    else high = middle;
  }
  const cut = cuts[low - 1];
  const column = cut ? cut.at + original - cut.original : original;
  return Math.min(column, cuts[low]?.at ?? column);
}

/** Shows control characters as the pictures of U+2400; one character for one, so that columns stay. */
function pictures(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Takes the parameters of one SGR into the pen. */
function restyle(pen: Anser, parameters: string): Style | undefined {
  const semicolons = parameters.replace(/\d+(?::\d*)+/g, (group) => {
    const parts = group.split(':');
    if (parts[0] === '4') return parts[1] === '0' ? '24' : '4';
    if (parts[1] === '2' && parts.length > 5) parts.splice(2, 1);
    return parts.join(';');
  });
  const drawn = pen.processChunk(`${semicolons.replaceAll(':', ';')}m`, { json: true, use_classes: true } as Anser.OptionsWithJson, true);
  if (!drawn.was_processed) return undefined;
  const style: Style = { decorations: [...new Set(drawn.decorations)].map((name) => `ansi-${name}`) };
  const color = cssColor(drawn.fg, drawn.fg_truecolor);
  const background = cssColor(drawn.bg, drawn.bg_truecolor);
  if (color) style.color = color;
  if (background) style.background = background;
  return style;
}

/** The theme's colour for the sixteen that have names; the cube, the greys and true colours as they are. */
function cssColor(name: string | null, trueColor: string | null): string | undefined {
  if (!name) return undefined;
  if (name === 'ansi-truecolor') return trueColor ? `rgb(${trueColor})` : undefined;
  const palette = /^ansi-palette-(\d+)$/.exec(name);
  if (palette) return paletteColor(Number(palette[1]));
  const named = name.slice('ansi-'.length).replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return `var(--vscode-terminal-ansi${named})`;
}

/** Colours 16 to 255 of xterm. */
function paletteColor(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const step = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return `rgb(${step(Math.floor(cube / 36))}, ${step(Math.floor(cube / 6) % 6)}, ${step(cube % 6)})`;
}
