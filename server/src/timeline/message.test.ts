import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_LEVEL } from '../index/nameTable.ts';
import { RecordColumn } from '../index/recordColumn.ts';
import { RecordStore } from '../index/recordStore.ts';
import { HeadReader } from '../record/layout.ts';
import { readMessageIn, Span } from './message.ts';

const body = fc
  .array(fc.constantFrom('a', 'ä', '\r', '\n', '\r\n', ' ', '😀', 'x'.repeat(300)), { maxLength: 6 })
  .map((parts) => parts.join(''));

it('reads a record in the middle of others as it would alone', () => {
  const store = new RecordStore();
  const record = new RecordColumn(store, 0, false).push({ key: 1, offset: 0, line: 1, level: NO_LEVEL, flags: 0, module: 0 });
  const heads = new HeadReader(false);
  fc.assert(
    fc.property(body, body, body, fc.boolean(), (before, text, after, hasHead) => {
      const head = hasHead ? '2026-11-20 10:00:00+00:00 INFO ' : '';
      const [first, second, third] = [before, `${head}${text}`, after].map((part) => Buffer.from(part)) as [Buffer, Buffer, Buffer];
      const span = new Span(Buffer.concat([first, second, third]));
      const message = readMessageIn({ store, heads }, record, span, first.length, first.length + second.length);
      expect(message.text).toBe(text.replaceAll('\r\n', '\n').replace(/\n+$/, ''));
      expect(message.time).toBe(hasHead ? Date.UTC(2026, 10, 20, 10) * 1000 : 1);
    }),
    { numRuns: 300 },
  );
});
