/**
 * The service's settings. Each has one name, by which the config file (JSON), the environment and the command's options give it; options go
 * before the environment, that before the file.
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { joinFormat } from '../record/layouts/format.ts';
import { LineFormat } from '../record/lineFormat.ts';
import { nameFault } from '../record/treeName.ts';
import { SAFELOG_PORT } from '../wire/safelog.ts';
import { hasCode } from '../writer/makeFolder.ts';
import { defaultRoot, type Environment } from '../writer/root.ts';
import type { TreeRotation } from '../writer/treeRotation.ts';
import { IDENTITY_MODES, type IdentityMode } from './identity.ts';
import type { Retention } from './retention.ts';

export interface ServiceConfig {
  root: string;
  /** Of the original protocol. */
  host: string;
  /** 0 picks a free one; null: off. */
  port: number | null;
  /** Of the streaming protocol: the Unix socket's path, and a TCP port on `host`; null: off. */
  socket: string | null;
  /** Nobody has named the socket: a service without it is no failure, since another one may have it. */
  isSocketOptional: boolean;
  streamPort: number | null;
  /** Other loggers' protocols, on `host`; 0 picks a free port; null: off. syslog has its port on TCP and UDP. */
  pythonTcp: number | null;
  pythonUdp: number | null;
  http: number | null;
  syslog: number | null;
  otlp: number | null;
  json: number | null;
  /** A Unix socket for syslog, too. */
  syslogSocket: string | null;
  identity: IdentityMode;
  /** For the original protocol: lines that continue an entry begin with a TAB. */
  markContinuations: boolean;
  /** For records that name no module. */
  module: string;
  /** For records that name no user, of those whom nobody knows; null: they are refused. */
  user: string | null;
  /** A format string of Python's logging for records of receivers, perhaps with `;datefmt=` and one of strftime; null: Safelog's own layout. */
  format: string | null;
  rotation: TreeRotation;
  retention: Retention;
  /** Longest message, record or request body, and all that waits, bytes; not of streams. */
  messageBytes: number;
  totalBytes: number;
  /** Open connections of each receiver. */
  connections: number;
  /** Records a second of one connection, and of a receiver of datagrams; 0: any. */
  recordsPerSecond: number;
  /** Silence within a message, ms. */
  idleMs: number;
}

/** A setting that is none, in words for a person. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

interface Setting {
  kind: 'text' | 'name' | 'socket' | 'port' | 'count' | 'bytes' | 'duration' | 'boolean' | 'when' | 'identity';
  /** Of a number. */
  least?: number;
  most?: number;
  env?: string;
  help: string;
}

