import { expect, test } from 'vitest';
import { givenLayout, parseRule } from './layoutRules.ts';

test.each([
  ['*.log', 'alice/web.log', 'web.log', true],
  ['*.log', 'alice/sub/web.log.2.gz', 'web.log', true],
  ['web.log', 'alice/web.log-20261120.gz', 'web.log', true],
  ['alice/*', 'alice/web.log', 'web.log', true],
  ['alice/*', 'alice/sub/web.log', 'web.log', false],
  ['alice/**', 'alice/sub/web.log', 'web.log', true],
  ['**/web.log', 'web.log', 'web.log', true],
  ['w?b.log', 'bob/web.log', 'web.log', true],
  ['w.b.log', 'bob/web.log', 'web.log', false],
  ['[.log', 'bob/web.log', 'web.log', false],
])('%s for %s', (glob, file, log, fits) => {
  expect(givenLayout([{ glob, format: 'json' }], `/logs/${file}`, file, log)).toBe(fits ? 'json' : undefined);
});

test.each([
  ['/srv/app/*.log', '/srv/app/web.log', true],
  ['/srv/app/web.log', '/srv/app/web.log.2.gz', true],
  ['/srv/**/web.log', '/srv/app/sub/web.log', true],
  ['/srv/*.log', '/srv/app/web.log', false],
  ['app/web.log', '/srv/app/web.log', false],
  ['C:/logs/*.log', 'C:\\logs\\web.log', true],
  ['C:\\logs\\web.log', 'C:\\logs\\web.log.1', true],
])('%s for the whole path %s', (glob, path, fits) => {
  const file = path.split(/[\\/]/).at(-1) ?? '';
  expect(givenLayout([{ glob, format: 'json' }], path, file, 'web.log')).toBe(fits ? 'json' : undefined);
});

test('the first rule that fits counts', () => {
  const rules = ['a.log=json', '*=%(asctime)s=%(message)s'].map(parseRule);
  expect(givenLayout(rules, '/x/a.log', 'x/a.log', 'a.log')).toBe('json');
  expect(givenLayout(rules, '/x/b.log', 'x/b.log', 'b.log')).toBe('%(asctime)s=%(message)s');
});

test.each(['json', '=json', '*.log=', '*.log=csv'])('no rule: %s', (text) => {
  expect(() => parseRule(text)).toThrow(RangeError);
});
