import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHttpForm, encodeHttpForm } from './httpForm.ts';
import { decodeJsonLine, LineSplitter } from './jsonLines.ts';
import { decodeOtlpJson, decodeOtlpProtobuf } from './otlp.ts';
import { protobufBytes, protobufNumber } from './protobuf.ts';
import { parsePythonLiteral, pythonRepr } from './pythonLiteral.ts';
import { toPythonRecord } from './pythonRecord.ts';
import { decodeSyslog, encodeSyslog, frameSyslog, SyslogFramer } from './syslog.ts';
import { testing } from './testing/python.ts';
import { WireError, type WireRecord } from './wireRecord.ts';

const { fixtures, python } = testing;
const read = (name: string): Buffer => readFileSync(join(fixtures, 'pylogging', name));
const names = (folder: string): string[] => readdirSync(join(fixtures, 'pylogging', folder)).filter((name) => name.endsWith('.bin'));

describe('HTTPHandler', () => {
  const formOf = (request: Buffer): string => {
    const text = request.toString();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return text.startsWith('POST') ? body : (/\?(\S*) HTTP/.exec(head)?.[1] ?? '');
  };
  const record = (name: string): WireRecord => decodeHttpForm(formOf(read(`http/${name}`)));

  test('every captured request is a record', () => {
    for (const name of names('http')) {
      const found = record(name);
      expect(found, name).toMatchObject({ pid: 7242, file: '/opt/app/capture.py' });
      expect(found.logger).toMatch(/^wire\.http\./);
      expect(found.time).toBeGreaterThan(1_795_218_639e6);
      expect(found.line).toBeGreaterThan(1);
    }
  });

  test('args are merged as Python merges them', () => {
    expect(record('get-06-args-positional.bin').text).toBe('user alice did 42 things in 1.500 s');
    expect(record('get-07-args-dict.bin').text).toBe('bob has 7');
    expect(record('post-08-percent-no-args.bin').text).toBe('100% sure, %s kept');
    expect(record('get-09-unicode.bin').text).toBe('café 日本語 😀 e\u0301 \u200f\u202e');
    expect(record('post-12-multi-line.bin').text).toContain('\n');
    expect(record('post-13-exc-info.bin').extras?.exc_info).toMatch(/KeyError/);
    expect(record('post-15-stack-info.bin').text).toContain('Stack (most recent call last):');
  });

  const form = (msg: string, args: string): WireRecord =>
    decodeHttpForm(new URLSearchParams({ name: 'n', levelno: '20', msg, args }).toString());

  test('args that are no literals keep their text, and those that do not fit stand beside the message', () => {
    expect(form('%s paid %s to %r', "('al', Decimal('1.5'), <a.B object at 0x7f, 'x'>)").text).toBe(
      "al paid Decimal('1.5') to <a.B object at 0x7f, 'x'>",
    );
    expect(form('%d', "('a',)")).toMatchObject({ text: '%d', extras: { args: ['a'] } });
    expect(form('%s %s', "('a',)")).toMatchObject({ text: '%s %s', extras: { args: ['a'] } });
    expect(form('%s', '__import__("os").system("x")')).toMatchObject({ text: '%s' });
    expect(form('%s', '(1')).toMatchObject({ text: '%s', extras: { args: '(1' } });
    expect(form('50%', '()').text).toBe('50%');
  });

  test('what has no fields of a record is refused', () => {
    for (const each of ['', 'a=1', 'msg=x', 'levelno=20', `msg=x&levelno=20&${'a=&'.repeat(2000)}`])
      expect(() => decodeHttpForm(each)).toThrow(WireError);
  });

  test('whatever is cut off or changed is a record or a WireError', () => {
    const check = (text: string): void => {
      try {
        decodeHttpForm(text);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    };
    // The forms of GET and POST are the same.
    for (const name of names('http').filter((each) => each.startsWith('get-'))) {
      const text = formOf(read(`http/${name}`));
      if (text.length < 3000) for (let end = 0; end < text.length; end++) check(text.slice(0, end));
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (msg, args) =>
        check(new URLSearchParams({ msg, levelno: '1', args }).toString()),
      ),
    );
  });

  test('what is encoded is read again', () => {
    const record: WireRecord = {
      level: 'ERROR',
      time: 1_795_218_637_498_976,
      text: 'a %s b',
      module: 'w',
      logger: 'w',
      file: '/a.py',
      line: 3,
      pid: 1,
      thread: 'T',
    };
    expect(decodeHttpForm(encodeHttpForm(toPythonRecord(record)))).toEqual(record);
  });
});

