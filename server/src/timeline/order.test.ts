import { expect, test } from 'vitest';
import { RecordStore } from '../index/recordStore.ts';
import { SortedRecords } from './order.ts';

const sorted = (...records: number[]): Uint32Array => Uint32Array.from(records);

test('what is shared stays as it is, whatever is done meanwhile, and is copied only for that', () => {
  const changes: ((rows: SortedRecords) => void)[] = [
    (rows) => rows.insert(sorted(3, 9)),
    (rows) => rows.insert(sorted(100)),
    (rows) => rows.filter((record) => record !== 2),
    (rows) => rows.remove([4]),
    (rows) => rows.replace(sorted(7)),
  ];
  for (const change of changes) {
    const rows = new SortedRecords(new RecordStore(), (a, b) => a - b, sorted(2, 4, 6));
    rows.insert(sorted(8));
    const shared = rows.share();
    const again = rows.share();
    rows.unshare(again);
    change(rows);
    expect([...shared]).toEqual([2, 4, 6, 8]);
    expect([...rows.all()]).not.toEqual([2, 4, 6, 8]);
    rows.unshare(shared);
    // It has its own memory by now, which the next change uses again.
    const { buffer } = rows.all();
    rows.insert(sorted(101));
    rows.filter(() => true);
    const later = rows.all();
    rows.filter((record) => record !== 101);
    expect(rows.all().buffer).toBe(later.buffer);
    expect([...rows.all()]).not.toContain(101);
    if (change !== changes.at(-1)) expect(buffer).not.toBe(shared.buffer);
  }
});

test('nobody reads it any more: changes are made in place', () => {
  const rows = new SortedRecords(new RecordStore(), (a, b) => a - b, sorted(2, 4));
  rows.insert(sorted(6));
  const shared = rows.share();
  rows.unshare(shared);
  rows.insert(sorted(5));
  expect(rows.all().buffer).toBe(shared.buffer);
  expect([...rows.all()]).toEqual([2, 4, 5, 6]);
});
