import { expect, it } from 'vitest';
import { Logpoints } from './logpoints.ts';

it('finds the logpoint whose message a text can be', () => {
  const logpoints = new Logpoints();
  const find = (text: string, line?: number) => logpoints.find(text, line === undefined ? undefined : { file: '/a.js', line, column: 1 });
  expect(find('x is 3')).toBeUndefined();
  logpoints.set('/a.js', [
    { line: 4, message: 'x is {x}' },
    { line: 9, message: '{a} and {b}!' },
    { line: 12, message: 'here' },
  ]);
  logpoints.set('/b.js', [{ line: 1, message: 'x is {y}, z is {z}' }]);
  expect(find('x is 3', 4)).toEqual({ place: { file: '/a.js', line: 4, column: 1 } });
  expect(find('x is 3', 5)).toBeUndefined();
  expect(find('x is 3')).toEqual({ place: { file: '/a.js', line: 4 } });
  expect(find('x is 3, z is 4')).toEqual({});
  expect(find('1 and 2!')).toEqual({ place: { file: '/a.js', line: 9 } });
  expect(find('1 and 2')).toBeUndefined();
  expect(find('here')).toEqual({ place: { file: '/a.js', line: 12 } });
  expect(find('there')).toBeUndefined();
  logpoints.set('/a.js', []);
  expect(find('here')).toBeUndefined();
});
