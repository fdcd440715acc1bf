/** `safelog log`: entries from a shell script, brought to their logs as those of a program are. */

import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Delivery } from '../client/delivery.ts';
import { readSettings } from '../client/settings.ts';
import { spoolFolder } from '../generation/spoolPath.ts';
import { levelName, parseLevel } from '../record/level.ts';
import { nameFault } from '../record/treeName.ts';
import { decodeJsonLine } from '../wire/jsonLines.ts';
import { type RecordEntry, toEntry } from '../wire/recordEntry.ts';
import { SAFELOG_PORT } from '../wire/safelog.ts';
import { WireError } from '../wire/wireRecord.ts';
import { nowMicros } from '../writer/clock.ts';
import type { Environment } from '../writer/root.ts';
import { parsePort, printable, UsageError } from './usage.ts';

export const help = `Usage: safelog log [OPTION]… TEXT…
       safelog log [OPTION]… --stdin

Logs TEXT (several are joined by blanks), or every line of stdin as it comes, into MODULE.log and master.log of the user, with one time.
The entry goes to the Safelog service where one runs, else into the files, under their locks.

Options:
  --module NAME  the log                     [$SAFELOG_MODULE, else shell]
  --user NAME    whose log; a service lets only root write as another    [$SAFELOG_USER, else the current user]
  --level LEVEL  DEBUG, INFO, WARNING, ERROR, CRITICAL, or a number    [DEBUG, as Safelog's own log()]
  --stdin        read the entries from stdin, one a line; JSON objects, as pino, winston and bunyan write them, with their own level,
                 time and logger, whose name is the log unless --module is given
  --root DIR     the log tree; a service that serves another one is left alone    [$SAFELOG_ROOT]
  --host HOST    the service's TCP port, instead of its Unix socket    [$SAFELOG_HOST, else 127.0.0.1]
  --port PORT    its port                    [$SAFELOG_PORT, else ${SAFELOG_PORT}]
  --help         this text

Entries below $SAFELOG_LEVEL are not logged.

Exit code: 0 where it is written, or waits in the spool because it cannot be written now, which stderr tells; 1 where it is lost; 2 on bad
usage.
`;

/** Longest wait for a service or another writer; what is not written then is spooled. */
const CLOSE_MS = 10_000;

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      module: { type: 'string' },
      user: { type: 'string' },
      level: { type: 'string' },
      stdin: { type: 'boolean' },
      root: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
    },
  });
  if (values.stdin && positionals.length > 0) throw new UsageError('either TEXT or --stdin');
  if (!values.stdin && positionals.length === 0) throw new UsageError('TEXT is missing');
  if (values.port !== undefined) parsePort(values.port, '--port');
  const level = parseLevel(values.level ?? 'DEBUG');
  if (level === undefined) throw new UsageError(`${JSON.stringify(values.level)} is not a level`);
  const settings = readSettings(environment(values));
  const user = checkName(values.user || settings.user, 'user');
  const module = checkName((values.module || settings.module || 'shell').replace(/\.log$/, ''), 'module');
  if (level < settings.level) return 0;

  const complain = (text: string): boolean => process.stderr.write(`safelog log: ${printable(text)}\n`);
  const delivery = new Delivery({ ...settings, user, program: `safelog log ${process.pid}`, onProblem: complain });
  const log = (text: string): void => delivery.log({ module, level: levelName(level), text, time: nowMicros() });
  if (!values.stdin) log(positionals.join(' '));
  else {
    const isNamed = Boolean(values.module || settings.module);
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      const entry = readJson(line, module);
      if (!entry) log(line);
      else if ((parseLevel(entry.level) ?? 0) >= settings.level)
        delivery.log({ ...entry, time: entry.time || nowMicros(), module: isNamed ? module : entry.module });
    }
  }
  delivery.close(CLOSE_MS);
  const { spooled, lost } = delivery.fates;
  if (spooled > 0) complain(`${count(spooled)} in ${spoolFolder(delivery.root)} until a service takes them in`);
  return lost > 0 ? 1 : 0;
}

/** A line of a program that logs in JSON; null for any other. */
function readJson(line: string, defaultModule: string): RecordEntry | null {
  if (!line.startsWith('{')) return null;
  try {
    return toEntry(decodeJsonLine(line, { host: hostname() }), defaultModule);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

const count = (entries: number): string => (entries === 1 ? '1 entry waits' : `${entries} entries wait`);

/** Options stand for the variables that they go before; a root that is named counts more than a service that is named elsewhere. */
function environment({ root, host, port }: { root?: string; host?: string; port?: string }): Environment {
  const { SAFELOG_SOCKET, SAFELOG_HOST, SAFELOG_PORT: portVariable, ...others } = process.env;
  const isServiceNamed = Boolean(host || port);
  if (isServiceNamed)
    return { ...process.env, SAFELOG_SOCKET: undefined, ...(root && { SAFELOG_ROOT: resolve(root) }), ...named(host, port) };
  if (root) return { ...others, SAFELOG_SOCKET: SAFELOG_SOCKET === '-' ? '-' : undefined, SAFELOG_ROOT: resolve(root) };
  return process.env;
}

function named(host: string | undefined, port: string | undefined): Environment {
  return { ...(host && { SAFELOG_HOST: host }), ...(port && { SAFELOG_PORT: port }) };
}

function checkName(name: string, what: string): string {
  const fault = nameFault(what === 'module' ? `${name}.log` : name);
  if (fault) throw new UsageError(`${JSON.stringify(name)} cannot be a ${what}'s name (${fault})`);
  return name;
}
