/**
 * Opens a tree, as a window does, and keeps its indexes: `ROOT CACHE [CALL]`. In front of its CALL-th write or rename of an index it is
 * killed, with half of that write done. Prints `whole` where it comes to its end.
 */
import { promises } from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { IndexCache } from '../../server/src/index/indexCache.ts';
import { NO_LAYOUTS } from '../../server/src/record/layoutRules.ts';
import { Timeline } from '../../server/src/timeline/timeline.ts';

const [root = '', folder = '', call = '0'] = process.argv.slice(2);

let calls = 0;
const isLast = (): boolean => ++calls === Number(call);
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

const some = await open(join(root, '.'), 'r');
const handles = Object.getPrototypeOf(some) as { write: (bytes: Uint8Array, from: number, length: number, at: number) => Promise<unknown> };
await some.close();
const { write } = handles;
handles.write = async function (bytes, from, length, at) {
  if (!isLast()) return write.call(this, bytes, from, length, at);
  await write.call(this, bytes, from, Math.floor(length / 2), at);
  return die();
};
const { rename } = promises;
promises.rename = (from, to) => (isLast() ? die() : rename(from, to));
syncBuiltinESMExports();

const cache = new IndexCache(folder, { smallest: 1000 });
const timeline = new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { cache });
await timeline.load();
await timeline.close();
process.stdout.write('whole');
