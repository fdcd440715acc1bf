import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery } from './parse.ts';
import { printQuery } from './print.ts';
import type { Query } from './syntax.ts';
import { queries } from './testing/queries.ts';

function read(text: string): Query {
  const { query, error } = parseQuery(text);
  if (error !== undefined) throw error;
  return query;
}
/** `problem; expected …`, and the place in marks. */
function refused(text: string): string {
  const { error } = parseQuery(text);
  if (error === undefined) throw new Error(`${text} is a query`);
  const { start, length } = error;
  return `${text.slice(0, start)}«${text.slice(start, start + length)}»${text.slice(start + length)}: ${error.message}`;
}
const word = (text: string): Query => ({ kind: 'text', text, ignoreCase: true });
const exact = (text: string): Query => ({ kind: 'text', text, ignoreCase: false });

describe('terms', () => {
  it.each<[string, Query]>([
    ['', { kind: 'all' }],
    ['  \t\n ', { kind: 'all' }],
    ['teapot', word('teapot')],
    ['Teapot', exact('Teapot')],
    ['418', exact('418')],
    ['"a b"', exact('a b')],
    ['"say \\"hi\\" \\\\ C:\\new"', exact('say "hi" \\ C:\\new')],
    ['status="500"', word('status="500"')],
    ['http://host:80/a?b=c', word('http://host:80/a?b=c')],
    ['10:15:03', exact('10:15:03')],
    ['std::io', word('std::io')],
    ['ValueError:', exact('ValueError:')],
    ['localhost:8534', word('localhost:8534')],
    ['a-b', word('a-b')],
    ['/a b\\/[/)]c/', { kind: 'regex', source: 'a b\\/[/)]c', flags: '' }],
    ['/x/smiu', { kind: 'regex', source: 'x', flags: 'ims' }],
    ['level>=warning', { kind: 'level', compare: '>=', levels: [30] }],
    ['LEVEL >= Warn', { kind: 'level', compare: '>=', levels: [30] }],
    ['level:35', { kind: 'level', compare: '=', levels: [35] }],
    ['level="Level 35",error', { kind: 'level', compare: '=', levels: [35, 40] }],
    ['level<999', { kind: 'level', compare: '<', levels: [999] }],
    ['user:alice', { kind: 'user', names: [{ text: 'alice', glob: false }] }],
    [
      'module:web*,"a, b*",x',
      {
        kind: 'module',
        names: [
          { text: 'web*', glob: true },
          { text: 'a, b*', glob: false },
          { text: 'x', glob: false },
        ],
      },
    ],
    ['user:""', { kind: 'user', names: [{ text: '', glob: false }] }],
    ['has:exception', { kind: 'has', what: 'exception' }],
    ['after:10:15', { kind: 'since', time: '10:15' }],
    ['since:10m', { kind: 'since', time: '10m' }],
    ['before:2026-11-20 09:15:00,5Z', { kind: 'until', time: '2026-11-20 09:15:00,5Z' }],
    ['until:"2026-11-20 10:15"', { kind: 'until', time: '2026-11-20 10:15' }],
    ['text:level:', word('level:')],
    ['text:"or"', exact('or')],
    ['text:/or/i', { kind: 'regex', source: 'or', flags: 'i' }],
  ])('%j', (text, query) => {
    expect(read(text)).toEqual(query);
  });
});

describe('combinations', () => {
  it.each([
    ['a b', 'a b'],
    ['a and b AND c', 'a b c'],
    ['a or b c', 'a or b c'],
    ['(a or b) c', '(a or b) c'],
    ['(a b) c', 'a b c'],
    ['((a)) or (b or c)', 'a or b or c'],
    ['not a b', '-a b'],
    ['-(a b) or not not c', '-(a b) or --c'],
    ['not (a or b)', '-(a or b)'],
    ['-level>=warning -user:a', '-level>=warning -user:a'],
    ['(user:a,b)(module:c)', 'user:a,b module:c'],
    ['"a"', '"a"'],
    ['"Big"', 'Big'],
    ['text:level != x', 'text:level != x'],
    ['after:2026-11-20 and 10:15', 'after:"2026-11-20" 10:15'],
    ['text:and', 'text:and'],
    ['text:-x', 'text:-x'],
    ['"a\\\\"', '"a\\\\"'],
  ])('%j is %j', (text, printed) => {
    expect(printQuery(read(text))).toBe(printed);
  });
});

