import { expect, it } from 'vitest';
import { StreamEntries } from './streamEntries.ts';

/** The entries that lines become; each list comes in one piece. */
function entriesOf(...pieces: string[]): string[] {
  const found: string[] = [];
  const entries = new StreamEntries({
    begin: (line) => found.push(line),
    extend: (text) => {
      found.push((found.pop() ?? '') + text);
      return true;
    },
  });
  for (const piece of pieces) entries.push(piece.split('\n'));
  return found;
}

it('an indented line goes on with what is before it; empty ones are left out', () => {
  expect(entriesOf('a\n\tb\n\nc', '  d', 'e {\n  f\n}\n}', '', '  g')).toEqual(['a\n\tb', 'c\n  d', 'e {\n  f\n}', '}', '  g']);
});

it("Python's tracebacks are one entry, with all that they are chained to, in any pieces", () => {
  const trace = `Traceback (most recent call last):
  File "x.py", line 9, in <module>
    boom()
KeyError: 'missing'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "x.py", line 11, in <module>
ValueError: bad`;
  expect(entriesOf(`before\n${trace}\nafter`)).toEqual(['before', trace, 'after']);
  expect(entriesOf(...`${trace}\n\nafter`.split('\n'))).toEqual([trace, 'after']);
  const second = trace.replace(/^The above.*$/m, 'During handling of the above exception, another exception occurred:');
  expect(entriesOf(`${trace}\n${second}`)).toEqual([trace, second]);
  const group = '  + Exception Group Traceback (most recent call last):\n  |   File "x.py", line 1\n  +-+----\n    +----';
  expect(entriesOf(`before\n${group}\nafter`)).toEqual(['before', group, 'after']);
});

it("Node's uncaught errors are one entry, with the place and the source line above", () => {
  const error = `/srv/x.js:7
throw new TypeError('bad');
^

TypeError: bad
    at boom (/srv/x.js:7:94)
    at listOnTimeout (node:internal/timers:581:17) {
  code: 'X'
}`;
  expect(entriesOf(`before\n${error}\n\nNode.js v20.20.2`)).toEqual(['before', error, 'Node.js v20.20.2']);
  expect(entriesOf('/srv/x.js:7\nis where it stands\nand so on')).toEqual(['/srv/x.js:7', 'is where it stands', 'and so on']);
  const noFrame = `/srv/x.js:7\nx\n^\n${Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n')}`;
  expect(entriesOf(noFrame).length).toBeGreaterThan(20);
});

it('what is surely unfinished is waited for longer than what is likely to be whole', () => {
  const patiences: number[] = [];
  const entries = new StreamEntries({
    begin: (_, patience) => patiences.push(patience),
    extend: (_, patience) => patiences.push(patience) > 0,
  });
  const trace = [
    'Traceback (most recent call last):',
    '  File "x.py", line 9',
    'KeyError: 1',
    '',
    'During handling of the above exception, another exception occurred:',
  ];
  entries.push(['plain', '  more', ...trace, '', 'Traceback (most recent call last):', '  File "x.py", line 9', 'KeyError: 2', 'after']);
  expect(patiences).toEqual([1, 1, 20, 20, 5, 5, 20, 20, 5, 1]);
});
