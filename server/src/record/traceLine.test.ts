import { expect, test } from 'vitest';
import { isTraceLine, quotedTrace } from './traceLine.ts';

const PYTHON = 'Traceback (most recent call last):';

test.each([
  [PYTHON, true],
  ['ValueError: (most recent call)', false],
  ['    at f (file.js:1:2)', true],
  ['\tat com.example.Foo.bar(Foo.java:10)', true],
  ['    at file:///x.js:1:2', true],
  ['at noon (5)', false],
  ['  at noon', false],
  ['  attention (5)', false],
  ['', false],
])('%j: %s', (line, expected) => {
  const bytes = Buffer.from(`before\n${line}`);
  expect(isTraceLine(bytes, 7, bytes.length)).toBe(expected);
});

test.each([
  [`boom\n${PYTHON}\n  File "/a.py", line 1, in <module>\nZeroDivisionError: x`, true],
  [`${PYTHON}\n  File "/a.py", line 1`, true],
  ['TypeError: x\n    at f (file.js:1:2)', true],
  ['java.lang.RuntimeException\n\tat com.example.Foo.bar(Foo.java:10)\n\t... 3 more', true],
  [`C:\\new\\${PYTHON}s`, false],
  ['see you\n  at noon', false],
  ['    at f (file.js:1:2)', false],
  ['', false],
])('in a JSON string, %j: %s', (text, expected) => {
  const bytes = Buffer.from(JSON.stringify(text));
  expect(quotedTrace(bytes, 1, bytes.length - 1)).toBe(expected);
});