describe('what is wrong is pointed at', () => {
  it.each([
    ['level>=loud x', 'level>=«loud» x: there is no level "loud"; expected DEBUG, INFO, WARNING, ERROR, CRITICAL or a number'],
    ['a level>=', 'a level>=«»: level has no value; expected DEBUG'],
    ['user: alice', 'user:«» alice: user has no value; expected a name'],
    ['user:a,', 'user:a,«»: user has no value'],
    ['level>=info,error', 'level>=info,«error»: ">=" takes one level'],
    ['level!=info', 'level«!=»info: "!=" is no operator; expected -level:…'],
    ['user>=a', 'user«>=»a: user cannot be compared so; expected : or ='],
    ['x modul:web', 'x «modul»:web: there is no field "modul"; expected level, user, module'],
    ['has:tail', 'has:«tail»: a record cannot have "tail"; expected exception'],
    ['after:soon', 'after:«soon»: "soon" is not a time; expected 2026'],
    ['after:2026-13-01', 'after:«2026-13-01»: "2026-13-01" is not a time'],
    ['after:25:00', 'after:«25:00»: "25:00" is not a time'],
    ['after:/x/', 'after:«/x/»: after takes no regex'],
    ['a or', 'a or«»: the query ends here; expected a word'],
    ['a and or b', 'a and «or» b: "or" does not belong here'],
    ['not', 'not«»: the query ends here'],
    ['a - b', 'a «-» b: this minus stands alone'],
    ['(a or b', '«(»a or b: this parenthesis is not closed'],
    ['a) b', 'a«)» b: this parenthesis closes nothing'],
    ['main()', 'main(«)»: ")" does not belong here'],
    ['x "abc', 'x «"abc»: this quotation does not end'],
    ['"a"b', '"a"«b»: "b" does not belong here; expected a blank'],
    ['""', '«""»: there is nothing in these quotation marks'],
    ['/var/log', '/var/«log»: these are no flags of a regex; expected i, m or s; a path needs quotation marks'],
    ['/var/log/x', '/var/log«/»x: "/" does not belong here; expected a blank after the regex; a path needs quotation marks'],
    ['/var', '«/var»: this regex does not end'],
    ['//', '«//»: there is nothing in this regex'],
    ['x /(/', 'x «/(/»: Invalid regular expression'],
    ['/(a+)+$/', '«/(a+)+$/»: a repetition in a repetition can take for ever'],
  ])('%j', (text, told) => {
    expect(refused(text)).toContain(told);
  });
  it('nested without end', () => {
    expect(refused('('.repeat(100_000))).toContain('nested too deeply');
    expect(refused('-'.repeat(100_000))).toContain('nested too deeply');
    expect(read(`${'('.repeat(100)}a${')'.repeat(100)}`)).toEqual(word('a'));
  });
});

describe('for any text', () => {
  const pieces = fc.constantFrom(
    ...[
      'level',
      'user',
      'has:',
      'after:',
      'text:',
      ':',
      '>=',
      '!=',
      ',',
      '"',
      '/',
      '\\',
      '(',
      ')',
      '-',
      ' ',
      'and',
      'OR',
      'not',
      'a',
      'Ü',
      '*',
      '10:15',
      'after:2026-11-20',
      '[',
      '+',
    ],
  );
  const soup = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  it('nothing is thrown, an error stands within the text, and what was printed reads as it was', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { query, error } = parseQuery(text);
        if (error !== undefined) {
          expect(error.message).not.toBe('');
          expect(error.start).toBeGreaterThanOrEqual(0);
          expect(error.length).toBeGreaterThanOrEqual(0);
          expect(error.start + error.length).toBeLessThanOrEqual(text.length);
        } else expect(read(printQuery(query))).toEqual(query);
      }),
      { numRuns: 4000 },
    );
  });
  it('queries of every kind are read, and read again as they were', () => {
    fc.assert(
      fc.property(queries, ({ text }) => {
        const query = read(text);
        expect(read(printQuery(query))).toEqual(query);
      }),
      { numRuns: 600 },
    );
  });
});
