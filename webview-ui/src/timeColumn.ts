import type { Micros, Row, TimeColumn } from '../../server/src/protocol.ts';
import { agoText, deltaText } from './duration.ts';
import { t } from './l10n.ts';
import type { Clock } from './time.ts';

/** What a row's time is told by. */
export interface TimeReference {
  column: TimeColumn;
  clock: Clock;
  /** The row above. */
  previous: Row | undefined;
  /** The row with the focus. */
  selected: Row | undefined;
  now: Micros;
}

/** The ways to tell times, as the header and its menu call them. */
export const timeColumnNames: Record<TimeColumn, { label: string; help: string }> = {
  absolute: { label: t('Time'), help: t('When it was') },
  relative: { label: t('Age'), help: t('How long ago it was') },
  previous: { label: t('Since Previous'), help: t('How long after the entry above') },
  selected: { label: t('From Selected'), help: t('How long before or after the entry with the focus') },
};

/** What stands in the time's column of a row. */
export function timeColumnText(row: Row, { column, clock, previous, selected, now }: TimeReference): string {
  switch (column) {
    case 'absolute':
      return clock.time(row.time, row.offset);
    case 'relative':
      return agoText(row.time, now);
    case 'previous':
      return previous ? deltaText(row.time - previous.time, clock.microseconds) : '';
    case 'selected':
      return selected ? deltaText(row.time - selected.time, clock.microseconds) : '';
  }
}
