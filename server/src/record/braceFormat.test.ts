import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { braceFormat } from './braceFormat.ts';

/** Format, values; what Python gives for them stands in the third place. */
const cases: [format: string, values: unknown[], text: string][] = [
  ['plain', [], 'plain'],
  ['{} and {}', [1, 'two'], '1 and two'],
  ['{1} before {0}', ['a', 'b'], 'b before a'],
  ['{{}} {}', [1], '{} 1'],
  ['{name} {size}', [{ name: 'n', size: 3 }], 'n 3'],
  ['{} {name}', [1, { name: 'n' }], '1 n'],
  ['{0[key]} {0[1]}', [{ key: 'k', 1: 'one' }], 'k one'],
  ['{!r}', ["it's"], '"it\'s"'],
  ['{!a}', ['é'], "'\\xe9'"],
  ['{!s:>5}', [12], '   12'],
  ['{:>8}|{:<8}|{:^8}|{:*^9}', ['ab', 'ab', 'abc', 'ab'], '      ab|ab      |  abc   |***ab****'],
  ['{:5}|{:5}', [1, 'a'], '    1|a    '],
  ['{:05d} {:+d} {: d} {:+d}', [42, 42, 42, -42], '00042 +42  42 -42'],
  ['{:=+6d} {:06.2f}', [7, -1.5], '+    7 -01.50'],
  ['{:,} {:_} {:,.2f}', [1234567, 1234567, 1234567.891], '1,234,567 1_234_567 1,234,567.89'],
  ['{:x} {:#x} {:#X} {:o} {:#b}', [255, 255, 255, 8, 5], 'ff 0xff 0XFF 10 0b101'],
  ['{:_x}', [0x12345678], '1234_5678'],
  ['{:.2f} {:.0f} {:.0f} {:.1f}', [2.675, 0.5, 1.5, 0.25], '2.67 0 2 0.2'],
  ['{:e} {:.3E} {:g} {:g}', [12345.678, 0.00012, 1e21, 0.0001], '1.234568e+04 1.200E-04 1e+21 0.0001'],
  ['{:.1%} {:%}', [0.123, 0.5], '12.3% 50.000000%'],
  ['{:.3}', ['abcdef'], 'abc'],
  ['{:{}}|{:>{}}', ['a', 3, 'b', 4], 'a  |   b'],
  ['{:f} {:F}', [Number.POSITIVE_INFINITY, Number.NaN], 'inf NAN'],
  ['{:c}', [0x20ac], '€'],
];

test.each(cases)('%s of %j', (format, values, text) => {
  expect(braceFormat(format, values)).toBe(text);
});

test.runIf(existsSync('/usr/bin/python3'))('Python gives the same', () => {
  const program = `
import json, sys
out = []
for format, values in json.load(sys.stdin):
    values = [float('inf') if v == 'INF' else float('nan') if v == 'NAN' else v for v in values]
    named = values[-1] if values and isinstance(values[-1], dict) else {}
    if '0[' in format: values[0] = {int(k) if k.isdigit() else k: v for k, v in values[0].items()}
    out.append(format.format(*values, **named))
print(json.dumps(out))`;
  const input = JSON.stringify(
    cases.map(([format, values]) => [
      format,
      values.map((value) => (value === Number.POSITIVE_INFINITY ? 'INF' : Number.isNaN(value) ? 'NAN' : value)),
    ]),
  );
  const output: unknown = JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input, encoding: 'utf8' }));
  expect(output).toEqual(cases.map(([, , text]) => text));
});

test('what JavaScript has of its own', () => {
  expect(braceFormat('{} {} {} {}', [null, undefined, true, 10n ** 20n])).toBe('null undefined true 100000000000000000000');
  expect(braceFormat('{}', [{ a: [1, 2] }])).toBe('{ a: [ 1, 2 ] }');
  expect(braceFormat('{0.length} {0[length]}', ['four'])).toBe('4 4');
  expect(braceFormat('{key}', [new Map([['key', 'value']])])).toBe('value');
});

test.each<[string, unknown[]]>([
  ['{', [1]],
  ['}', [1]],
  ['{} {}', [1]],
  ['{} {0}', [1, 2]],
  ['{0} {}', [1, 2]],
  ['{missing}', [{ a: 1 }]],
  ['{0.missing}', [{}]],
  ['{!x}', [1]],
  ['{:d}', [1.5]],
  ['{:d}', ['text']],
  ['{:k}', [1]],
  ['{:{:{}}}', [1, 2, 3]],
])('%s of %j is an error', (format, values) => {
  expect(() => braceFormat(format, values)).toThrow(/./);
});