test('literals are read, shown and merged as Python does it', () => {
  const values = fc.sample(
    fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: fc.constantFrom(...'ab%\'"\\\n\té日😀\u00a0\u200b\x7f') }),
        fc.integer(),
        fc.bigInt(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value,
    { numRuns: 200, seed: 3 },
  );
  const code = values.map((value) => pythonRepr(value));
  const samples: { literal: string; shown: string; merged: string | null; format: string }[] = JSON.parse(
    python('judge_literals.py', JSON.stringify(code)),
  );
  expect(samples.length).toBeGreaterThan(300);
  for (const { literal, shown, merged, format } of samples) {
    expect(pythonRepr(parsePythonLiteral(literal)), literal).toBe(shown);
    const record = decodeHttpForm(new URLSearchParams({ msg: format, levelno: '20', args: literal }).toString());
    if (merged !== null) expect(record.text, `${format} % ${literal}`).toBe(merged);
  }
});

describe('syslog', () => {
  const now = Date.UTC(2026, 10, 29, 12) * 1000;
  const context = { now, host: 'here' };
  const decode = (text: string): WireRecord => decodeSyslog(Buffer.from(text), context);
  const local = (...at: [number, number, number, number, number, number]): number => new Date(...at).getTime() * 1000;

  test('every captured message', () => {
    const { messages }: { messages: Record<string, { name: string; file: string }[]> } = JSON.parse(
      read('syslog/expected.json').toString(),
    );
    const of = (name: string): WireRecord => decodeSyslog(read(`syslog/${name}.bin`), context);
    let count = 0;
    for (const { file } of Object.values(messages).flat()) {
      expect(of(file.replace('.bin', '')).text).not.toContain('\0\0');
      count++;
    }
    expect(count).toBeGreaterThan(30);
    expect(of('udp-default-01-plain')).toEqual({ level: 'INFO', time: 0, text: 'plain message', module: '' });
    expect(of('udp-default-05-critical').level).toBe('CRITICAL');
    expect(of('udp-default-09-unicode')).toMatchObject({ level: 'WARNING', text: 'café 日本語 😀 e\u0301 \u200f\u202e' });
    expect(of('udp-default-13-exc-info').text).toMatch(/\nTraceback \(most recent call last\):\n[\s\S]*KeyError: 'missing'$/);
    expect(of('udp-local3-ident-01-plain').extras).toMatchObject({ facility: 'local3' });
    expect(of('unix-dgram-09-unicode').text).toBe('café 日本語 😀 e\u0301 \u200f\u202e');
  });

  test.each([
    [
      '<34>Oct 11 22:14:15 mymachine su: failed',
      {
        level: 'CRITICAL',
        module: 'su',
        text: 'failed',
        time: local(2026, 9, 11, 22, 14, 15),
        extras: { facility: 'auth', host: 'mymachine' },
      },
    ],
    ['<30>Nov 29 10:00:00 cron[123]: run', { module: 'cron', pid: 123, text: 'run', time: local(2026, 10, 29, 10, 0, 0) }],
    ['<14>Dec 31 23:59:59 here app: old', { module: 'app', text: 'old', time: local(2025, 11, 31, 23, 59, 59) }],
    ['<13>2026-11-29T10:00:00.123456+01:00 host app: x', { time: Date.UTC(2026, 10, 29, 9) * 1000 + 123_456, text: 'x' }],
    ['<12>app.web: slow', { level: 'WARNING', module: 'app.web', text: 'slow' }],
    ['<11>error: no program', { level: 'ERROR', module: '', text: 'error: no program' }],
    ['<11>two words: no program', { module: '', text: 'two words: no program' }],
    ['no priority', { level: 'INFO', text: 'no priority', extras: { severity: 'notice' } }],
    ['<999>x', { text: '<999>x' }],
    [
      '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 ID47 [ex@32473 iut="3" q="a\\"b\\]c\\\\"][two@1] \ufeffIt is',
      {
        level: 'INFO',
        module: 'myproc',
        pid: 8710,
        text: 'It is',
        time: Date.UTC(2003, 7, 24, 12, 14, 15) * 1000 + 3,
        extras: {
          facility: 'local4',
          severity: 'notice',
          host: '192.0.2.1',
          msgid: 'ID47',
          data: { 'ex@32473': { iut: '3', q: 'a"b]c\\' }, 'two@1': {} },
        },
      },
    ],
    ['<14>1 - - - - - -', { time: 0, module: '', text: '' }],
    ['<14>1 - - - - - [broken', { text: '1 - - - - - [broken' }],
  ])('%s', (text, expected) => {
    expect(decode(text)).toMatchObject(expected);
  });

  /** As it comes in pieces. */
  function frames(pieces: readonly Buffer[], maxBytes = 1 << 16): string[] {
    const framer = new SyslogFramer(maxBytes);
    const out: Buffer[] = [];
    for (const piece of pieces) out.push(...framer.push(piece));
    out.push(...framer.pause(true));
    return out.map(String);
  }
  const cuts = (stream: Buffer): Buffer[][] =>
    Array.from({ length: stream.length + 1 }, (_, at) => [stream.subarray(0, at), stream.subarray(at)]);

  test('a stream of Python’s, of counted messages and of lines, cut at every byte', () => {
    const captured = read('syslog/tcp-stream-of-4.bin');
    const expected = captured
      .toString()
      .split('\0')
      .filter((part) => part !== '');
    expect(expected).toHaveLength(4);
    // Cut between its line feed and what follows, a traceback is one message as long as nobody pauses.
    for (const pieces of cuts(captured)) expect(frames(pieces)).toEqual(expected);
    const messages = ['<14>one', '<11>two\nlines', '<14>1 - - a - - - é'];
    const counted = Buffer.concat(messages.map((text) => frameSyslog(Buffer.from(text))));
    for (const pieces of cuts(counted)) expect(frames(pieces)).toEqual(messages);
    const lines = Buffer.from('<14>one\n<11>two\n\tmore\n<14>three\n');
    for (const pieces of cuts(lines)) expect(frames(pieces)).toEqual(['<14>one', '<11>two\n\tmore', '<14>three']);
    expect(frames([...counted].map((byte) => Buffer.from([byte])))).toEqual(messages);
  });

  test('after a pause a line is whole', () => {
    const framer = new SyslogFramer(1000);
    expect(framer.push(Buffer.from('<14>one\n'))).toEqual([]);
    expect(framer.pause(false).map(String)).toEqual(['<14>one']);
    expect(framer.heldBytes).toBe(0);
  });

  test('a web page’s request and what is too long are refused', () => {
    expect(() => frames([Buffer.from('POST / HTTP/1.1\r\n\r\n<14>x\n')])).toThrow(WireError);
    expect(() => frames([Buffer.from(`<14>${'x'.repeat(2000)}`)], 1000)).toThrow(WireError);
    expect(() => frames([Buffer.from('999999999 <14>')], 1000)).toThrow(WireError);
  });

  test('whatever comes in is a record; what is encoded is read again', () => {
    const text = fc.string({ unit: 'grapheme' }).map((each) => each.replace(/[\0\r]|\n+$/g, ''));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeSyslog(Buffer.concat([Buffer.from('<13>'), bytes]), context)));
    fc.assert(
      fc.property(fc.constantFrom('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'), text, text, fc.nat(), (level, message, extra, pid) => {
        const record: WireRecord = { level, time: now, text: message.replace(/^\ufeff/, ''), module: 'a.b', logger: 'a.b', pid };
        const found = decodeSyslog(encodeSyslog({ ...record, extras: { k: extra } }), context);
        expect(found).toEqual({
          ...record,
          text: record.text.replace(/^ ?/, '').replace(/\n+$/, '') === found.text ? found.text : record.text,
          extras: { data: { 'safelog@32473': { k: extra } } },
        });
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (pieces) => {
        try {
          frames(
            pieces.map((piece) => Buffer.from(piece)),
            100,
          );
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
        }
      }),
    );
  });
});

