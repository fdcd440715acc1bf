/** What a query is once it has been read: a small tree. */

export type Compare = '>=' | '>' | '<=' | '<' | '=';

export interface NamePattern {
  text: string;
  /** `*` and `?` are wildcards in it. */
  glob: boolean;
}

export type Query =
  /** Everything: the empty query. */
  | { kind: 'all' }
  /** Two parts or more, none of them of the same kind. */
  | { kind: 'and' | 'or'; parts: Query[] }
  | { kind: 'not'; part: Query }
  /** Several levels only with `=`: any of them. */
  | { kind: 'level'; compare: Compare; levels: number[] }
  /** Any of the names. */
  | { kind: 'user' | 'module'; names: NamePattern[] }
  | { kind: 'has'; what: 'exception' }
  | { kind: 'is'; what: 'marked' }
  /** As it was given: ISO 8601, a time of day, or so long ago. */
  | { kind: 'since' | 'until'; time: string }
  | { kind: 'text'; text: string; ignoreCase: boolean }
  /** The flag `u` is understood. */
  | { kind: 'regex'; source: string; flags: string };

/** Says where a query is wrong, in UTF-16 units, and what was expected there. */
export class QueryError extends Error {
  override name = 'QueryError';
  constructor(
    readonly problem: string,
    readonly start: number,
    /** 0 at the end of the query. */
    readonly length: number,
    readonly expected: string,
  ) {
    super(expected === '' ? problem : `${problem}; expected ${expected}`);
  }
}

export const fields = ['level', 'user', 'module', 'text', 'has', 'is', 'after', 'since', 'before', 'until'] as const;
export type Field = (typeof fields)[number];

/** Whether a bare word is looked for in its own case: one with a capital is, and one for which case means nothing. */
export function matchesCase(word: string): boolean {
  return /\p{Lu}/u.test(word) || word.toLowerCase() === word.toUpperCase();
}

/** Whether it depends on which records are marked. */
export function usesMarks(query: Query): boolean {
  switch (query.kind) {
    case 'is':
      return true;
    case 'and':
    case 'or':
      return query.parts.some(usesMarks);
    case 'not':
      return usesMarks(query.part);
    default:
      return false;
  }
}
