import type { Micros } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, to be read: `171 µs`, `12.3 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function spanText(span: Micros): string {
  const size = Math.abs(Math.round(span));
  if (size < 1000) return `${size} µs`;
  // What would be rounded up to the next unit is told in that one.
  if (size < SECOND - 500) return `${Number((size / 1000).toPrecision(3))} ms`;
  if (size < MINUTE - 5000) return `${Number((size / SECOND).toPrecision(3))} s`;
  if (size < HOUR - SECOND / 2) return parts(size, MINUTE, 'min', SECOND, 's');
  if (size < DAY - MINUTE / 2) return parts(size, HOUR, 'h', MINUTE, 'min');
  return parts(size, DAY, 'd', HOUR, 'h');
}

/** How long from one row to another, to be compared with those above and below: `+0.012`, `-1:02:03.400`, `+4d 01:02:03.400`. */
export function deltaText(delta: Micros, microseconds: boolean): string {
  const size = Math.abs(Math.round(delta));
  // Cut off, as the digits of times are.
  const digits = String(size % SECOND)
    .padStart(6, '0')
    .slice(0, microseconds ? 6 : 3);
  const days = Math.floor(size / DAY);
  const hours = Math.floor(size / HOUR) % 24;
  const minutes = Math.floor(size / MINUTE) % 60;
  const seconds = Math.floor(size / SECOND) % 60;
  const sign = delta < 0 ? '-' : '+';
  if (days > 0) return `${sign}${days}d ${pad(hours)}:${pad(minutes)}:${pad(seconds)}.${digits}`;
  if (hours > 0) return `${sign}${hours}:${pad(minutes)}:${pad(seconds)}.${digits}`;
  if (minutes > 0) return `${sign}${minutes}:${pad(seconds)}.${digits}`;
  return `${sign}${seconds}.${digits}`;
}

/** How long ago: `now`, `5 s ago`, `2 min ago`, `3 h ago`, `4 d ago`; `in 5 s` where a clock is ahead. */
export function agoText(time: Micros, now: Micros): string {
  const size = Math.abs(now - time);
  if (size < SECOND) return t('now');
  const [count, unit] =
    size < MINUTE
      ? [size / SECOND, 's']
      : size < HOUR
        ? [size / MINUTE, 'min']
        : size < DAY
          ? [size / HOUR, 'h']
          : size < 365 * DAY
            ? [size / DAY, 'd']
            : [size / (365.25 * DAY), 'y'];
  const text = `${Math.floor(count)} ${unit}`;
  return time > now ? t('in {0}', text) : t('{0} ago', text);
}

function parts(size: number, large: number, largeName: string, small: number, smallName: string): string {
  const rounded = Math.round(size / small) * small;
  const rest = Math.round((rounded % large) / small);
  return `${Math.floor(rounded / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
