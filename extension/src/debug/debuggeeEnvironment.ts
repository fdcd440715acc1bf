/** What a debugged program needs to know in order to log to the same tree: its environment. Pure. */

import type { ServerAbout } from '../../../server/src/protocol.ts';

/** Debuggers whose launch configurations have `env` and `envFile` (https://code.visualstudio.com/docs/nodejs/nodejs-debugging, …/python/debugging). */
const types: readonly string[] = ['node', 'pwa-node', 'node-terminal', 'extensionHost', 'pwa-extensionHost', 'python', 'debugpy'];

interface Configuration {
  type: string;
  request: string;
  [key: string]: unknown;
}

export function takesEnvironment({ type, request }: Configuration): boolean {
  return types.includes(type) && request === 'launch';
}

/** Paths that the configuration names as `envFile`. */
export function envFilesOf({ envFile }: Configuration): string[] {
  return (Array.isArray(envFile) ? envFile : [envFile]).filter((path): path is string => typeof path === 'string' && path !== '');
}

/** Names of variables that an env file sets. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=/gm)].map(([, name]) => name ?? '');
}

/**
 * The configuration with SAFELOG_ROOT and SAFELOG_USER, and the address of the service that serves this tree, as far as it is not set there.
 * What names another tree or service is left alone.
 * @param setElsewhere names that are set for the program by other means
 */
export function withEnvironment<C extends Configuration>(
  configuration: C,
  { root, user, service }: ServerAbout,
  setElsewhere: readonly string[],
): C & { env: Record<string, unknown> } {
  const given = typeof configuration.env === 'object' && configuration.env !== null ? configuration.env : {};
  const names = new Set([...Object.keys(given), ...setElsewhere]);
  const added: Record<string, string> = {};
  const isOurTree = !names.has('SAFELOG_ROOT');
  if (isOurTree) added.SAFELOG_ROOT = root;
  if (!names.has('SAFELOG_USER')) added.SAFELOG_USER = user;
  if (isOurTree && !['SAFELOG_SOCKET', 'SAFELOG_HOST', 'SAFELOG_PORT'].some((name) => names.has(name))) {
    const [, host, port] = /^(.+):(\d+)$/.exec(service.listening ?? '') ?? [];
    if (host !== undefined && port !== undefined) {
      added.SAFELOG_HOST = host === '0.0.0.0' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1');
      added.SAFELOG_PORT = port;
    }
    if (service.socket !== null) added.SAFELOG_SOCKET = service.socket;
  }
  return { ...configuration, env: { ...added, ...given } };
}
