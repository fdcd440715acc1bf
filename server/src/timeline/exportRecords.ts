/** Writes the rows of a view to a file, as `safelog cat` prints them. */
import { open, rename, rm } from 'node:fs/promises';
import type { ExportParams, ExportResult } from '../protocol.ts';
import type { View } from './view.ts';
import { writeRecords } from './writeRecords.ts';

/** ms between two tellings of progress. */
const PACE = 100;

/**
 * Exports the rows that there are once the filter has been worked out. The file is there only when it is whole.
 * @param goOn told how many of how many rows are written; false cancels
 * @returns null where it was cancelled
 * @throws where the file cannot be written
 */
export async function exportRecords(
  view: View,
  { path, format, export: number }: Pick<ExportParams, 'path' | 'format' | 'export'>,
  goOn: (done: number, total: number) => boolean,
): Promise<ExportResult | null> {
  await view.settled();
  const part = `${path}.${process.pid}-${number}.part`;
  const file = await open(part, 'wx', 0o600);
  const { timeline, rows } = view;
  const records = rows.share();
  const incomplete = new Set<string>();
  let told = 0;
  let cancelled = false;
  let missing = 0;
  try {
    await writeRecords(timeline, records, format, {
      write: async (data) => {
        await file.writeFile(data);
      },
      unreadable: (generation) => {
        incomplete.add(generation.file.file);
        missing++;
      },
      // What is gone since may have left its number to another record.
      isThere: (record) => timeline.rows.has(record),
      goOn: (done) => {
        if (done < records.length && performance.now() - told < PACE) return true;
        told = performance.now();
        cancelled ||= !goOn(done, records.length);
        return !cancelled;
      },
    });
    await file.close();
    if (cancelled) return null;
    await rename(part, path);
    return { entries: records.length - missing, incomplete: [...incomplete].sort() };
  } finally {
    rows.unshare(records);
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
  }
}
