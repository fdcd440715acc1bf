import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Float, type Picklable, PickledObject, PickleError, readPickle, Tuple, writePickle } from './pickle.ts';
import { fromPythonRecord, toPythonRecord } from './pythonRecord.ts';
import { testing } from './testing/python.ts';
import { WireError } from './wireRecord.ts';

const { fixtures, python } = testing;
const frames = (folder: string): [string, Buffer][] =>
  readdirSync(join(fixtures, 'pylogging', folder))
    .filter((name) => name.endsWith('.bin') && name !== 'stream.bin')
    .map((name) => [`${folder}/${name}`, readFileSync(join(fixtures, 'pylogging', folder, name))]);
const captured = [...frames('socket_tcp'), ...frames('datagram_udp')];

/** As expected.json writes it. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (value instanceof Tuple) return { tuple: value.items.map(plain) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { float: 'inf' };
  return value instanceof PickledObject ? 'object' : value;
}

test('every captured record says what Python says of it', () => {
  for (const folder of ['socket_tcp', 'datagram_udp']) {
    const expected: { file: string; record?: Record<string, unknown> }[] = JSON.parse(
      readFileSync(join(fixtures, 'pylogging', folder, 'expected.json'), 'utf8'),
    );
    let compared = 0;
    for (const { file, record } of expected) {
      if (!record) continue;
      const frame = readFileSync(join(fixtures, 'pylogging', folder, file));
      expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
      const found = plain(readPickle(frame, 4)) as Record<string, unknown>;
      for (const [key, value] of Object.entries(record)) {
        if (typeof value === 'object' && value !== null && /python|bytes|set|surrogate/.test(JSON.stringify(value))) continue;
        if (found[key] === 'object' || /surrogate/.test(file)) continue;
        expect(found[key], `${file} ${key}`).toEqual(value);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(500);
  }
});

function refuses(frame: Buffer, end: number): boolean {
  try {
    readPickle(frame, 4, end);
  } catch (error) {
    return error instanceof PickleError;
  }
  return false;
}

test('a frame that is cut anywhere is refused, and is no more than an error', () => {
  for (const [name, frame] of captured) {
    if (frame.length > 5000) continue;
    for (let end = 4; end < frame.length; end++) expect(refuses(frame, end), `${name} at ${end}`).toBe(true);
  }
});

describe.each(['2.7', '3.6', '3.13'])('Python %s', (version) => {
  const made: Record<string, string> = JSON.parse(readFileSync(join(fixtures, 'pickles', `${version}.json`), 'utf8'));

  test.each(Object.keys(made).filter((key) => key !== 'frame'))('protocol %s', (protocol) => {
    const record = fromPythonRecord(readPickle(Buffer.from(made[protocol]!, 'hex')));
    expect(record).toMatchObject({ logger: 'web.db', module: 'web.db', level: 'INFO', text: 'hello' });
    const { extras = {} } = record;
    expect(extras).toMatchObject({
      ...{
        n: -1,
        n_big: 2 ** 40,
        n_huge: '-1180591620717411303424',
        ratio: 0.1,
        whole: 3,
        inf: 'Infinity',
        yes: true,
        no: false,
        none: null,
      },
      ...{ uni: 'café 日 😀 \\ \\u0041 "\'\n', tags: ['a', 'b'], pair: [1, 'x'], triple: [1, 2, 3], empty: [[], [], {}] },
      ...{ nested: { k: [1, { z: null }], '2': 'two' }, one: ['same'], two: ['same'], s: [1], fs: ['a'] },
      ...{ when: '2020-01-02T03:04:05.000006', day: '2020-01-02', d: '1.10', u: '00000000-0000-0000-0000-000000000005' },
      ...{ dq: [1, 2], cls: '<__main__.Point>', pt: { object: '<__main__.Point>', state: { x: 3 } } },
    });
    expect(extras.f).toMatch(/^<(builtins|__builtin__)\.len>$/);
    // Python 2 has no bytes: its str is text where it can be.
    expect(extras.raw).toBe(version === '2.7' ? '\x00ÿ\n' : "b'\\x00\\xff\\n'");
    expect(JSON.stringify(extras.od)).toMatch(/"a".*1/);
    if (version === '2.7') expect(extras.old).toEqual({ object: '<__main__.Old>', state: { y: 2 } });
  });

  test('what its SocketHandler sends', () => {
    const frame = Buffer.from(made.frame!, 'hex');
    const record = fromPythonRecord(readPickle(frame, 4));
    expect(record).toMatchObject({ logger: 'web.db', level: 'ERROR', file: '/opt/app/db.py', line: 42, thread: 'MainThread' });
    expect(record.extras).toEqual({ request: 'r-1' });
    expect(record.text).toMatch(/^lost it\nTraceback \(most recent call last\):\n[\s\S]*KeyError: u?'missing'$/);
    expect(Math.abs(record.time - Date.now() * 1000)).toBeLessThan(10 * 365 * 86_400e6);
  });
});

test('nothing is constructed: the classic attack is a text', () => {
  const attack = Buffer.from("cos\nsystem\n(S'touch /tmp/owned'\ntR.");
  expect(readPickle(attack)).toMatchObject({ name: 'os.system', args: ['touch /tmp/owned'] });
});

test('whatever comes in is a value or a PickleError, and becomes a bounded record or a WireError', () => {
  const opcodes = [...'(.012FIJKLMNPQRSTUVXabcdegh]ijloqrstu}GB)C'].map((op) => op.charCodeAt(0));
  const piece = fc.oneof(
    fc.constantFrom(...opcodes, ...Array.from({ length: 25 }, (_, i) => 0x80 + i)).map((op) => Buffer.from([op])),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('K\x01', 'X\x01\0\0\0a', '(', 'cos\nsystem\n', 'I1\n', 'q\0', 'h\0', '}', ']', ')')
      .map((text) => Buffer.from(text, 'latin1')),
  );
  const safely = (bytes: Buffer): void => {
    try {
      const value = readPickle(bytes);
      const record = fromPythonRecord(value);
      expect(JSON.stringify(record.extras ?? {}).length).toBeLessThan(2_000_000);
    } catch (error) {
      if (!(error instanceof PickleError || error instanceof WireError)) throw error;
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => safely(Buffer.concat(pieces))),
    { numRuns: 3000 },
  );
  // Records with a byte or two that are others.
  const small = captured.filter(([, frame]) => frame.length < 2000);
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...small), flips, ([, frame], changes) => {
      const bytes = Buffer.from(frame.subarray(4));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      safely(bytes);
    }),
    { numRuns: 3000 },
  );
});

describe('bombs', () => {
  const record = (extra: string | Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('}(X\x03\0\0\0msgX\x01\0\0\0mX\x01\0\0\0k', 'latin1'),
      Buffer.from(extra as string, 'latin1'),
      Buffer.from('u.'),
    ]);
  /** Bytes that stay, and that were needed meanwhile, are bounded by the pickle and its values. */
  const heap = (action: () => void): number => {
    const before = process.memoryUsage().heapUsed;
    action();
    return process.memoryUsage().heapUsed - before;
  };

  test('a length that is not there', () => {
    for (const op of [
      'B\xff\xff\xff\xff',
      '\x8d\xff\xff\xff\xff\xff\xff\xff\x7f',
      '\x8e\0\0\0\0\0\x01\0\0',
      '\x8b\xff\xff\xff\x7f',
      'X\xff\xff\xff\xff',
      '\x96\0\0\0\0\0\0\0\x7f',
    ]) {
      expect(() => readPickle(record(`${op}abc`))).toThrow(PickleError);
    }
  });

  test('a number in the memo that nobody has got to', () => {
    expect(heap(() => readPickle(record('Nr\xff\xff\xff\xff')))).toBeLessThan(1 << 24);
    expect(readPickle(record('K\x07r\xff\xff\xff\xff0j\xff\xff\xff\xff'))).toBeInstanceOf(Map);
  });

  test('values without end', () => {
    expect(() => readPickle(record(']'.repeat(2_000_000)))).toThrow('too many values');
    expect(() => readPickle(record(`N${'2'.repeat(2_000_000)}`))).toThrow('too many values');
  });

  test('depth', () => {
    const deep = fromPythonRecord(readPickle(record(`${']'.repeat(100_000)}${'a'.repeat(99_999)}`)));
    expect(JSON.stringify(deep.extras)).toContain('…');
  });

  test('a value that doubles with every step, and one that holds itself', () => {
    // Each list holds the one before twice, which is then taken from the stack.
    let steps = ']q\0';
    for (let i = 0; i < 60; i++) steps += `0](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`;
    const grown = fromPythonRecord(readPickle(record(steps)));
    expect(JSON.stringify(grown.extras).length).toBeLessThan(200_000);
    const self = fromPythonRecord(readPickle(record(']q\x01(h\x01e')));
    expect(JSON.stringify(self.extras)).toContain('…');
  });

  test('an integer of many digits is not converted', () => {
    const huge = fromPythonRecord(readPickle(record(`L${'9'.repeat(200_000)}L\n`)));
    expect(huge.extras).toEqual({ k: { object: '<int>', args: ['200000 digits'] } });
  });
});

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }).filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
  fc.double({ noNaN: true }).filter((n) => !Number.isInteger(n) || Object.is(n, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);
const { value: anyValue } = fc.letrec<{ value: Picklable }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Tuple(items)),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }).map((object) => new Map(Object.entries(object))),
  ),
}));