/** By the name in the file; the option is the same in kebab case. */
export const SETTINGS = {
  root: { kind: 'text', env: 'SAFELOG_ROOT', help: 'the log tree; made where it is missing' },
  host: { kind: 'text', env: 'SAFELOG_HOST', help: 'the address that the TCP ports listen on [127.0.0.1]' },
  port: { kind: 'port', env: 'SAFELOG_PORT', help: `the port of the original protocol; 0 picks a free one [${SAFELOG_PORT}]` },
  socket: { kind: 'socket', env: 'SAFELOG_SOCKET', help: 'the Unix socket of the streaming protocol; - for none [see below]' },
  streamPort: { kind: 'port', help: 'a TCP port of the streaming protocol, too' },
  pythonTcp: { kind: 'port', help: 'a TCP port for SocketHandler of Python’s logging, usually 9020' },
  pythonUdp: { kind: 'port', help: 'a UDP port for DatagramHandler, usually 9021' },
  http: { kind: 'port', help: 'an HTTP port for HTTPHandler, usually 9022, and for JSON records by POST' },
  syslog: { kind: 'port', help: 'a TCP and UDP port for syslog, usually 514; 5514 where that is refused' },
  syslogSocket: { kind: 'socket', help: 'a Unix socket for syslog' },
  otlp: { kind: 'port', help: 'an HTTP port for OpenTelemetry logs, usually 4318' },
  json: { kind: 'port', help: 'a TCP port for JSON lines (pino, winston, bunyan …)' },
  identity: { kind: 'identity', env: 'SAFELOG_IDENTITY', help: 'check, require or off: see below [check]' },
  markContinuations: { kind: 'boolean', help: 'the original protocol too: a TAB before lines that continue an entry' },
  user: {
    kind: 'name',
    env: 'SAFELOG_USER',
    help: 'for records that name no user, of those whom nobody knows [receivers of other protocols: the service’s own]',
  },
  module: { kind: 'name', env: 'SAFELOG_MODULE', help: 'for records that name no module [unnamed]' },
  format: { kind: 'text', help: 'how records of other loggers are written, as in Python’s logging: %(asctime)s … [Safelog’s own layout]' },
  datefmt: { kind: 'text', help: 'how their times are, as for strftime [%Y-%m-%d %H:%M:%S, and ms]' },
  maxBytes: { kind: 'bytes', help: 'rotate a log that has so many bytes (10M, 1G) [never]' },
  when: { kind: 'when', help: 'rotate by time: S, M, H, D, midnight, W0 to W6' },
  interval: { kind: 'count', least: 1, most: 100_000, help: 'that many of them [1]' },
  backupCount: { kind: 'count', help: 'rotated generations that are kept of a log [1000]' },
  gzip: { kind: 'boolean', help: 'compress rotated generations' },
  lockFileDirectory: { kind: 'text', help: 'where the locks of the logs are; all writers must have the same [beside the logs]' },
  keepFor: { kind: 'duration', help: 'delete generations that are older (30d) [never]' },
  keepBytes: { kind: 'bytes', help: 'delete the oldest generations when the tree is larger [never]' },
  messageBytes: { kind: 'bytes', least: 1, help: 'the longest message, record or request [64M]' },
  totalBytes: { kind: 'bytes', least: 1, help: 'all that may wait in memory [256M]' },
  connections: { kind: 'count', least: 1, help: 'open connections of each receiver [16384]' },
  recordsPerSecond: { kind: 'count', help: 'of one connection; of all datagrams of a receiver [any]' },
  idle: { kind: 'duration', help: 'longest silence within a message [30s]' },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
const NAMES = Object.keys(SETTINGS) as SettingName[];

const MAX_FILE_BYTES = 2 ** 20;
/** Of a Unix socket, with the NUL at its end. */
const MAX_SOCKET_BYTES = process.platform === 'linux' ? 108 : 104;

type Value = string | number | boolean;
/** Settings as they were given, by option or in the file. */
export type Given = Partial<Record<SettingName, Value>>;

/** The option of a setting: `--max-bytes`. */
export function optionOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export interface ConfigSources {
  options: Given;
  environment?: Environment;
  /** Path of the config file; null: none. The default one may be missing. */
  file?: string | null | undefined;
  /** How an option is called where it was given, for errors. */
  nameOption?: ((name: SettingName) => string) | undefined;
}

/** Throws a ConfigError that says which setting is wrong, and where. */
export function readConfig({
  options,
  environment = process.env,
  file,
  nameOption = (name) => `--${optionOf(name)}`,
}: ConfigSources): ServiceConfig {
  const path = file === undefined ? defaultFile(environment) : file;
  const inFile = path === null ? {} : readFile(path, file !== undefined);
  const parsed: Given = {};
  const places: Partial<Record<SettingName, string>> = {};
  const take = (name: SettingName, value: Value, place: string): void => {
    parsed[name] = parse(SETTINGS[name], value, place);
    places[name] = place;
  };
  for (const name of NAMES) {
    const { env = '' }: Setting = SETTINGS[name];
    if (options[name] !== undefined) take(name, options[name], nameOption(name));
    else if (environment[env]) take(name, environment[env], env);
    else if (inFile[name] !== undefined) take(name, inFile[name], `${path}: ${name}`);
  }
  const get = (name: SettingName): Value | undefined => parsed[name];
  const text = (name: SettingName): string | undefined => {
    const value = get(name);
    return value === undefined ? undefined : String(value);
  };
  const number = (name: SettingName): number | undefined => {
    const value = get(name);
    return typeof value === 'number' ? value : undefined;
  };
  const socket = text('socket') ?? defaultSocket(environment);
  const when = text('when');
  const identity = IDENTITY_MODES.find((mode) => mode === get('identity')) ?? 'check';
  return {
    root: text('root') ?? defaultRoot(environment),
    host: text('host') ?? '127.0.0.1',
    port: number('port') ?? SAFELOG_PORT,
    socket: socket === '-' ? null : (socket ?? null),
    isSocketOptional: get('socket') === undefined,
    streamPort: number('streamPort') ?? null,
    pythonTcp: number('pythonTcp') ?? null,
    pythonUdp: number('pythonUdp') ?? null,
    http: number('http') ?? null,
    syslog: number('syslog') ?? null,
    otlp: number('otlp') ?? null,
    json: number('json') ?? null,
    syslogSocket: text('syslogSocket') ?? null,
    identity,
    markContinuations: get('markContinuations') === true,
    user: text('user') ?? null,
    module: text('module') ?? 'unnamed',
    format: readFormat(text('format'), text('datefmt'), places.format ?? places.datefmt ?? ''),
    rotation: {
      maxBytes: number('maxBytes') ?? 0,
      backupCount: number('backupCount') ?? 1000,
      useGzip: get('gzip') === true,
      schedule: when === undefined ? undefined : { when, interval: number('interval') ?? 1 },
      lockFileDirectory: text('lockFileDirectory'),
    },
    retention: { maxAgeMs: number('keepFor') ?? 0, maxTotalBytes: number('keepBytes') ?? 0 },
    messageBytes: number('messageBytes') ?? 64 * 2 ** 20,
    totalBytes: number('totalBytes') ?? 256 * 2 ** 20,
    connections: number('connections') ?? 16_384,
    recordsPerSecond: number('recordsPerSecond') ?? 0,
    idleMs: number('idle') ?? 30_000,
  };
}

/** `place`: where it was given, for errors. */
function readFormat(format: string | undefined, datefmt: string | undefined, place: string): string | null {
  if (format === undefined) {
    if (datefmt !== undefined) throw new ConfigError(`${place}: there is no format that it is for`);
    return null;
  }
  try {
    return new LineFormat(joinFormat(format, datefmt)).name;
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError(`${place}: ${error.message}`);
    throw error;
  }
}

/** Of the system's own service. */
export const SYSTEM_SOCKET = '/run/safelog.sock';

/** $XDG_RUNTIME_DIR/safelog.sock; root's is /run/safelog.sock. */
export function defaultSocket(environment: Environment = process.env): string | undefined {
  if (process.geteuid?.() === 0) return SYSTEM_SOCKET;
  const folder = environment.XDG_RUNTIME_DIR;
  return folder?.startsWith('/') ? join(folder, 'safelog.sock') : undefined;
}

/** $XDG_CONFIG_HOME/safelog/safelog.json; root's is /etc/safelog.json. */
function defaultFile(environment: Environment): string {
  if (process.geteuid?.() === 0) return '/etc/safelog.json';
  const folder = environment.XDG_CONFIG_HOME;
  return join(folder?.startsWith('/') ? folder : join(environment.HOME || homedir(), '.config'), 'safelog', 'safelog.json');
}

function readFile(path: string, mustExist: boolean): Given {
  let content: unknown;
  try {
    content = JSON.parse(readText(path));
  } catch (error) {
    if (!mustExist && hasCode(error, 'ENOENT')) return {};
    throw new ConfigError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new ConfigError(`${path}: not a JSON object`);
  const given: Given = {};
  for (const [name, value] of Object.entries(content)) {
    const known = NAMES.find((each) => each === name);
    if (!known) throw new ConfigError(`${path}: there is no setting ${JSON.stringify(name)}`);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw new ConfigError(`${path}: ${name} is no text, number or boolean`);
    given[known] = value;
  }
  return given;
}

/** Of a file, without the mark that editors of Windows put before it. A pipe or a device might be waited for, or have no end. */
function readText(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.size > MAX_FILE_BYTES) throw new Error('it is too long');
    return readFileSync(fd, 'utf8').replace(/^\uFEFF/, '');
  } finally {
    closeSync(fd);
  }
}

