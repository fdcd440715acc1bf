import { type Bars, KINDS, pixelOf, spanOf, ticks, total } from './histogramScale.ts';
import type { Clock } from './time.ts';

/** Pixels under the bars for the times. */
export const AXIS = 15;
/** Pixels that a bar wants, the gap to the next one included. */
export const BAR = 5;
/** What there is at all must be seen. */
const LEAST = 2;
/** Pixels between two marks of the axis. */
const TICK = 110;

export interface Picture {
  bars: Bars;
  clock: Clock;
  /** The bars that are being selected, first and last. */
  selected: readonly [number, number] | null;
  /** The bar that the keyboard is at. */
  cursor: number | null;
}

/** Draws on a canvas, as large as its CSS makes it. Colours come from its custom properties, which styles.ts takes from the theme. */
export function drawHistogram(canvas: HTMLCanvasElement, picture: Picture): void {
  const { bars } = picture;
  const { clientWidth: width, clientHeight } = canvas;
  const context = sized(canvas, width, clientHeight);
  if (!context || bars.counts.length === 0) return;
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim() || style.color;
  const patterned = style.getPropertyValue('--patterns').trim() === '1';
  const height = clientHeight - AXIS;
  const most = Math.max(1, ...bars.counts.map(total));
  const slot = width / bars.counts.length;
  const gap = slot >= 3 ? 1 : 0;
  const fills = KINDS.map(({ name }) => (patterned ? pattern(context, name, color(name)) : color(name)));
  bars.counts.forEach((counts, index) => {
    const left = Math.round(index * slot);
    const right = Math.max(left + 1, Math.round((index + 1) * slot) - gap);
    let bottom = height;
    counts.forEach((count, kind) => {
      if (count === 0) return;
      const tall = Math.min(bottom, Math.max(LEAST, Math.round((count / most) * (height - LEAST * 2))));
      bottom -= tall;
      context.fillStyle = fills[kind] ?? style.color;
      context.fillRect(left, bottom, right - left, tall);
      if (!patterned || right - left < 3) return;
      context.strokeStyle = color(KINDS[kind]?.name ?? '');
      context.strokeRect(left + 0.5, bottom + 0.5, right - left - 1, tall - 1);
    });
  });
  outline(context, picture, width, height, color);
  axis(context, picture, width, height, style, color);
}

function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== tall) canvas.height = tall;
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

function outline(
  context: CanvasRenderingContext2D,
  { bars, selected, cursor }: Picture,
  width: number,
  height: number,
  color: Color,
): void {
  const slot = width / bars.counts.length;
  const range = selected ?? (cursor === null ? null : ([cursor, cursor] as const));
  if (!range) return;
  const [first, last] = range[0] <= range[1] ? range : [range[1], range[0]];
  const left = Math.max(0, Math.round(first * slot) - 1);
  const right = Math.min(width, Math.round((last + 1) * slot));
  if (selected) {
    context.fillStyle = color('brush');
    context.fillRect(left, 0, right - left, height);
  }
  context.strokeStyle = color('focus');
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, 0.5, Math.max(2, right - left - 1), height - 1);
}

function axis(
  context: CanvasRenderingContext2D,
  { bars, clock }: Picture,
  width: number,
  height: number,
  style: CSSStyleDeclaration,
  color: Color,
): void {
  context.fillStyle = color('line');
  context.fillRect(0, height, width, 1);
  context.fillStyle = color('text');
  context.font = `11px ${style.fontFamily}`;
  context.textBaseline = 'bottom';
  for (const { time, label } of ticks(spanOf(bars), clock, Math.max(1, Math.floor(width / TICK)))) {
    const x = Math.round(pixelOf(bars, time, width));
    context.fillRect(x, height, 1, 4);
    const wide = context.measureText(label).width;
    if (x + 4 + wide <= width) context.fillText(label, x + 4, height + AXIS);
  }
}

type Color = (name: string) => string;

/** High contrast themes tell levels apart by more than colour. */
function pattern(context: CanvasRenderingContext2D, kind: string, color: string): CanvasPattern | string {
  if (kind === 'error') return color;
  const size = 4;
  const tile = new OffscreenCanvas(size, size);
  const ink = tile.getContext('2d');
  if (!ink) return color;
  ink.fillStyle = color;
  if (kind === 'warning') for (let at = 0; at < size; at++) ink.fillRect(at, size - 1 - at, 1.5, 1.5);
  else if (kind === 'info') ink.fillRect(0, 0, size, 1);
  else if (kind === 'debug') ink.fillRect(0, 0, 1, 1);
  return context.createPattern(tile, 'repeat') ?? color;
}
