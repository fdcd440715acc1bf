import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withSource } from '../record/layouts/sourceBlock.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { BatchEncoder, MAX_FRAME_BYTES, RecordBatch, type RecordFields } from '../wire/stream.ts';
import { LineBuffer } from '../writer/lineBuffer.ts';
import { BatchItem } from './batchItem.ts';

const channels = fc.constantFrom(['web', 'INFO'], ['web', 'ERROR'], ['db', ''], ['master', 'INFO'], ['a.b', 'Level 35']);
const time = fc.oneof(fc.integer({ min: 0, max: 3e6 }), fc.integer({ min: 0, max: 4e15 }), fc.constant(0));
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\t', '\0', 'word ') }),
  fc.string(),
  fc.constantFrom('[- - - -] x', '[a 1 b c:1]\nx', '[a 1 b c', '[a 1 b c:1]x'),
);
const source = fc.constantFrom('', '', '[web 1 main app.py:3]', '[broken', '[a\nb]');
const record = fc
  .tuple(channels, time, text, source)
  .map(([[module = '', level = ''], time, text, source]): RecordFields => ({ user: '', module, level, time, text, source }));
const receivedAt = 1_795_000_000_123_456;

describe('lines of a batch', () => {
  test('are those that a program without any haste would write', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(record, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 3 }),
        fc.nat(25),
        (batches, stored) => {
          const logs = new Map<string, LineBuffer>();
          const expected = new Map<string, string>();
          let first = 1;
          for (const records of batches) {
            item(records, first).render(bufferIn(logs), stored);
            records.forEach((each, i) => {
              if (first + i > stored)
                for (const [basename, line] of slowly(each)) expected.set(basename, (expected.get(basename) ?? '') + line);
            });
            first += records.length;
            // What comes by the original protocol stands between two batches.
            bufferIn(logs)('web.log').push(Buffer.from('raw\n'));
            expected.set('web.log', `${expected.get('web.log') ?? ''}raw\n`);
          }
          expect(texts(logs)).toEqual(Object.fromEntries(expected));
        },
      ),
    );
  });

  test('are the same where a batch is too large to lie behind the lines of each log', () => {
    const logs = new Map<string, LineBuffer>();
    const long = { user: '', module: 'web', level: 'INFO', time: 1e15 + 1, text: `${'x'.repeat(2 ** 20)}\ny`, source: '' };
    for (const records of [[long], [{ ...long, text: 'short' }], [long, long]]) item(records, 1).render(bufferIn(logs), 0);
    const all = [long, { ...long, text: 'short' }, long, long];
    const [module = [], master = []] = [0, 1].map((i) => all.map((each) => slowly(each)[i]?.[1]));
    expect(texts(logs)).toEqual({ 'web.log': module.join(''), 'master.log': master.join('') });
  });
});

function item(records: readonly RecordFields[], first: number): BatchItem {
  const encoder = new BatchEncoder(MAX_FRAME_BYTES);
  for (const each of records) encoder.add(each);
  const batch = new RecordBatch(encoder.finish(first).subarray(5));
  const named = batch.channels.map((channel) => ({ ...channel, user: 'alice' }));
  return new BatchItem({ batch, client: 'c', user: 'alice', channels: named, receivedAt, format: null, done: () => {} });
}

function bufferIn(logs: Map<string, LineBuffer>): (basename: string) => LineBuffer {
  return (basename) => {
    const lines = logs.get(basename) ?? new LineBuffer();
    logs.set(basename, lines);
    return lines;
  };
}

function texts(logs: ReadonlyMap<string, LineBuffer>): Record<string, string> {
  return Object.fromEntries(
    [...logs].filter(([, lines]) => lines.length > 0).map(([basename, lines]) => [basename, lines.view().toString()]),
  );
}

/** Basename and line, for both logs. */
function slowly({ module, level, time, text, source }: RecordFields): [string, string][] {
  const stamp = formatSafelog(time || receivedAt);
  const block = source === '[web 1 main app.py:3]' ? source : undefined;
  const rest = `${level === '' ? '' : `${level} `}${withSource(level, block, String(text).replace(/\n(?=[^\n])/g, '\n\t'))}\n`;
  const own: [string, string] = [`${module}.log`, `${stamp} ${rest}`];
  return module === 'master' ? [own] : [own, ['master.log', `${stamp} ${module}.log ${rest}`]];
}