const UNITS: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const DURATIONS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function parse({ kind, least = 0, most = Number.MAX_SAFE_INTEGER }: Setting, value: Value, source: string): Value {
  const fail = (what: string): never => {
    throw new ConfigError(`${source}: ${JSON.stringify(value)} is not ${what}`);
  };
  const bounded = (number: number): number =>
    number < least ? fail(`${least} or more`) : number > most ? fail(`${most} or less`) : number;
  const text = String(value);
  switch (kind) {
    case 'text':
      return text === '' || CONTROLS.test(text) ? fail('a text without control characters') : text;
    case 'name':
      return nameFault(`${text}.log`) === null && text !== '' ? text : fail('the name of a file');
    case 'socket': {
      if (text === '' || CONTROLS.test(text)) return fail('the path of a socket');
      const isTooLong = process.platform !== 'win32' && Buffer.byteLength(text) >= MAX_SOCKET_BYTES;
      return isTooLong ? fail(`a path of less than ${MAX_SOCKET_BYTES} bytes, as a socket must have`) : text;
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : fail('true or false');
    case 'port':
      return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : fail('a port (0 to 65535)');
    case 'count':
      return /^\d{1,9}$/.test(text) ? bounded(Number(text)) : fail('a number');
    case 'bytes': {
      const [, digits, unit = ''] = /^(\d{1,12})([kmgt]?)$/i.exec(text) ?? [];
      return digits === undefined ? fail('a size (1000, 10M, 1G)') : bounded(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1));
    }
    case 'duration': {
      const [, digits, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
      return digits === undefined ? fail('a time (30s, 10m, 2h, 30d)') : Number(digits) * (DURATIONS[unit] ?? 1);
    }
    case 'when':
      return /^([SMHD]|midnight|W[0-6])$/i.test(text) ? text : fail('S, M, H, D, midnight, or W0 to W6');
    case 'identity':
      return IDENTITY_MODES.some((mode) => mode === text) ? text : fail(IDENTITY_MODES.join(', '));
  }
}

const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;
