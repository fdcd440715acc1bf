/** What the environment says of a program's logs: SAFELOG_ROOT, _SOCKET, _HOST, _PORT, _USER, _MODULE, _LEVEL. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseLevel } from '../record/level.ts';
import { SAFELOG_PORT } from '../wire/safelog.ts';
import { defaultRoot, type Environment, userName } from '../writer/root.ts';
import type { ServiceAddress } from './streamSocket.ts';

export interface ClientSettings {
  /** Where the service is looked for. Empty: nowhere, the program writes the files itself. */
  addresses: readonly ServiceAddress[];
  /** The tree that is written without the service, absolute. */
  root: string;
  /** The tree was named, and no service was: one that serves another tree is left alone. */
  isRootBinding: boolean;
  user: string;
  /** Instead of the source file's; undefined: that. */
  module: string | undefined;
  /** Entries below it are not logged. */
  level: number;
}

const DEBUG = 10;

/** Reads the variables; what is no port or level counts as not set. */
export function readSettings(environment: Environment = process.env): ClientSettings {
  const { SAFELOG_SOCKET: socket, SAFELOG_HOST: host, SAFELOG_PORT: port, SAFELOG_ROOT: root } = environment;
  const isServiceNamed = Boolean(socket || host || port);
  const addresses: ServiceAddress[] = [];
  // `-` is none, for the service as well.
  if (socket && socket !== '-') addresses.push({ path: socket });
  if (host || port) addresses.push({ host: host || '127.0.0.1', port: toPort(port) });
  if (!isServiceNamed) addresses.push(...defaultSockets(environment).map((path) => ({ path })));
  return {
    addresses,
    root: defaultRoot(environment),
    isRootBinding: Boolean(root) && !isServiceNamed,
    user: userName(environment),
    module: environment.SAFELOG_MODULE || undefined,
    level: parseLevel(environment.SAFELOG_LEVEL ?? '') ?? DEBUG,
  };
}

/** The user's own service first, then the system's. */
function defaultSockets({ XDG_RUNTIME_DIR: runtime }: Environment): string[] {
  if (process.platform === 'win32') return [];
  const system = '/run/safelog.sock';
  return runtime?.startsWith('/') ? [join(runtime, 'safelog.sock'), system] : existsSync('/run') ? [system] : [];
}

function toPort(text: string | undefined): number {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : SAFELOG_PORT;
}
