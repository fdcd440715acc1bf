import { expect, test } from 'vitest';
import { Filter } from './filter.ts';
import { getHandlerByName, getHandlerNames, Handler } from './handler.ts';
import type { LogRecord } from './logRecord.ts';
import { NullHandler } from './nullHandler.ts';
import { makeLogRecord } from './recordFields.ts';

test('a Filter lets a logger and those below it through', () => {
  const filter = new Filter('spam.eggs');
  const names = ['spam.eggs', 'spam.eggs.fish', 'spam', 'spam.eggsy', 'spam.bakedbeans'];
  expect(names.filter((name) => filter.filter(makeLogRecord({ name })))).toEqual(['spam.eggs', 'spam.eggs.fish']);
  expect(names.every((name) => new Filter().filter(makeLogRecord({ name })))).toBe(true);
});

test('a filter may change a record, or give another one in its place', () => {
  const seen: string[] = [];
  class Noting extends Handler {
    override emit(record: LogRecord): void {
      seen.push(`${record.msg} ${'who' in record ? record.who : ''}`);
    }
  }
  const handler = new Noting();
  handler.addFilter((record) => Object.assign(record, { who: 'ann' }));
  handler.addFilter(({ msg }) => (msg === 'secret' ? makeLogRecord({ msg: '***' }) : true));
  for (const msg of ['plain', 'secret']) handler.handle(makeLogRecord({ msg }));
  handler.addFilter(() => false);
  expect(handler.handle(makeLogRecord({ msg: 'never' }))).toBe(false);
  expect(seen).toEqual(['plain ann', '*** ']);
});

test('handlers have names, by which they are found', () => {
  const handler = new NullHandler();
  handler.name = 'generic';
  expect(getHandlerByName('generic')).toBe(handler);
  handler.name = 'anothergeneric';
  expect(getHandlerByName('generic')).toBe(null);
  expect(getHandlerNames().has('anothergeneric')).toBe(true);
  handler.close();
  expect(getHandlerByName('anothergeneric')).toBe(null);
});
