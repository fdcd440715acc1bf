/** Years, months, days and the local zone → µs since the epoch. */

export function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export const isDate = (year: number, month: number, day: number): boolean =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);

/** Dates to times. Neighbouring lines share their minute: the last day and the last local minute are kept. */
export class Calendar {
  private day = Number.NaN;
  private dayMicros = 0;
  private utcMinute = Number.NaN;
  private localMinute = 0;

  /**
   * µs of a minute.
   * @param offset from UTC in minutes; null for the machine's zone
   */
  minute(year: number, month: number, day: number, hour: number, minute: number, offset: number | null): number {
    const number = (year * 16 + month) * 32 + day;
    if (number !== this.day) {
      this.day = number;
      const date = new Date(0);
      date.setUTCFullYear(year, month - 1, day);
      this.dayMicros = date.getTime() * 1000;
    }
    const utc = this.dayMicros + (hour * 60 + minute) * 60e6;
    return offset === null ? this.local(utc) : utc - offset * 60e6;
  }

  /** A minute that was read as if it were UTC, in the machine's zone. */
  local(utcMinute: number): number {
    if (utcMinute !== this.utcMinute) {
      this.utcMinute = utcMinute;
      const utc = new Date(utcMinute / 1000);
      const local = new Date(0);
      local.setFullYear(utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate());
      local.setHours(utc.getUTCHours(), utc.getUTCMinutes(), 0, 0);
      this.localMinute = local.getTime() * 1000;
    }
    return this.localMinute;
  }
}
