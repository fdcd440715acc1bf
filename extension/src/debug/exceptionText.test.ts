import { expect, it } from 'vitest';
import { findFrames } from '../../../server/src/traceback/frames.ts';
import { exceptionText } from './exceptionText.ts';

const frames = [
  { name: 'boom', place: { file: '/srv/a b.go', line: 7, column: 3 } },
  { name: 'main', place: { file: 'C:\\src\\main.go', line: 2 } },
  { name: 'goexit' },
];
const info = { type: 'KeyError', message: "'missing'", breakMode: 'unhandled', stackTrace: '' };
const places = (text: string) => findFrames(text).map(({ place }) => place);

it("Python's own trace gets the line above each stack", () => {
  const stackTrace = `  File "/x.py", line 9, in <module>
    boom()
KeyError: 'missing'

The above exception was the direct cause of the following exception:

  File "/x.py", line 11, in <module>
ValueError: bad
`;
  const text = exceptionText({ ...info, type: 'ValueError', message: 'bad', stackTrace }, frames, 'debugpy');
  expect(text.split('\n').map((line) => line.slice(0, 40))).toEqual([
    'Stopped at an uncaught exception: ValueE',
    'Traceback (most recent call last):',
    '  File "/x.py", line 9, in <module>',
    '    boom()',
    "KeyError: 'missing'",
    '',
    'The above exception was the direct cause',
    '',
    'Traceback (most recent call last):',
    '  File "/x.py", line 11, in <module>',
    'ValueError: bad',
  ]);
});

it("without a trace Python's is made of the frames, the outermost first", () => {
  const text = exceptionText({ ...info, breakMode: 'always' }, frames, 'debugpy');
  expect(text.split('\n')).toEqual([
    "Stopped at an exception: KeyError: 'missing'",
    'Traceback (most recent call last):',
    '  File "<unknown>", line 0, in goexit',
    '  File "C:\\src\\main.go", line 2, in main',
    '  File "/srv/a b.go", line 7, in boom',
    "KeyError: 'missing'",
  ]);
  expect(places(text).length).toBe(2);
});

it("all others get V8's frames, which are links in any log", () => {
  const text = exceptionText({ ...info, type: 'panic', message: 'panic: bad\nreally', breakMode: 'userUnhandled' }, frames, 'go');
  expect(text.split('\n')).toEqual([
    'Stopped at an exception not caught by own code: panic: bad',
    'really',
    '    at boom (/srv/a b.go:7:3)',
    '    at main (C:\\src\\main.go:2)',
    '    at goexit',
  ]);
  expect(places(text)).toEqual([
    { path: '/srv/a b.go', line: 7, column: 3 },
    { path: 'C:\\src\\main.go', line: 2 },
  ]);
});

it("Node's own trace is taken without its message, which is above it", () => {
  const stackTrace = 'TypeError: bad\nthing\n    at f (/x.js:1:2)\n    at /y.js:3:4';
  expect(exceptionText({ ...info, type: 'TypeError', message: 'bad\nthing', stackTrace }, [], 'pwa-node')).toBe(
    'Stopped at an uncaught exception: TypeError: bad\nthing\n    at f (/x.js:1:2)\n    at /y.js:3:4',
  );
});
