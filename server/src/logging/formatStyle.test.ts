import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FormatStyle } from '../record/formatStyle.ts';
import { Formatter } from './formatter.ts';
import { makeLogRecord } from './recordFields.ts';
import { askPython } from './testing/python.ts';

/** Attributes whose values Python and Node show alike. */
const fields = {
  name: 'web.db',
  levelname: 'WARNING',
  levelno: 30,
  msg: 'seven %s',
  process: 4711,
  lineno: 42,
  funcName: 'divide',
  own: 'ünï 😀',
};

const key = fc.constantFrom(...Object.keys(fields), 'message', 'missing', 'fallback');
const literal = fc.constantFrom('', ' ', ': ', 'x', '[', ']', '%%', '$$', '{{', '}}', '%', '$', '{', '}', '100% ', '\n');
const width = fc.constantFrom('', '5', '-12', '012', '.2', '8.3', '<9', '>9', '^9', '*^9', ',', '=+9', 'x');
const type = fc.constantFrom('s', 'd', 'r', 'a', 'f', 'x', '', 'n');
const percent = fc.tuple(key, width, type).map(([name, size, kind]) => `%(${name})${size}${kind}`);
const brace = fc
  .tuple(key, fc.constantFrom('', '!r', '!s', '!a', '!x'), fc.option(fc.tuple(width, type), { nil: null }))
  // A whole number here may be a float of Python's, which may have a precision.
  .filter(([, , spec]) => !(spec?.[0].includes('.') && spec[1] === ''))
  .map(([name, conversion, spec]) => `{${name}${conversion}${spec ? `:${spec.join('')}` : ''}}`);
const dollar = fc.tuple(key, fc.boolean()).map(([name, isBraced]) => (isBraced ? `\${${name}}` : `$${name}`));

function formats(field: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(fc.oneof({ weight: 2, arbitrary: field }, literal), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
}

const script = `
import json, logging, sys
out = []
for case in json.load(sys.stdin):
    try:
        formatter = logging.Formatter(case['format'], style=case['style'], defaults=case['defaults'], validate=case['validate'])
    except Exception:
        out.append(['refused'])
        continue
    try:
        out.append(['text', formatter.format(logging.makeLogRecord(dict(case['fields'], args=None))), formatter.usesTime()])
    except Exception:
        out.append(['failed'])
print(json.dumps(out))
`;

test.each<[FormatStyle, fc.Arbitrary<string>]>([
  ['%', formats(percent)],
  ['{', formats(brace)],
  ['$', formats(dollar)],
])('thousands of formats in the style %s: refused, failed or filled as by Python', (style, format) => {
  const cases = fc.sample(fc.record({ format, validate: fc.boolean(), hasDefaults: fc.boolean() }), { numRuns: 3000, seed: 11 });
  const input = cases.map(({ format, validate, hasDefaults }) => ({
    ...{ format, style, validate, fields },
    defaults: hasDefaults ? { fallback: 'by default', name: 'never' } : null,
  }));
  const expected = askPython<[string, string?, boolean?][]>(script, input);
  const ours = input.map(({ defaults, ...each }): unknown[] => {
    let formatter: Formatter;
    try {
      formatter = new Formatter(each.format, { style, validate: each.validate, defaults: defaults ?? undefined });
    } catch {
      return ['refused'];
    }
    try {
      return ['text', formatter.format(makeLogRecord(fields)), formatter.usesTime()];
    } catch {
      return ['failed'];
    }
  });
  const wrong = input.flatMap((each, i) => (same(ours[i], expected[i]) ? [] : [{ ...each, ours: ours[i], expected: expected[i] }]));
  expect(wrong.slice(0, 5)).toEqual([]);
  // Each kind of answer has been given.
  expect(new Set(expected.map(([kind]) => kind))).toEqual(new Set(['refused', 'failed', 'text']));
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
