import type { AnsiSetting } from '../../server/src/protocol.ts';
import type { ColoredMatcher, Matcher } from './patterns.ts';
import type { Clock } from './time.ts';

/** How rows are drawn now. A new object whenever any of it is another. */
export interface Look {
  clock: Clock;
  ansi: AnsiSetting;
  wrap: boolean;
  highlights: readonly ColoredMatcher[];
  find: Matcher | null;
  /** Characters that fit into the text column. */
  columns: number;
}
