import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BatchEncoder,
  decodeClientFrame,
  decodeServiceFrame,
  encodeAskStatus,
  encodeBye,
  encodeGoodbye,
  encodeHello,
  encodeRefused,
  encodeStatus,
  encodeStored,
  encodeWelcome,
  FrameDecoder,
  MAX_FRAME_BYTES,
  type RecordBatch,
  type RecordFields,
  Records,
  STREAM_VERSION,
  StreamError,
} from './stream.ts';

const CLIENT = '00112233445566778899aabbccddeeff';

/** All frames of the bytes, which come in pieces that end at the cuts. */
function frames(bytes: Buffer, cuts: readonly number[] = [], maxBytes = MAX_FRAME_BYTES) {
  const decoder = new FrameDecoder(maxBytes);
  const found = [];
  let from = 0;
  for (const to of [...cuts, bytes.length].sort((a, b) => a - b)) {
    decoder.push(bytes.subarray(from, to));
    from = to;
    for (let frame = decoder.next(); frame; frame = decoder.next()) found.push({ type: frame.type, payload: Buffer.from(frame.payload) });
  }
  return { found, left: decoder.heldBytes };
}

function only(bytes: Buffer) {
  const { found, left } = frames(bytes);
  expect(left).toBe(0);
  expect(found).toHaveLength(1);
  return found[0]!;
}

function read(batch: RecordBatch) {
  const records = new Records(batch);
  const all = [];
  while (records.next()) {
    all.push({
      sequence: records.sequence,
      ...batch.channels[records.channel]!,
      time: records.time,
      source: batch.payload.toString('utf8', records.sourceStart, records.sourceEnd),
      text: batch.payload.toString('utf8', records.textStart, records.textEnd),
    });
  }
  return all;
}

const name = fc.constantFrom('', 'web', 'web.db', 'ä', 'master', 'x'.repeat(60));
const record: fc.Arbitrary<RecordFields & { text: string; source: string }> = fc.record({
  user: name,
  module: name,
  level: fc.constantFrom('', 'INFO', 'Level 35'),
  time: fc.nat({ max: 2 ** 31 }).map((seconds) => seconds * 1e6 + 1),
  text: fc.string({ unit: 'grapheme', maxLength: 300 }),
  source: fc.constantFrom('', '[web 1 main app.py:3]'),
});

describe('records', () => {
  test('come out as they went in, cut into frames and chunks anywhere', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), fc.array(fc.nat({ max: 20_000 })), fc.nat(), (records, cuts, before) => {
        const encoder = new BatchEncoder(2000);
        const encoded: Buffer[] = [];
        let next = before + 1;
        const finish = (): void => {
          const { count, bytes } = encoder;
          const frame = encoder.finish(next);
          expect(frame.length).toBe(bytes);
          expect(frame.length).toBeLessThanOrEqual(2004);
          encoded.push(frame);
          next += count;
        };
        for (const each of records) {
          if (encoder.add(each)) continue;
          finish();
          expect(encoder.add(each)).toBe(true);
        }
        finish();
        const bytes = Buffer.concat(encoded);
        const { found } = frames(
          bytes,
          cuts.filter((cut) => cut < bytes.length),
          2000,
        );
        const read_ = found.flatMap((frame) => {
          const message = decodeClientFrame(frame);
          return message.kind === 'records' ? read(message.batch) : [];
        });
        expect(read_).toEqual(records.map((each, i) => ({ ...each, sequence: before + 1 + i })));
      }),
      { numRuns: 60 },
    );
  });

  test('a text that no frame holds is not taken, and the batch is as it was', () => {
    const encoder = new BatchEncoder(1000);
    const fields = { user: 'u', module: 'm', level: 'INFO', time: 5 };
    expect(encoder.add({ ...fields, text: 'x'.repeat(1000) })).toBe(false);
    expect(encoder.count).toBe(0);
    // Longer in the worst case, but not as it is.
    expect(encoder.add({ ...fields, text: 'x'.repeat(900) })).toBe(true);
    expect(encoder.add({ ...fields, text: 'x'.repeat(200) })).toBe(false);
    expect(encoder.finish(1).length).toBeLessThanOrEqual(1004);
    expect(encoder.add({ ...fields, text: Buffer.from([0xff, 0x00]) })).toBe(true);
    const message = decodeClientFrame(only(encoder.finish(2 ** 52)));
    if (message.kind !== 'records') throw new Error(message.kind);
    expect(message.batch).toMatchObject({ first: 2 ** 52, last: 2 ** 52, count: 1 });
    const records = new Records(message.batch);
    records.next();
    expect([...message.batch.payload.subarray(records.textStart, records.textEnd)]).toEqual([0xff, 0x00]);
  });

  test('what cannot be sent is said', () => {
    const encoder = new BatchEncoder(100_000);
    const fields = { user: '', module: '', level: '', text: '' };
    for (const time of [Number.NaN, -1, 1e16]) expect(() => encoder.add({ ...fields, time })).toThrow(RangeError);
    expect(() => encoder.add({ ...fields, time: 0, user: 'x'.repeat(256) })).toThrow(RangeError);
    expect(() => encoder.add({ ...fields, time: 0, source: 'x'.repeat(0x10000) })).toThrow(RangeError);
    expect(encoder.count).toBe(0);
  });
});

