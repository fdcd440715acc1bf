import { describe, expect, it } from 'vitest';
import { completions } from './queryCompletion.ts';

const names = { users: ['alice', 'bob', 'al "x" y'], modules: ['web', 'web.db', 'worker', 'sub/x'] };
/** `|` is the caret, in the query and in what comes of it. */
function offered(text: string): string[] {
  const caret = text.indexOf('|');
  return completions(text.replace('|', ''), caret, names).map(({ value, caret: at }) => `${value.slice(0, at)}|${value.slice(at)}`);
}

describe('completions of a query', () => {
  it.each<[string, string[]]>([
    ['le|', ['level>=|', 'level:|']],
    ['teapot -us|', ['teapot -user:|']],
    ['(has|', ['(has:exception |']],
    ['level>=e|', ['level>=error |']],
    ['level:info,w|', ['level:info,warning |']],
    ['user:al| x', ['user:alice| x', 'user:"al \\"x\\" y"| x']],
    ['module:web|', []],
    ['module:web,w|', ['module:web,web |', 'module:web,web.db |', 'module:web,worker |']],
    ['module:wokr|', ['module:worker |']],
    ['module:DB|)', ['module:web.db|)']],
    ['is:|', ['is:marked |']],
    ['after:1|', ['after:10m |', 'after:1h |', 'after:1d |', 'after:10:15 |']],
    ['a  |', []],
    ['|', []],
    ['"le|', []],
    ['/us|', []],
    ['"a b" us|', ['"a b" user:|']],
    ['http://us|', []],
    ['text:/le|', []],
    ['level>=error|', []],
  ])('%s', (text, wanted) => {
    expect(offered(text)).toEqual(wanted);
  });

  it('offers few of many names', () => {
    const modules = Array.from({ length: 5000 }, (_, number) => `service${number}.worker`);
    for (const query of ['module:', 'module:wor', 'module:wroker'])
      expect(completions(query, query.length, { users: [], modules })).toHaveLength(12);
  });
});