describe('JSON lines', () => {
  const decode = (value: unknown): WireRecord =>
    decodeJsonLine(typeof value === 'string' ? value : JSON.stringify(value), { host: 'here' });
  const line = (file: string): string[] =>
    readFileSync(join(fixtures, 'layouts', file), 'utf8')
      .trim()
      .split('\n');

  test('captured pino, bunyan and winston', () => {
    for (const file of ['pino.log', 'bunyan.log', 'winston.log']) {
      for (const each of line(file)) {
        const record = decode(each);
        expect(record.text, each).not.toBe('');
        expect(record.extras?.msg ?? record.extras?.level ?? record.extras?.time).toBeUndefined();
      }
    }
  });

  test.each([
    [
      {
        level: 50,
        time: 1_795_218_637_498,
        pid: 4,
        hostname: 'here',
        name: 'web',
        msg: 'bad',
        err: { type: 'TypeError', message: 'x', stack: 'TypeError: x\n    at a.js:1:2', code: 'E' },
      },
      {
        level: 'ERROR',
        time: 1_795_218_637_498_000,
        pid: 4,
        module: 'web',
        text: 'bad\nTypeError: x\n    at a.js:1:2',
        extras: { err: { code: 'E' } },
      },
    ],
    [
      {
        name: 'b',
        hostname: 'other',
        pid: 1,
        level: 20,
        msg: 'm',
        time: '2026-11-20T22:56:00.406Z',
        v: 0,
        src: { file: '/a.js', line: 7, func: 'f' },
      },
      { level: 'DEBUG', time: 1_795_215_360_406_000, file: '/a.js', line: 7, extras: { hostname: 'other' } },
    ],
    [
      { level: 'warn', message: 'w', label: 'shop', n: 1 },
      { level: 'WARNING', module: 'shop', text: 'w', extras: { n: 1 } },
    ],
    [
      { ts: 1_795_218_637.5, lvl: 'info', msg: 'z', caller: 'db/x.go:42' },
      { level: 'INFO', time: 1_795_218_637_500_000, file: 'db/x.go', line: 42 },
    ],
    [
      { name: 'py', levelno: 30, levelname: 'WARNING', msg: '%s', args: ['x'], created: 1.5e9 },
      { level: 'WARNING', text: 'x', module: 'py', time: 1.5e15 },
    ],
    [{ message: 'only' }, { level: 'INFO', text: 'only', time: 0 }],
    [{ a: 1 }, { text: '', extras: { a: 1 } }],
  ])('%j', (value, expected) => {
    expect(decode(value)).toMatchObject(expected);
  });

  test('what is no object is refused; any object is a record', () => {
    for (const text of ['', '[]', '1', '{', 'null', 'plain']) expect(() => decode(text)).toThrow(WireError);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('level', 'time', 'msg', 'err', 'name', 'pid', 'file', 'stack', '__proto__', 'x'), fc.jsonValue()),
        (value) => void decode(value),
      ),
    );
  });

  test('lines are cut anywhere', () => {
    const stream = Buffer.from('{"a":1}\r\n{"b":"é😀"}\n\n{"c":3}');
    for (let at = 0; at <= stream.length; at++) {
      const splitter = new LineSplitter(100);
      expect([...splitter.push(stream.subarray(0, at)), ...splitter.push(stream.subarray(at)), splitter.end()]).toEqual([
        '{"a":1}',
        '{"b":"é😀"}',
        '',
        '{"c":3}',
      ]);
    }
    expect(() => new LineSplitter(10).push(Buffer.alloc(11, 0x61))).toThrow(WireError);
  });
});

