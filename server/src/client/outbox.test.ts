import { expect, test } from 'vitest';
import { FrameDecoder, MAX_FRAME_BYTES, RecordBatch } from '../wire/stream.ts';
import { EntryQueue } from './entryQueue.ts';
import { Outbox } from './outbox.ts';
import type { ClientEntry } from './treeFiles.ts';

const entry = (i: number): ClientEntry => ({ module: 'm', level: 'INFO', text: `entry ${i}`, time: i });
const texts = (entries: readonly ClientEntry[]): number[] => entries.map(({ time }) => time);

function filled(...sizes: number[]): Outbox {
  const outbox = new Outbox();
  let i = 0;
  for (const size of sizes) {
    for (let n = 0; n < size; n++) outbox.add(entry(++i), MAX_FRAME_BYTES);
    outbox.finish();
  }
  return outbox;
}

test('batches are numbered without gaps, as the service reads them', () => {
  const decoder = new FrameDecoder(MAX_FRAME_BYTES);
  for (const frame of filled(2, 3).frames) decoder.push(frame);
  const batches = [decoder.next(), decoder.next()].map((frame) => new RecordBatch(frame?.payload ?? Buffer.alloc(0)));
  expect(batches.map(({ first, last }) => [first, last])).toEqual([
    [1, 2],
    [3, 5],
  ]);
});

test('what is acknowledged in the middle of a batch is not written again', () => {
  const outbox = filled(3, 3, 3);
  outbox.acknowledge(4);
  expect(outbox.frames).toHaveLength(2);
  expect(texts(outbox.unstored())).toEqual([5, 6, 7, 8, 9]);
  outbox.acknowledge(2);
  expect(texts(outbox.unstored())).toEqual([5, 6, 7, 8, 9]);
  outbox.add(entry(10), MAX_FRAME_BYTES);
  expect(texts(outbox.unstored())).toEqual([5, 6, 7, 8, 9, 10]);
  outbox.finish();
  outbox.acknowledge(10);
  expect(outbox.isEmpty).toBe(true);
});

test('what is refused goes elsewhere when it is acknowledged, in order; what is sent again is not refused any more', () => {
  const outbox = filled(2, 2, 2, 2);
  outbox.refuse(5, 6);
  outbox.refuse(1, 2);
  outbox.refuse(3, 4);
  expect(texts(outbox.unstored())).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(texts(outbox.acknowledge(4))).toEqual([1, 2, 3, 4]);
  expect(outbox.sendAgain()).toHaveLength(2);
  expect(outbox.acknowledge(8)).toEqual([]);
  expect(outbox.isEmpty).toBe(true);
});

test('the window counts what is not acknowledged; one batch is always taken', () => {
  const welcome = { version: 1, stored: 0, user: '', root: '', frameBytes: MAX_FRAME_BYTES, windowRecords: 4, windowBytes: 2 ** 20 };
  expect(filled(9).isWithin(welcome)).toBe(true);
  const outbox = filled(3, 3);
  expect(outbox.isWithin(welcome)).toBe(false);
  outbox.acknowledge(3);
  expect(outbox.isWithin(welcome)).toBe(true);
  expect(filled(1, 1).isWithin({ ...welcome, windowBytes: 10 })).toBe(false);
});

test('an entry that is larger than a frame is told so', () => {
  const outbox = new Outbox();
  expect(outbox.add({ ...entry(1), text: 'x'.repeat(500) }, 300)).toBe(false);
  expect(outbox.add(entry(1), 300)).toBe(true);
});

test('the queue keeps its order and knows its size', () => {
  const queue = new EntryQueue();
  for (const i of [3, 4, 5]) queue.push(entry(i));
  queue.putBack([entry(1), entry(2)]);
  expect(texts(queue.take(2))).toEqual([1, 2]);
  expect(texts(queue.take())).toEqual([3, 4, 5]);
  expect([queue.length, queue.bytes]).toEqual([0, 0]);
});