/** A value as Python's repr-like JSON in judge.py. */
function tagged(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return { s: [...Array(value.length).keys()].map((i) => value.charCodeAt(i)) };
  if (typeof value === 'bigint') return { i: String(value) };
  if (typeof value === 'number') return Number.isInteger(value) && !Object.is(value, -0) ? { i: String(value) } : { f: floatHex(value) };
  if (value instanceof Float) return { f: floatHex(value.value) };
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('hex') };
  if (value instanceof Tuple) return { t: value.items.map(tagged) };
  if (value instanceof Map) return { d: [...value].map(([key, item]) => [tagged(key), tagged(item)]) };
  if (value instanceof PickledObject && /^(_codecs.encode|__builtin__.bytes)$/.test(value.name))
    return { b: Buffer.from(String(value.args[0] ?? ''), 'latin1').toString('hex') };
  if (Array.isArray(value)) return { l: value.map(tagged) };
  throw new Error(`what is ${String(value)}?`);
}
function floatHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

test('Python reads what is written, and what Python writes in any protocol is read', () => {
  const values = [...fc.sample(anyValue, { numRuns: 400, seed: 1 }), '\ud800 lone \udfff', new Map<Picklable, Picklable>([[1, 'one']])];
  const input = values.map((value) => ({ pickle: writePickle(value).toString('hex'), expected: tagged(value) }));
  const answers: { same: boolean; told: unknown; pickles: string[] }[] = JSON.parse(python('judge_pickles.py', JSON.stringify(input)));
  expect(answers).toHaveLength(values.length);
  answers.forEach(({ same, told, pickles }, i) => {
    expect(same, JSON.stringify({ expected: input[i]?.expected, told })).toBe(true);
    expect(pickles.length).toBe(6);
    for (const hex of pickles) expect(tagged(readPickle(Buffer.from(hex, 'hex')))).toEqual(input[i]?.expected);
  });
});

