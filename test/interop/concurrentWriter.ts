/**
 * A program that writes to a log that others write to as well. Usage: PATH ID COUNT OPTIONS, the last as JSON: those of ConcurrentFile,
 * `batch`, the number of records for one append, and `pauseMs` after each. Prints the µs of the slowest append.
 */

import { ConcurrentFile, type ConcurrentFileOptions } from '../../server/src/writer/concurrentFile.ts';
import { beginTogether } from './beginTogether.ts';

const [path = '', id = '', count = '0', json = '{}'] = process.argv.slice(2);
const { batch = 1, pauseMs = 0, ...options } = JSON.parse(json) as Partial<ConcurrentFileOptions> & { batch?: number; pauseMs?: number };
const file = new ConcurrentFile({
  ...options,
  path,
  lockLimitMs: 60_000,
  onRotationError: (error) => {
    console.error(error);
    process.exitCode = 1;
  },
});
await beginTogether(id);
let slowest = 0;
for (let i = 0; i < Number(count); ) {
  const records: Buffer[] = [];
  for (; records.length < batch && i < Number(count); i++) records.push(Buffer.from(`${id} ${i} 😀 ${'x'.repeat(60)}\n`));
  const start = performance.now();
  file.append(records);
  slowest = Math.max(slowest, performance.now() - start);
  // As a server that has other things to do: the compression gets its turn.
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  else if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await file.close();
console.log(Math.round(slowest * 1000));
