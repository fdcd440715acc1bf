import { type Anchor, type Filter, levelClasses, type PageState, type Source } from '../../server/src/protocol.ts';

/** Reads what was kept by an older page, maybe of another version: null where it is not a whole state. */
export function parsePageState(value: unknown): PageState | null {
  if (!isObject(value)) return null;
  const source = parseSource(value.source);
  if (!source) return null;
  return {
    source,
    filter: parseFilter(value.filter),
    title: typeof value.title === 'string' ? value.title : '',
    anchor: parseAnchor(value.anchor),
    pixelOffset: number(value.pixelOffset) ?? 0,
    following: value.following === true,
    selection: strings(value.selection) ?? [],
    unfolded: strings(value.unfolded) ?? [],
  };
}

export function sameSource(a: Source, b: Source): boolean {
  const place = (source: Source): string => (source.kind === 'tree' ? source.root : source.path);
  return a.kind === b.kind && place(a) === place(b);
}

function parseSource(value: unknown): Source | null {
  if (!isObject(value)) return null;
  if (value.kind === 'tree' && typeof value.root === 'string') return { kind: 'tree', root: value.root };
  if ((value.kind === 'file' || value.kind === 'folder') && typeof value.path === 'string') return { kind: value.kind, path: value.path };
  return null;
}

function parseFilter(value: unknown): Filter {
  if (!isObject(value)) return {};
  const filter: Filter = {};
  for (const name of ['users', 'modules'] as const) {
    const list = strings(value[name]);
    if (list) filter[name] = list;
  }
  for (const name of ['level', 'since', 'until'] as const) {
    const given = number(value[name]);
    if (given !== null) filter[name] = given;
  }
  const levels = levelClasses.filter((name) => strings(value.levels)?.includes(name));
  if (levels.length > 0) filter.levels = levels;
  for (const name of ['text', 'regex', 'query'] as const) {
    const given = value[name];
    if (typeof given === 'string') filter[name] = given;
  }
  for (const name of ['ignoreCase', 'exceptions', 'marked', 'queryUtc'] as const) if (value[name] === true) filter[name] = true;
  return filter;
}

function parseAnchor(value: unknown): Anchor {
  if (isObject(value)) {
    if (typeof value.id === 'string') return { id: value.id };
    const time = number(value.time);
    if (time !== null) return { time };
    if (value.at === 'start') return { at: 'start' };
  }
  return { at: 'end' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function strings(value: unknown): string[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
}
