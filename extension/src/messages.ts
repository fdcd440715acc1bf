/** What comes from a page, a restored state or a command's caller, made into types at the border. Pure. */

import {
  columnNames,
  type Filter,
  type FromPage,
  type HostRequests,
  levelClasses,
  type PageLayout,
  type Place,
  type RelayedMethod,
  relayedMethods,
  type Source,
  type TextFilter,
  timeColumns,
} from '../../server/src/protocol.ts';

/** What a timeline shows and how it is called. */
export interface Subject {
  source: Source;
  filter: Filter;
  title: string;
}

/** More rows around each hit would be the whole log. */
const MAX_CONTEXT = 100;

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The source, or undefined where the value is none. */
export function parseSource(value: unknown): Source | undefined {
  const fields = fieldsOf(value);
  if (fields?.kind === 'tree' && typeof fields.root === 'string') return { kind: 'tree', root: fields.root };
  if ((fields?.kind === 'file' || fields?.kind === 'folder') && typeof fields.path === 'string')
    return { kind: fields.kind, path: fields.path };
  return undefined;
}

/** The parts of a filter that have the right type; the others are left out. */
export function parseFilter(value: unknown): Filter {
  const fields = fieldsOf(value) ?? {};
  const filter: Filter = {};
  for (const name of ['users', 'modules'] as const) {
    const list = fields[name];
    if (Array.isArray(list)) filter[name] = list.filter((item): item is string => typeof item === 'string');
  }
  for (const name of ['level', 'since', 'until'] as const) {
    const number = fields[name];
    if (typeof number === 'number' && Number.isFinite(number)) filter[name] = number;
  }
  const { levels } = fields;
  if (Array.isArray(levels)) filter.levels = levelClasses.filter((name) => levels.includes(name));
  for (const name of ['text', 'regex', 'query'] as const) {
    const text = fields[name];
    if (typeof text === 'string') filter[name] = text;
  }
  for (const name of ['ignoreCase', 'exceptions', 'marked', 'queryUtc'] as const) {
    const flag = fields[name];
    if (typeof flag === 'boolean') filter[name] = flag;
  }
  return filter;
}

const textParts = ['text', 'regex', 'query', 'ignoreCase'] as const satisfies (keyof TextFilter)[];

/** What a filter says of texts; the rest of it is left out. */
export function parseTextFilter(value: unknown): TextFilter {
  const filter = parseFilter(value);
  return Object.fromEntries(textParts.flatMap((name) => (filter[name] === undefined ? [] : [[name, filter[name]]])));
}

/** What the page kept by setState, as far as the extension needs it; undefined where it is not one of ours. */
export function parsePageState(value: unknown): Subject | undefined {
  const fields = fieldsOf(value);
  const source = parseSource(fields?.source);
  if (fields === undefined || source === undefined || typeof fields.title !== 'string') return undefined;
  return { source, filter: parseFilter(fields.filter), title: fields.title };
}

/** Wider or higher than this is no screen. */
const MAX_PIXELS = 10_000;

/** What is not usable is as nobody has changed it. */
export function parsePageLayout(value: unknown): PageLayout {
  const fields = fieldsOf(value) ?? {};
  const pixels = (size: unknown): number | undefined =>
    typeof size === 'number' && size > 0 && size <= MAX_PIXELS ? Math.round(size) : undefined;
  const widths = fieldsOf(fields.widths) ?? {};
  return {
    details: fields.details === true,
    detailsHeight: pixels(fields.detailsHeight) ?? null,
    time: timeColumns.find((name) => name === fields.time) ?? 'absolute',
    hidden: Array.isArray(fields.hidden) ? columnNames.filter((name) => (fields.hidden as unknown[]).includes(name)) : [],
    widths: Object.fromEntries(
      columnNames.flatMap((name) => {
        const width = pixels(widths[name]);
        return width === undefined ? [] : [[name, width]];
      }),
    ),
  };
}

const hostMethods: readonly string[] = [
  'host/openPlace',
  'host/openRecord',
  'host/setLayout',
  'host/copy',
  'host/command',
  'host/setting',
  'host/layout',
  'host/remember',
  'host/export',
] satisfies (keyof HostRequests)[];

/** A message of the page; undefined for what the protocol does not know (a method that is not permitted counts as such). */
export function parseFromPage(value: unknown): FromPage | undefined {
  const fields = fieldsOf(value);
  if (fields?.kind === 'ready') return { kind: 'ready' };
  if (typeof fields?.id !== 'number') return undefined;
  if (fields.kind === 'cancel') return { kind: 'cancel', id: fields.id };
  if (fields.kind !== 'request' || typeof fields.method !== 'string') return undefined;
  const { id, method, params } = fields;
  return isRelayed(method) || isHostMethod(method) ? { kind: 'request', id, method, params } : undefined;
}

/** Whether the page may have the server asked this. */
export function isRelayed(method: string): method is RelayedMethod {
  return (relayedMethods as readonly string[]).includes(method);
}

function isHostMethod(method: string): method is keyof HostRequests {
  return hostMethods.includes(method);
}

/** Each throws TypeError where the parameters are not of the method's type. */
export const parseHostParams: { [M in keyof HostRequests]: (value: unknown) => HostRequests[M][0] } = {
  'host/openPlace': (value) => {
    const fields = fieldsOf(value);
    const line = positive(fields?.line);
    if (typeof fields?.path !== 'string' || line === undefined) throw new TypeError('not a place');
    const column = positive(fields.column);
    const place: Place = { path: fields.path, line };
    return column === undefined ? place : { ...place, column };
  },
  'host/openRecord': (value) => {
    const fields = fieldsOf(value);
    const line = positive(fields?.line);
    if (typeof fields?.file !== 'string' || line === undefined) throw new TypeError('not a record');
    return { file: fields.file, line };
  },
  'host/setLayout': (value) => {
    const file = fieldsOf(value)?.file;
    if (typeof file !== 'string') throw new TypeError('not a file');
    return { file };
  },
  'host/copy': (value) => {
    const text = fieldsOf(value)?.text;
    if (typeof text !== 'string') throw new TypeError('not a text');
    return { text };
  },
  'host/command': (value) => {
    const command = fieldsOf(value)?.command;
    switch (command) {
      case 'openLog':
      case 'openMaster':
      case 'openSettings':
      case 'openWalkthrough':
      case 'enableService':
      case 'pickRoot':
        return { command };
      default:
        throw new TypeError('not a command of the page');
    }
  },
  'host/setting': (value) => {
    const fields = fieldsOf(value);
    const { name, value: setting } = fields ?? {};
    const fits =
      ((name === 'microseconds' || name === 'wrap' || name === 'timeline.histogram') && typeof setting === 'boolean') ||
      (name === 'timeline.context' && contextLines(setting) === setting) ||
      (name === 'timeZone' && (setting === 'local' || setting === 'utc' || setting === 'file')) ||
      (name === 'ansi' && (setting === 'draw' || setting === 'strip' || setting === 'raw'));
    if (!fits) throw new TypeError('not a setting of the page');
    return { name, value: setting as string | number | boolean };
  },
  'host/layout': parsePageLayout,
  'host/remember': parseTextFilter,
  'host/export': (value) => {
    const view = fieldsOf(value)?.view;
    if (typeof view !== 'number') throw new TypeError('not a view');
    return { view };
  },
};

/** Rows around a hit: 0 where the value is no such number. */
export function contextLines(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_CONTEXT ? value : 0;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
}
