import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCutter } from './lengthFrames.ts';
import { Float, type Picklable, readPickle, writePickle } from './pickle.ts';
import { fromPythonRecord, toPythonRecord } from './pythonRecord.ts';
import { PythonStreamDecoder } from './pythonSocket.ts';
import { RecordPickles } from './recordPickles.ts';
import { testing } from './testing/python.ts';
import { WireError, type WireRecord } from './wireRecord.ts';

const folder = join(testing.fixtures, 'pylogging/socket_tcp');
const captured = readdirSync(folder)
  .filter((name) => name.endsWith('.bin') && name !== 'stream.bin')
  .map((name) => readFileSync(join(folder, name)));
const slowly = (frame: Buffer): WireRecord => fromPythonRecord(readPickle(frame, 4));

test('a stream of captured frames, each of them twice, in pieces whose memory is used again: the records that the general way makes of them', () => {
  const frames = captured.flatMap((frame) => [frame, frame]);
  const stream = Buffer.concat(frames);
  const expected = frames.map(slowly);
  const memory = Buffer.alloc(100_000);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }), (sizes) => {
      const decoder = new PythonStreamDecoder(2 ** 24, (reason) => expect.unreachable(reason));
      const found: WireRecord[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        const piece = memory.subarray(0, stream.copy(memory, 0, at, at + size));
        at += piece.length;
        found.push(...decoder.push(piece));
        piece.fill(0);
      }
      expect(found).toEqual(expected);
      expect(decoder.heldBytes).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test('records of one form and of changing forms, cut off or changed: the same as in the general way', () => {
  const text = fc.oneof(fc.constantFrom('root', 'MainProcess', 'INFO', '', 'é😀', 'x'.repeat(100)), fc.string());
  const scalar: fc.Arbitrary<Picklable> = fc.oneof(
    text,
    fc.integer(),
    fc.constant(null),
    fc.double({ noNaN: true }).map((each) => new Float(each)),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  );
  const names = [
    'name',
    'levelname',
    'levelno',
    'pathname',
    'module',
    'lineno',
    'thread',
    'threadName',
    'processName',
    'process',
    'taskName',
  ];
  const change = fc.record({ key: fc.constantFrom(...names, 'msg', 'args', 'exc_text', 'exc_info', 'created', 'own'), value: scalar });
  const result = (read: () => WireRecord): WireRecord | string => {
    try {
      return read();
    } catch (error) {
      if (error instanceof WireError) return 'none';
      return error instanceof Error && error.name === 'PickleError' ? 'none' : expect.unreachable(String(error));
    }
  };
  const base: WireRecord = { level: 'INFO', time: 1.7e15, text: 'hello', module: 'web', logger: 'web', file: '/app.py', line: 3, pid: 5 };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(change, { maxLength: 3 }), fc.nat(3), fc.nat(), fc.nat(255))), (records) => {
      const pickles = new RecordPickles();
      for (const [changes, damage, where, byte] of records) {
        const dict = toPythonRecord(base);
        for (const { key, value } of changes) dict.set(key, value);
        let pickle = Buffer.from(writePickle(dict));
        if (damage === 1) pickle = pickle.subarray(0, where % pickle.length);
        if (damage === 2) pickle[where % pickle.length] = byte;
        expect(result(() => pickles.read(pickle, 0, pickle.length))).toEqual(result(() => fromPythonRecord(readPickle(pickle))));
      }
    }),
    { numRuns: 300 },
  );
});

test('a frame is refused by its length, and memory is for what has come', () => {
  const cutter = new FrameCutter(1000);
  cutter.push(Buffer.from([0, 0, 3]), () => expect.unreachable());
  expect(cutter.heldBytes).toBe(3);
  cutter.push(Buffer.concat([Buffer.from([232]), Buffer.alloc(999)]), () => expect.unreachable());
  let taken = 0;
  cutter.push(Buffer.alloc(1 + 4, 0), (_, start, end) => {
    taken = taken * 10_000 + end - start;
  });
  expect(taken).toBe(1000 * 10_000);
  expect(() => cutter.push(Buffer.from([0, 0, 3, 233]), () => {})).toThrow(WireError);
});
