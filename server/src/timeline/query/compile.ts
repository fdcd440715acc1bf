/** A query → a condition on records. */
import { globMatcher, textMatcher } from '../match.ts';
import type { Predicate } from '../predicate.ts';
import {
  allOf,
  anyOf,
  EVERYTHING,
  hasException,
  isMarked,
  levelIs,
  moduleIs,
  not,
  regexIs,
  since,
  textIs,
  until,
  userIs,
} from '../predicate.ts';
import type { Compare, NamePattern, Query } from './syntax.ts';
import type { QueryContext } from './time.ts';
import { resolveTime } from './time.ts';

/** @param context what the query's times are relative to */
export function compileQuery(query: Query, context: QueryContext): Predicate {
  switch (query.kind) {
    case 'all':
      return EVERYTHING;
    case 'and':
      return allOf(query.parts.map((part) => compileQuery(part, context)));
    case 'or':
      return anyOf(query.parts.map((part) => compileQuery(part, context)));
    case 'not':
      return not(compileQuery(query.part, context));
    case 'level':
      return levelIs((level) => query.levels.some((wanted) => comparisons[query.compare](level, wanted)));
    case 'user':
      return userIs(query.names.map(nameMatcher));
    case 'module':
      return moduleIs(query.names.map(nameMatcher));
    case 'has':
      return hasException;
    case 'is':
      return isMarked(context.marked ?? new Map());
    case 'since':
      return since(timeOf(query.time, context));
    case 'until':
      return until(timeOf(query.time, context));
    case 'text':
      return textIs(query.text, query.ignoreCase, textMatcher(query.text, false, query.ignoreCase));
    case 'regex': {
      const pattern = new RegExp(query.source, `${query.flags}u`);
      return regexIs(query.source, query.flags, (message) => pattern.test(message));
    }
  }
}

const comparisons: { [C in Compare]: (level: number, wanted: number) => boolean } = {
  '>=': (level, wanted) => level >= wanted,
  '>': (level, wanted) => level > wanted,
  '<=': (level, wanted) => level <= wanted,
  '<': (level, wanted) => level < wanted,
  '=': (level, wanted) => level === wanted,
};

function nameMatcher({ text, glob }: NamePattern): (name: string) => boolean {
  return glob ? globMatcher(text) : (name) => name === text;
}

/** The parser lets through only what is a time, whatever the day. */
function timeOf(time: string, context: QueryContext): number {
  const resolved = resolveTime(time, context);
  if (resolved === undefined) throw new RangeError(`${time} is not a time`);
  return resolved;
}
