import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatKeys, percentFormat } from './percentFormat.ts';

test.each([
  ['%s and %d', ['a', 3], 'a and 3'],
  ['%(name)-6s|%(n)05d', { name: 'web', n: 42 }, 'web   |00042'],
  ['100%% of %s', [7], '100% of 7'],
  ['%r %a', ["it's", 'é😀'], `"it's" '\\xe9\\U0001f600'`],
  ['%*d|%-*d|%.*f', [5, 3, 4, 7, 2, Math.PI], '    3|7   |3.14'],
  ['%s', [{ a: [1, { b: 2 }] }], '{ a: [ 1, { b: 2 } ] }'],
  ['%s', [new Error('bad')], 'Error: bad'],
  ['%s %s %s', [null, undefined, 10n], 'null undefined 10'],
  ['%5s|%.1s', ['😀', '😀x'], '    😀|😀'],
])('%s, filled', (format, values, expected) => {
  expect(percentFormat(format, values)).toBe(expected);
});

test.each([
  ['%s %s', ['a'], /not enough/],
  ['%s', ['a', 'b'], /not all/],
  ['%d', ['a'], /number/],
  ['%x', [1.5], /integer/],
  ['%(missing)s', { a: 1 }, /missing/],
  ['%(a)s', ['a'], /mapping/],
  ['%y', [1], /unsupported/],
  ['50%', [], /incomplete/],
  ['%c', ['ab'], /character/],
])('%j with %j is refused', (format, values, message) => {
  expect(() => percentFormat(format, values)).toThrow(message);
});

test('the keys of a format', () => {
  expect(formatKeys('%(asctime)s %% %(message)s %s')).toEqual(['asctime', 'message']);
});

describe('thousands of random formats, against Python itself', () => {
  const field = fc
    .record({
      flags: fc.array(fc.constantFrom('-', '#', '0', ' ', '+'), { maxLength: 3 }).map((flags) => flags.join('')),
      width: fc.option(fc.integer({ min: 1, max: 30 }), { nil: '' }),
      precision: fc.option(
        fc.integer({ min: 0, max: 25 }).map((digits) => `.${digits}`),
        { nil: '' },
      ),
    })
    .map(({ flags, width, precision }) => flags + width + precision);
  const numbers = fc.oneof(
    fc.double({ noNaN: false }),
    fc.integer({ min: -100_000, max: 100_000 }).map((number) => number / 8),
    fc.integer({ min: -1000, max: 1000 }).map((number) => number / 2),
    fc.constantFrom(0.5, 1.5, 2.5, 0.125, 1e21, 1e22, 123456789, 1e-5, 5e-324, 1e300, 0.1, 99999.95, 9.5),
  );
  // Characters that Node's and Python's tables of Unicode agree on.
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCodePoint(code)),
    fc.constantFrom(...'€\u2028\u3000\ufeff中😀𝔘'),
  );
  const text = fc.string({ unit, maxLength: 8 });
  const cases = fc.oneof(
    fc.tuple(field, fc.constantFrom(...'eEfFgG'), numbers),
    fc.tuple(field, fc.constantFrom(...'dioxXu'), fc.integer()),
    fc.tuple(field, fc.constantFrom(...'sra'), text),
  );

  test('the same text', () => {
    const samples = fc
      .sample(cases, { numRuns: 6000, seed: 7 })
      .map(([options, type, value]) => ({ format: `[%${options}${type}]`, value }));
    const hex = (value: number | string): string => {
      if (typeof value === 'string') return `s${value}`;
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value);
      return `n${bytes.toString('hex')}`;
    };
    const script = `
import json, struct, sys
out = []
for format, value in json.load(sys.stdin):
    if value[0] == 's':
        value = value[1:]
    else:
        value = struct.unpack('>d', bytes.fromhex(value[1:]))[0]
        if format[-2] in 'dioxXu':
            value = int(value)
    out.append(format % (value,))
print(json.dumps(out))`;
    const input = JSON.stringify(samples.map(({ format, value }) => [format, hex(value)]));
    const expected = JSON.parse(execFileSync('python3', ['-c', script], { input, maxBuffer: 1 << 26 }).toString()) as string[];
    const wrong = samples.flatMap(({ format, value }, i) => {
      const ours = percentFormat(format, [value]);
      return ours === expected[i] ? [] : [{ format, value, ours, expected: expected[i] }];
    });
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(expected.length).toBe(6000);
  });
});
