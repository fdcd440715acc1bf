/** Filters of views → conditions on records. */
import type { Filter } from '../protocol.ts';
import { levelClassOf } from './levelClass.ts';
import { textMatcher } from './match.ts';
import type { Predicate } from './predicate.ts';
import { allOf, EVERYTHING, hasException, isMarked, levelIs, moduleGlobs, regexIs, since, textIs, until, userIs } from './predicate.ts';
import { compileQuery } from './query/compile.ts';
import { parseQuery } from './query/parse.ts';
import { usesMarks } from './query/syntax.ts';
import type { QueryContext } from './query/time.ts';

export interface CompiledFilter extends Predicate {
  /** Lets everything through. */
  readonly all: boolean;
  /** Depends on which records are marked. */
  readonly marks: boolean;
}

/**
 * @param context what the times of the filter's query are relative to
 * @throws SyntaxError where the regex does not parse or may take for ever, QueryError where the query does not
 */
export function compileFilter(filter: Filter, context: QueryContext = { now: Date.now() * 1000 }): CompiledFilter {
  const { level, levels, users, modules, text, regex, ignoreCase = false, query } = filter;
  // What costs least comes first.
  const parts: Predicate[] = [];
  let marks = filter.marked === true;
  if (filter.within !== undefined) {
    const within = compileFilter(filter.within, context);
    marks ||= within.marks;
    parts.push(within);
  }
  if (level !== undefined) parts.push(levelIs((own) => own >= level));
  if (levels !== undefined) parts.push(levelIs((own) => levels.includes(levelClassOf(own)), levels.includes('none')));
  if (filter.marked === true) parts.push(isMarked(context.marked ?? new Map()));
  if (filter.exceptions === true) parts.push(hasException);
  if (users !== undefined) parts.push(userIs([(user) => users.includes(user)]));
  if (modules !== undefined) parts.push(moduleGlobs(modules));
  if (filter.since !== undefined) parts.push(since(filter.since));
  if (filter.until !== undefined) parts.push(until(filter.until));
  if (query !== undefined) {
    const parsed = parseQuery(query);
    if (parsed.error !== undefined) throw parsed.error;
    marks ||= usesMarks(parsed.query);
    if (parsed.query.kind !== 'all') parts.push(compileQuery(parsed.query, { ...context, utc: filter.queryUtc }));
  }
  if (text) parts.push(textIs(text, ignoreCase, textMatcher(text, false, ignoreCase)));
  if (regex) parts.push(regexIs(regex, ignoreCase ? 'i' : '', textMatcher(regex, true, ignoreCase)));
  const predicate = allOf(parts);
  return { ...predicate, all: predicate === EVERYTHING, marks };
}
