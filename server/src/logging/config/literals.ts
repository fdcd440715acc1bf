/** `args` and `kwargs` of fileConfig: Python's literals, with names of a table in them; never evaluated. */

import { Float, Tuple } from '../../wire/pickle.ts';
import { parsePythonLiteral, Unparsed } from '../../wire/pythonLiteral.ts';
import type { Names } from './names.ts';

/** The values of a tuple `('app.log', 'w')`, or of a value alone. Throws what is wrong with it. */
export function parseArgs(text: string, names: Names): unknown[] {
  const value = parsePythonLiteral(text);
  if (!(value instanceof Tuple)) throw new TypeError(`args: ${text} is no tuple: a single value needs a comma behind it`);
  return value.items.map((item) => toValue(item, names));
}

/** The entries of a dict `{'delay': True}`. Throws what is wrong with it. */
export function parseKwargs(text: string, names: Names): Record<string, unknown> {
  const value = parsePythonLiteral(text);
  if (!(value instanceof Map)) throw new TypeError(`kwargs: ${text} is no dict`);
  return Object.fromEntries([...value].map(([key, item]) => [String(key), toValue(item, names)]));
}

function toValue(value: unknown, names: Names): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof Tuple) return value.items.map((item) => toValue(item, names));
  if (Array.isArray(value)) return value.map((item) => toValue(item, names));
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toValue(item, names)]));
  if (value instanceof Set) return new Set([...value].map((item) => toValue(item, names)));
  if (!(value instanceof Unparsed)) return value;
  const { text } = value;
  if (/^0[xXoObB][\da-fA-F_]+$/.test(text)) return Number(text.replaceAll('_', ''));
  if (/^[A-Za-z_][\w.]*$/.test(text)) return names.resolve(text);
  throw new TypeError(`${JSON.stringify(text)} is neither a literal nor a name`);
}
