import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** For programs that are to write at the same time: the folder where each says that it is ready, and how many there are. */
export interface Together {
  READY_FOLDER: string;
  READY_COUNT: string;
}

/** Resolves when all programs that were given the same environment have come here, however long each took to start; or after a minute. */
export async function beginTogether(id: string): Promise<void> {
  const { READY_FOLDER: folder, READY_COUNT: count } = process.env;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, id), '');
  for (const end = Date.now() + 60_000; readdirSync(folder).length < Number(count) && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
