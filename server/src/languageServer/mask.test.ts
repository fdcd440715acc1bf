import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Mask } from './mask.ts';

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  contributes: { configuration: { properties: Record<string, { default: string[] }> }[] };
};
const defaults = manifest.contributes.configuration.flatMap(({ properties }) => properties['safelog.debug.mask']?.default ?? []);

describe("the setting's own patterns", () => {
  const mask = new Mask(defaults);

  test.each([
    ['password=hunter2 user=alice', 'password=*** user=alice'],
    ['DB_PASSWORD: "two words", host: db', 'DB_PASSWORD: "***", host: db'],
    [`{"apiKey":"k-1","token":'t'}`, `{"apiKey":"***","token":'***'}`],
    [String.raw`"{\"secret\":\"x y\"}"`, String.raw`"{\"secret\":\"***"}"`],
    ['GET /?access_token=abc&page=2', 'GET /?access_token=***&page=2'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer ***'],
    [`{ authorization: 'Basic dXNlcjpwdw==' }`, `{ authorization: 'Basic ***' }`],
    ['connecting to postgres://app:s3cret@db:5432/x', 'connecting to postgres://app:***@db:5432/x'],
    [`key AKIA${'A'.repeat(16)} and ghp_${'a1'.repeat(18)}.`, 'key *** and ***.'],
    [`jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl!`, 'jwt ***!'],
    ['a\npasswd = x\nb', 'a\npasswd = ***\nb'],
  ])('%s', (text, masked) => {
    expect(mask.apply(text)).toBe(masked);
  });

  test.each(['token ring', 'the password is wrong', 'line 3 of 4: ok', 'https://example.org/a@b', 'at f (/x.js:1:2)'])(
    'leave %s',
    (text) => {
      expect(mask.apply(text)).toBe(text);
    },
  );

  test('are all usable', () => {
    expect(defaults.length).toBeGreaterThan(3);
    expect(mask.problems).toEqual([]);
  });
});

test('groups are hidden, else the whole match; nested and empty groups too', () => {
  expect(new Mask(['customer-\\d+']).apply('for customer-12 and customer-3')).toBe('for *** and ***');
  expect(new Mask(['a(b(c)?)d', '(x)|(y)']).apply('abcd abd x y')).toBe('a***d a***d *** ***');
  expect(new Mask(['(?P<n>a)1', '(?P<n>b)2']).apply('a1 b2')).toBe('***1 ***2');
  expect(new Mask(['', 'z*']).apply('abz')).toBe('ab***');
});

test('what cannot be used is told, and the others count', () => {
  const mask = new Mask(['(', '(a)\\1', 'b']);
  expect(mask.problems).toEqual([expect.stringContaining('safelog.debug.mask: ('), expect.stringContaining('(a)\\1')]);
  expect(mask.apply('aa b')).toBe('aa ***');
});

test('takes time in proportion to the text, whatever the pattern is', () => {
  const time = (length: number): number => {
    const mask = new Mask(['(a+)+$', '(a|a)*b', '(.*)(.*)(.*)(.*)=x']);
    const text = `${'a'.repeat(length)}!`;
    const start = process.cpuUsage();
    expect(mask.apply(text)).toBe(text);
    return process.cpuUsage(start).user;
  };
  // A regex that tracks back would need more than the age of the world.
  expect(time(100_000)).toBeLessThan(10_000_000);
});
