/** What a configuration that came from a file looks like. */

export type Dict = Readonly<Record<string, unknown>>;

export function isDict(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Throws a TypeError where it is something else. */
export function optionalDict(dict: Dict, key: string): Dict | undefined {
  const value = dict[key];
  if (value === undefined || value === null) return undefined;
  if (isDict(value)) return value;
  throw new TypeError(`${key} is no object`);
}

/** Throws a TypeError where it is something else. */
export function optionalList(dict: Dict, key: string): readonly unknown[] {
  const value = dict[key];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError(`${key} is no list`);
}

/** Throws a TypeError where it is something else. */
export function optionalText(dict: Dict, key: string): string | undefined {
  const value = dict[key];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new TypeError(`${key} is no text`);
}
