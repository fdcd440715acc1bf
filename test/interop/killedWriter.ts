/**
 * A program to be killed at any moment. Usage: PATH COUNT OPTIONS (JSON, those of ConcurrentFile). Writes COUNT records with their numbers,
 * and after each a byte to stdout: that one was acknowledged. Its event loop never turns, so that every run makes the same system calls.
 */

import { writeSync } from 'node:fs';
import { ConcurrentFile } from '../../server/src/writer/concurrentFile.ts';

const [path = '', count = '0', json = '{}'] = process.argv.slice(2);
const fail = (error: unknown): never => {
  throw error;
};
const file = new ConcurrentFile({ ...JSON.parse(json), path, onRotationError: fail, onDiffer: () => {} });
for (let i = 0; i < Number(count); i++) {
  file.append([Buffer.from(`${String(i).padStart(9, '0')}\n`)]);
  writeSync(1, '.');
}
file.closeSync();
