/** What a reader makes of a whole file, for tests. */
import { HeadReader, type HeadReaderOptions } from '../layout.ts';
import { levelName } from '../level.ts';

export interface ReadFile {
  /** Null for Safelog's own. */
  layout: string | null;
  /** `time|level|message`, time in UTC, each; lines that continue a record are joined to it by ⏎. */
  records: string[];
}

/** Reads the text as one file that is detected from all of it. */
export function readRecords(text: string, options: HeadReaderOptions = {}): ReadFile {
  const bytes = Buffer.from(text);
  const reader = new HeadReader(false, { modified: () => Date.UTC(2026, 10, 21) * 1000, ...options });
  const layout = reader.detect(bytes);
  const records: string[] = [];
  let isSecond = false;
  for (let start = 0; start < bytes.length; ) {
    const lf = bytes.indexOf(10, start);
    const end = lf === -1 ? bytes.length : lf;
    if (reader.read(bytes, start, end)) {
      const { time, level } = reader.head;
      const iso = Number.isNaN(time) ? '-' : new Date(time / 1000).toISOString().replace('.000Z', 'Z');
      records.push(`${iso}|${level === -1 ? '-' : levelName(level)}|${reader.text(bytes, end).replaceAll('\n', '⏎')}`);
      isSecond = reader.levelFollows && level === -1;
    } else {
      let last = records.pop();
      const level = isSecond ? reader.secondLevel(bytes, start, end) : -1;
      if (level !== -1) last = last?.replace('|-|', `|${levelName(level)}|`);
      isSecond = false;
      records.push(`${last === undefined ? '' : `${last}⏎`}${bytes.toString('utf8', start, end)}`);
    }
    start = end + 1;
  }
  return { layout, records };
}
