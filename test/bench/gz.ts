/** Reading gz files at random and in order, against Node's own inflate in the same run: 1 GB from a seed, compressed in two ways. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BLOCK_BYTES, compressBlock } from '../../server/src/generation/memberGzip.ts';
import { buildCheckpoints } from '../../server/src/index/buildCheckpoints.ts';
import { Checkpoints } from '../../server/src/index/checkpoint.ts';
import { inflated } from '../../server/src/index/gunzip.ts';
import { GzipSource } from '../../server/src/index/gzipSource.ts';
import { MemberTable } from '../../server/src/index/memberTable.ts';
import { formatSafelog } from '../../server/src/record/timestamp.ts';
import { percentile, randomNumbers } from './makeTree.ts';

const MB = Number(process.env.SAFELOG_BENCH_MB ?? 1024);
const READS = 500;
const READ_BYTES = 64 * 1024;
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const seconds = (from: number): number => (performance.now() - from) / 1000;

/** Log lines out of a seed, in blocks. */
function* blocks(): Generator<Buffer, void, void> {
  const random = randomNumbers(3);
  let time = Date.UTC(2026, 10, 20) * 1000;
  for (let done = 0; done < MB * 2 ** 20; done += BLOCK_BYTES) {
    let text = '';
    while (text.length < BLOCK_BYTES) {
      time += 1 + Math.floor(random() * 900);
      text += `${formatSafelog(time)} INFO request ${time % 1e6} took=${Math.floor(random() * 900)} ms path=/api/v1/items/${Math.floor(random() * 99_999)}\n`;
    }
    yield Buffer.from(text.slice(0, BLOCK_BYTES));
  }
}

const ours = join(tmpdir(), `safelog-bench-${MB}-ours.gz`);
const foreign = join(tmpdir(), `safelog-bench-${MB}-foreign.gz`);
if (!existsSync(ours)) {
  const file = openSync(`${ours}.part`, 'w');
  for (const block of blocks()) writeSync(file, compressBlock(block));
  closeSync(file);
  renameSync(`${ours}.part`, ours);
}
if (!existsSync(foreign)) {
  // One member for all of it, as gzip makes it.
  await pipeline(blocks, createGzip(), createWriteStream(`${foreign}.part`));
  renameSync(`${foreign}.part`, foreign);
}

/** Nothing but timers that keep no process alive may be left while checkpoints are built. */
const alive = setInterval(() => undefined, 1000);

async function native(path: string): Promise<number> {
  const begun = performance.now();
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }).pipe(createGunzip({ chunkSize: 1 << 20 }))) void piece;
  return MB / seconds(begun);
}

async function scan(path: string): Promise<number> {
  const begun = performance.now();
  for await (const piece of new GzipSource(path).pieces(0)) void piece;
  return MB / seconds(begun);
}

const length = MB * 2 ** 20;
for (const [name, path] of [
  ['ours, one member a block', ours],
  ['foreign, one member', foreign],
] as const) {
  say(`${name}: ${MB} MB in ${Math.round(statSync(path).size / 2 ** 20)} MB`);
  readFileSync(path);
  const speeds: [number, number][] = [];
  for (let round = 0; round < 3; round++) speeds.push([await native(path), await scan(path)]);
  const base = Math.max(...speeds.map(([rate]) => rate));
  const speed = Math.max(...speeds.map(([, rate]) => rate));
  say(`  scan in order: ${speed.toFixed(0)} MB/s; Node's gunzip ${base.toFixed(0)}; ratio ${(speed / base).toFixed(2)}`);

  const file = await open(path, 'r');
  let begun = performance.now();
  if (path === ours) {
    const table = await MemberTable.read(file);
    say(`  table of members: ${ms(performance.now() - begun)}, ${Math.round((table?.bytes ?? 0) / 1024)} KB of memory`);
  } else {
    const table = new Checkpoints();
    await buildCheckpoints(file, table, async () => true);
    const rate = MB / seconds(begun);
    say(
      `  ${table.count} checkpoints: ${rate.toFixed(0)} MB/s, ${Math.round(table.bytes / 1024)} KB; ratio to Node's ${(rate / base).toFixed(2)}`,
    );
  }
  await file.close();

  const source = new GzipSource(path);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  begun = performance.now();
  await source.read(length - READ_BYTES, READ_BYTES);
  say(
    `  first touch, at the end: ${ms(performance.now() - begun)}; ratio to Node's gunzip of it all ${((seconds(begun) * base) / MB).toFixed(2)}`,
  );
  await GzipSource.settled();
  delays.disable();
  const [p50, p99] = [delays.percentile(50) / 1e6, delays.percentile(99) / 1e6];
  if (path === foreign) say(`  checkpoints are there after ${seconds(begun).toFixed(1)} s; event loop p50 ${ms(p50)}, p99 ${ms(p99)}`);

  const random = randomNumbers(4);
  const times: number[] = [];
  const before = inflated.bytes;
  for (let i = 0; i < READS; i++) {
    const offset = Math.floor(random() * (length - READ_BYTES));
    const start = performance.now();
    await source.read(offset, READ_BYTES);
    times.push(performance.now() - start);
  }
  const work = (inflated.bytes - before) / READS / 2 ** 20;
  say(
    `  64 KiB at random: p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))} (goal 16), ${work.toFixed(2)} MB inflated each`,
  );
  say(
    `  without random access a read inflates half of it: ${ms((MB / 2 / base) * 1000)}; ratio ${(percentile(times, 0.5) / ((MB / 2 / base) * 1000)).toFixed(4)}`,
  );
}
clearInterval(alive);
