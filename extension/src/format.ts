/** Short texts for sizes and times. Pure. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → `1.2 MB` (powers of 1000, as file managers count). */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** µs since the epoch → the local time of day when it is of the same day as `now`, else the date. */
export function formatWhen(micros: number, now: Date): string {
  const date = new Date(micros / 1000);
  return date.toDateString() === now.toDateString()
    ? date.toLocaleTimeString(undefined, { hour12: false })
    : date.toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}
