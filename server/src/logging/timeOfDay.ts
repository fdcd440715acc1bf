/** Seconds after midnight, of `HH:MM`, `HH:MM:SS`, or such seconds. Throws a RangeError for what is no time of the day. */
export function secondsOf(time: string | number): number {
  if (typeof time === 'number') return time;
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(time) ?? [];
  if (hours === undefined) throw new RangeError(`atTime: ${JSON.stringify(time)} is not a time of the day`);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
