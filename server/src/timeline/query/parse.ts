/**
 * Reads a query. The grammar, loosest first; blanks between terms mean `and`:
 *
 *     or   = and { "or" and }
 *     and  = not { ["and"] not }
 *     not  = { "not" | "-" } term
 *     term = "(" or ")" | field operator values | "quoted" | /regex/flags | word
 */
import { MAX_LEVEL, parseLevel } from '../../record/level.ts';
import { regexProblem, tidyFlags } from './regex.ts';
import type { Compare, Field, Query } from './syntax.ts';
import { matchesCase, QueryError } from './syntax.ts';
import { resolveTime } from './time.ts';
import type { Place, Token, Value } from './tokenize.ts';
import { tokenize } from './tokenize.ts';

/** Deeper ones are refused: reading and evaluating them takes the stack. */
const MAX_DEPTH = 100;

export type Parsed = { query: Query; error?: undefined } | { query?: undefined; error: QueryError };

/** Never throws, whatever the text. The empty query lets everything through. */
export function parseQuery(text: string): Parsed {
  try {
    return { query: new Parser(tokenize(text)).whole() };
  } catch (error) {
    if (error instanceof QueryError) return { error };
    throw error;
  }
}

type FieldToken = Extract<Token, { kind: 'field' }>;

class Parser {
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Query {
    if (this.token.kind === 'end') return { kind: 'all' };
    const query = this.or();
    const { token } = this;
    if (token.kind !== 'end')
      throw new QueryError('this parenthesis closes nothing', token.start, token.length, 'quotation marks around it');
    return query;
  }

  private get token(): Token {
    const token = this.tokens[this.next];
    if (token === undefined) throw new RangeError('behind the end');
    return token;
  }

  private or(): Query {
    const parts = [this.and()];
    while (this.token.kind === 'or') {
      this.next++;
      parts.push(this.and());
    }
    return joined('or', parts);
  }

  private and(): Query {
    const parts = [this.not()];
    for (;;) {
      const { kind } = this.token;
      if (kind === 'or' || kind === ')' || kind === 'end') return joined('and', parts);
      if (kind === 'and') this.next++;
      parts.push(this.not());
    }
  }

  private not(): Query {
    const { token } = this;
    if (token.kind !== 'not' && token.kind !== '-') return this.term();
    this.next++;
    const { start, kind } = this.token;
    if (token.kind === '-' && (kind === 'end' || start > token.start + 1)) {
      throw new QueryError('this minus stands alone', token.start, token.length, 'a term right after it, or quotation marks around it');
    }
    return { kind: 'not', part: this.nested(token, () => this.not()) };
  }

  private term(): Query {
    const { token } = this;
    switch (token.kind) {
      case '(': {
        this.next++;
        const query = this.nested(token, () => this.or());
        if (this.token.kind !== ')') throw new QueryError('this parenthesis is not closed', token.start, token.length, 'a closing one');
        this.next++;
        return query;
      }
      case 'field':
        this.next++;
        return fieldQuery(token);
      case 'word':
      case 'quoted':
      case 'regex':
        this.next++;
        return textQuery(token);
      default:
        throw new QueryError(
          token.kind === 'end' ? 'the query ends here' : `${JSON.stringify(token.kind)} does not belong here`,
          token.start,
          token.length,
          'a word, a text in quotation marks, a /regex/ or a field such as level>=warning',
        );
    }
  }

  private nested(place: Place, read: () => Query): Query {
    if (++this.depth > MAX_DEPTH)
      throw new QueryError('this is nested too deeply', place.start, place.length, `at most ${MAX_DEPTH} levels`);
    const query = read();
    this.depth--;
    return query;
  }
}

/** Parts of the same kind become parts of it: `(a b) c` is `a b c`. */
function joined(kind: 'and' | 'or', parts: readonly Query[]): Query {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) };
}

function textQuery(value: Value): Query {
  if (value.kind === 'regex') return regexQuery(value);
  if (value.kind === 'word') return { kind: 'text', text: value.text, ignoreCase: !matchesCase(value.text) };
  if (value.text === '') throw new QueryError('there is nothing in these quotation marks', value.start, value.length, 'a text');
  return { kind: 'text', text: value.text, ignoreCase: false };
}

