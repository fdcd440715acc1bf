import { expect, test } from 'vitest';
import { callStack, errorOnlyText, errorText } from './errorText.ts';

const withoutFrames = (text: string): string => text.replace(/\n\s+at [^\n]*/g, '');

test('an error has its stack, its causes and the errors that it holds', () => {
  const inner = new TypeError('inner');
  const error = new AggregateError([new RangeError('one'), 'two'], 'many', { cause: new Error('middle', { cause: inner }) });
  expect(errorText(error)).toContain('errorText.test.ts');
  expect(withoutFrames(errorText(error))).toBe(
    'AggregateError: many\nError 1 of 2: RangeError: one\nError 2 of 2: two\nCaused by: Error: middle\nCaused by: TypeError: inner',
  );
  expect(errorOnlyText(error)).toBe('AggregateError: many\nCaused by: Error: middle\nCaused by: TypeError: inner');
});

test('causes in a circle end', () => {
  const error = new Error('round');
  error.cause = new Error('and', { cause: error });
  expect(withoutFrames(errorText(error))).toBe('Error: round\nCaused by: Error: and\nCaused by: Error: round [see above]');
  expect(errorOnlyText(error)).toBe('Error: round\nCaused by: Error: and');
});

test('what is thrown need not be an error', () => {
  expect(errorText({ code: 7 })).toBe('{ code: 7 }');
  expect(errorOnlyText('a text')).toBe('a text');
  expect(errorText(new Error('text', { cause: { code: 7 } }))).toMatch(/\nCaused by: \{ code: 7 \}$/);
  expect(
    errorText({
      get stack() {
        throw new Error('no');
      },
    }),
  ).toContain('Getter');
});

test('a message that was changed later is the one that is shown', () => {
  const error = new Error('before');
  error.message = 'after';
  expect(withoutFrames(errorText(error))).toBe('Error: after');
  class HttpError extends Error {
    override name = 'HttpError';
  }
  expect(errorText(new HttpError('404'))).toMatch(/^HttpError: 404\n/);
  expect(errorText(Object.assign(new Error('bare'), { stack: undefined }))).toBe('Error: bare');
});

test('the stack of a call', () => {
  const entry = (): string => callStack(entry);
  const limit = Error.stackTraceLimit;
  expect(entry().split('\n')[0]).toContain('errorText.test.ts');
  expect(Error.stackTraceLimit).toBe(limit);
});