test('all other messages come out as they went in', () => {
  const hello = { version: STREAM_VERSION, client: CLIENT, program: 'a program', user: 'bob', module: 'ä' };
  expect(decodeClientFrame(only(encodeHello(hello)))).toEqual({ kind: 'hello', ...hello });
  expect(decodeClientFrame(only(encodeGoodbye()))).toEqual({ kind: 'goodbye' });
  expect(decodeClientFrame(only(encodeAskStatus()))).toEqual({ kind: 'askStatus' });
  const welcome = {
    version: 1,
    stored: 2 ** 53 - 1,
    user: 'bob',
    windowRecords: 5,
    windowBytes: 2 ** 32 - 1,
    frameBytes: 7,
    root: '/var/log',
  };
  expect(decodeServiceFrame(only(encodeWelcome(welcome)))).toEqual({ kind: 'welcome', ...welcome });
  expect(decodeServiceFrame(only(encodeStored(77)))).toEqual({ kind: 'stored', sequence: 77 });
  for (const isUnwritable of [false, true]) {
    const refused = { first: 3, last: 9, isFinal: true, isUnwritable, reason: 'no' };
    expect(decodeServiceFrame(only(encodeRefused(refused)))).toEqual({ kind: 'refused', ...refused });
  }
  expect(decodeServiceFrame(only(encodeBye({ isFinal: false, reason: 'x'.repeat(2000) })))).toEqual({
    kind: 'bye',
    isFinal: false,
    reason: 'x'.repeat(1024),
  });
  expect(decodeServiceFrame(only(encodeStatus('{}')))).toEqual({ kind: 'status', text: '{}' });
});

describe('strangers', () => {
  test('a hello of another version is known for what it is, whatever follows', () => {
    const hello = Buffer.concat([Buffer.from('SFLG'), Buffer.from([9, 0]), Buffer.from('anything')]);
    expect(decodeClientFrame({ type: 1, payload: hello })).toMatchObject({ kind: 'hello', version: 9 });
  });

  test('types with the optional bit are skipped, others refused', () => {
    expect(decodeClientFrame({ type: 0x41, payload: Buffer.alloc(3) })).toEqual({ kind: 'skipped' });
    expect(decodeServiceFrame({ type: 0xc1, payload: Buffer.alloc(3) })).toEqual({ kind: 'skipped' });
    expect(() => decodeClientFrame({ type: 0x21, payload: Buffer.alloc(0) })).toThrow(StreamError);
    expect(() => decodeServiceFrame({ type: 0x02, payload: Buffer.alloc(0) })).toThrow(StreamError);
  });

  test('a frame that is too long is refused by its length, before it has come', () => {
    const decoder = new FrameDecoder(1000);
    decoder.push(Buffer.from([0xe9, 3, 0, 0, 2]));
    expect(() => decoder.next()).toThrow(StreamError);
  });

  test('any bytes are frames, incomplete, or a StreamError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...[1, 2, 0x81, 0x82, 0x83, 0x84]), (bytes, type) => {
        for (const decode of [decodeClientFrame, decodeServiceFrame]) {
          try {
            decode({ type, payload: Buffer.from(bytes) });
          } catch (error) {
            expect(error).toBeInstanceOf(StreamError);
          }
        }
      }),
    );
  });

  test('a batch with any bytes changed stays within its bounds, or is refused', () => {
    const encoder = new BatchEncoder(10_000);
    for (const text of ['one', 'two', 'three']) encoder.add({ user: 'u', module: text, level: 'INFO', time: 1, text });
    const { payload } = only(encoder.finish(1));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: payload.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const changed = Buffer.from(payload);
          for (const [at, byte] of changes) changed[at] = byte;
          try {
            const message = decodeClientFrame({ type: 2, payload: changed });
            if (message.kind !== 'records') throw new Error(message.kind);
            expect(read(message.batch)).toHaveLength(message.batch.count);
          } catch (error) {
            expect(error).toBeInstanceOf(StreamError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a frame that drips in is held in few pieces', () => {
    const encoder = new BatchEncoder(100_000);
    encoder.add({ user: '', module: '', level: '', time: 0, text: 'x'.repeat(20_000) });
    const bytes = encoder.finish(1);
    const { found } = frames(
      bytes,
      Array.from({ length: bytes.length - 1 }, (_, i) => i + 1),
    );
    expect(found).toEqual([only(bytes)]);
  });
});