test('Python makes a LogRecord of what is written', () => {
  const written = {
    level: 'WARNING',
    time: 1_795_218_637_498_976,
    text: 'two\nlines é',
    module: 'web.db',
    logger: 'web.db',
    pid: 4711,
    thread: 'T-1',
    file: '/opt/app/db.py',
    line: 42,
    extras: { k: 1, nested: { a: [1.5, null] } },
  };
  const pickle = writePickle(toPythonRecord(written));
  const code = `import sys,pickle,logging,json
r=logging.makeLogRecord(pickle.loads(bytes.fromhex(sys.argv[1])))
print(logging.Formatter('%(asctime)s|%(levelname)s|%(name)s|%(process)d|%(threadName)s|%(pathname)s:%(lineno)d|%(message)s|%(k)d|%(nested)s').format(r))`;
  const line = execFileSync('/usr/bin/python3', ['-c', code, pickle.toString('hex')], {
    env: { TZ: 'UTC', PYTHONIOENCODING: 'utf8' },
  }).toString();
  expect(line).toBe("2026-11-20 23:50:37,498|WARNING|web.db|4711|T-1|/opt/app/db.py:42|two\nlines é|1|{'a': [1.5, None]}\n");
  expect(fromPythonRecord(readPickle(pickle))).toEqual(written);
});