function regexQuery({ source, flags, start, length }: Extract<Value, { kind: 'regex' }>): Query {
  const tidy = tidyFlags(flags);
  if (tidy === undefined) {
    const at = start + length - flags.length;
    throw new QueryError('these are no flags of a regex', at, flags.length, 'i, m or s; a path needs quotation marks');
  }
  if (source === '') throw new QueryError('there is nothing in this regex', start, length, 'a pattern');
  const problem = regexProblem(source, tidy);
  if (problem !== undefined) throw new QueryError(problem, start, length, '');
  return { kind: 'regex', source, flags: tidy };
}

const readers: { [F in Field]: (token: FieldToken) => Query } = {
  level: levelQuery,
  user: nameQuery,
  module: nameQuery,
  text: ({ field, values }) => textQuery(given(field, values[0], 'a word, a text in quotation marks or a /regex/')),
  has: ({ field, values }) => {
    const value = plain(field, values[0], 'exception');
    if (value.text.toLowerCase() === 'exception') return { kind: 'has', what: 'exception' };
    throw new QueryError(`a record cannot have ${JSON.stringify(value.text)}`, value.start, value.length, 'exception');
  },
  is: ({ field, values }) => {
    const value = plain(field, values[0], 'marked');
    if (value.text.toLowerCase() === 'marked') return { kind: 'is', what: 'marked' };
    throw new QueryError(`a record cannot be ${JSON.stringify(value.text)}`, value.start, value.length, 'marked');
  },
  after: (token) => timeQuery('since', token),
  since: (token) => timeQuery('since', token),
  before: (token) => timeQuery('until', token),
  until: (token) => timeQuery('until', token),
};

function fieldQuery(token: FieldToken): Query {
  const { field, operator, operatorAt } = token;
  if (operator === '!=') {
    throw new QueryError('"!=" is no operator', operatorAt.start, operatorAt.length, `-${field}:… for the records that it does not fit`);
  }
  if (field !== 'level' && operator !== ':' && operator !== '=') {
    throw new QueryError(`${field} cannot be compared so`, operatorAt.start, operatorAt.length, ': or =');
  }
  return readers[field](token);
}

/** The value, which has to be there. */
function given(field: Field, value: Value | undefined, expected: string): Value {
  if (value === undefined || (value.kind === 'word' && value.text === '')) {
    throw new QueryError(`${field} has no value`, value?.start ?? 0, 0, `${expected}, without a blank before it`);
  }
  return value;
}

/** The value, which has to be a text. */
function plain(field: Field, value: Value | undefined, expected: string): Place & { kind: 'word' | 'quoted'; text: string } {
  const found = given(field, value, expected);
  if (found.kind === 'regex') throw new QueryError(`${field} takes no regex`, found.start, found.length, expected);
  return found;
}

const LEVEL = 'DEBUG, INFO, WARNING, ERROR, CRITICAL or a number';

function isCompare(operator: string): operator is Compare {
  return ['>=', '>', '<=', '<', '='].includes(operator);
}

function levelQuery({ field, operator, operatorAt, values }: FieldToken): Query {
  const compare = operator === ':' ? '=' : operator;
  if (!isCompare(compare)) throw new QueryError('this is no comparison', operatorAt.start, operatorAt.length, ':, =, >=, >, <= or <');
  const levels = values.map((value) => {
    const { text, start, length } = plain(field, value, LEVEL);
    const level = parseLevel(text);
    if (level === undefined) throw new QueryError(`there is no level ${JSON.stringify(text)}`, start, length, LEVEL);
    return Math.min(level, MAX_LEVEL);
  });
  const second = values[1];
  if (compare !== '=' && second !== undefined) {
    throw new QueryError(`"${compare}" takes one level`, second.start, second.length, 'no comma');
  }
  return { kind: 'level', compare, levels };
}

function nameQuery({ field, values }: FieldToken): Query {
  const names = values.map((value) => {
    const { kind, text } = plain(field, value, 'a name, in which * and ? are wildcards');
    return { text, glob: kind === 'word' && /[*?]/.test(text) };
  });
  return { kind: field === 'user' ? 'user' : 'module', names };
}

const TIME = '2026-11-20T22:56:00, 2026-11-20, 10:15, or 30s, 10m, 2h, 1d ago';

function timeQuery(kind: 'since' | 'until', { field, values }: FieldToken): Query {
  const { text, start, length } = plain(field, values[0], TIME);
  if (resolveTime(text, { now: 0 }) === undefined) throw new QueryError(`${JSON.stringify(text)} is not a time`, start, length, TIME);
  return { kind, time: text };
}