describe('OTLP', () => {
  const kv = (key: string, value: Buffer): Buffer => Buffer.concat([protobufBytes(1, key), protobufBytes(2, value)]);
  const text = (value: string): Buffer => protobufBytes(1, value);
  const fixed64 = (field: number, value: bigint): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes[0] = (field << 3) | 1;
    bytes.writeBigUInt64LE(value, 1);
    return bytes;
  };
  const request = protobufBytes(
    1,
    Buffer.concat([
      protobufBytes(
        2,
        Buffer.concat([
          protobufBytes(1, protobufBytes(1, 'scope')),
          protobufBytes(
            2,
            Buffer.concat([
              fixed64(1, 1_795_218_637_498_976_123n),
              protobufNumber(2, 17),
              protobufBytes(5, text('body')),
              protobufBytes(6, kv('n', protobufNumber(3, 5))),
              protobufBytes(6, kv('l', protobufBytes(5, protobufBytes(1, text('x'))))),
              protobufBytes(9, Buffer.alloc(16, 0xab)),
            ]),
          ),
        ]),
      ),
      protobufBytes(
        1,
        Buffer.concat([protobufBytes(1, kv('service.name', text('shop'))), protobufBytes(1, kv('process.pid', protobufNumber(3, 77)))]),
      ),
    ]),
  );
  const expected = {
    level: 'ERROR',
    time: 1_795_218_637_498_976,
    text: 'body',
    module: 'shop',
    logger: 'scope',
    pid: 77,
    extras: { n: 5, l: ['x'], trace_id: 'ab'.repeat(16) },
  };

  test('a request in both forms', () => {
    expect(decodeOtlpProtobuf(request)).toEqual([expected]);
    const json = {
      resourceLogs: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'shop' } },
              { key: 'process.pid', value: { intValue: '77' } },
            ],
          },
          scopeLogs: [
            {
              scope: { name: 'scope' },
              logRecords: [
                {
                  timeUnixNano: '1795218637498976123',
                  severityNumber: 17,
                  body: { stringValue: 'body' },
                  attributes: [
                    { key: 'n', value: { intValue: 5 } },
                    { key: 'l', value: { arrayValue: { values: [{ stringValue: 'x' }] } } },
                  ],
                  traceId: 'AB'.repeat(16),
                },
              ],
            },
          ],
        },
      ],
    };
    expect(decodeOtlpJson(JSON.stringify(json))).toEqual([expected]);
  });

  test('cut anywhere or changed it is records or a WireError', () => {
    const check = (bytes: Buffer): void => {
      for (const decode of [() => decodeOtlpProtobuf(bytes), () => decodeOtlpJson(bytes.toString())]) {
        try {
          decode();
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
        }
      }
    };
    for (let end = 0; end < request.length; end++) check(request.subarray(0, end));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(request);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        check(bytes);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.json(), (json) => check(Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${json}}]}]},${json}]}`))),
    );
    let deep = text('x');
    for (let i = 0; i < 50; i++) deep = protobufBytes(5, protobufBytes(1, deep));
    expect(() => decodeOtlpProtobuf(protobufBytes(1, protobufBytes(2, protobufBytes(2, protobufBytes(5, deep)))))).toThrow(WireError);
  });
});
