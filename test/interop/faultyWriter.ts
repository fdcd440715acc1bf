/**
 * A program whose system calls are made to fail from outside. Usage: PATH LOCKS COUNT. Writes COUNT records as a handler does, waits until
 * all are in the file, and prints the codes of the errors that it was told.
 */

import { ConcurrentFile } from '../../server/src/writer/concurrentFile.ts';
import { RecordWriter } from '../../server/src/writer/recordWriter.ts';

const [path = '', lockFileDirectory = '', count = '0'] = process.argv.slice(2);
const codes: unknown[] = [];
const note = (error: unknown) => codes.push(error instanceof Error && 'code' in error ? error.code : String(error));
const file = new ConcurrentFile({ path, lockFileDirectory, maxBytes: 45, backupCount: 50, onRotationError: note });
const writer = new RecordWriter({ file, onError: note });
for (let i = 0; i < Number(count); i++) {
  writer.write(Buffer.from(`${String(i).padStart(9, '0')}\n`));
  await new Promise((resolve) => setTimeout(resolve, 5));
}
// A retry alone does not keep a program alive.
const alive = setInterval(() => {}, 1000);
await writer.flush();
clearInterval(alive);
console.log(JSON.stringify(codes));
