/** `safelog log`: one entry from a shell script, as a program would log it. */

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { nameFault } from '../record/treeName.ts';
import { encodeSafelog, SAFELOG_PORT } from '../wire/safelog.ts';
import { nowMicros } from '../writer/clock.ts';
import { masterLine, moduleLine } from '../writer/logEntry.ts';
import { defaultRoot, userName } from '../writer/root.ts';
import { TreeWriter } from '../writer/treeWriter.ts';
import { parsePort, printable, UsageError } from './usage.ts';

export const help = `Usage: safelog log [OPTION]… TEXT…
       safelog log [OPTION]… --stdin

Logs TEXT (several are joined by blanks), or every line of stdin as it comes, into MODULE.log and master.log of the user.
The entry goes to the Safelog service where one listens, else straight into the files of the default root.

Options:
  --module NAME  the log                     [$SAFELOG_MODULE, else shell]
  --user NAME    whose log                   [$SAFELOG_USER, else the current user]
  --level LEVEL  DEBUG, INFO, WARNING, ERROR, CRITICAL    [DEBUG, as Safelog's own log()]
  --stdin        read the entries from stdin, one a line
  --root DIR     write straight into this tree; so does $SAFELOG_ROOT where no host or port is named
  --host HOST    where the service listens   [$SAFELOG_HOST, else 127.0.0.1]
  --port PORT    its port                    [$SAFELOG_PORT, else ${SAFELOG_PORT}]
  --help         this text

Exit code: 0, 1 where the entry could not be written, 2 on bad usage.
`;

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
const CONNECT_MS = 2000;
const ANSWER_MS = 10_000;

/** Writes one line into ROOT/USER/BASENAME; false where that failed. */
type Sink = (user: string, basename: string, line: string) => Promise<boolean>;

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
  const level = (values.level ?? 'DEBUG').toUpperCase();
  if (!LEVELS.includes(level)) throw new UsageError(`${JSON.stringify(values.level)} is not a level (${LEVELS.join(', ')})`);
  const user = checkName(values.user || userName(), 'user');
  const module = checkName((values.module || process.env.SAFELOG_MODULE || 'shell').replace(/\.log$/, ''), 'module');

  const sink = chooseSink(values);
  const log = async (text: string): Promise<boolean> => {
    const entry = { module, level, text };
    const inModule = await sink(user, `${module}.log`, moduleLine(entry, nowMicros()));
    if (module === 'master') return inModule;
    return (await sink(user, 'master.log', masterLine(entry, nowMicros()))) && inModule;
  };
  if (!values.stdin) return (await log(positionals.join(' '))) ? 0 : 1;
  let written = true;
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }))
    written = (await log(text)) && written;
  return written ? 0 : 1;
}

function chooseSink(values: { root?: string; host?: string; port?: string }): Sink {
  const { SAFELOG_ROOT: rootVariable, SAFELOG_HOST: hostVariable, SAFELOG_PORT: portVariable } = process.env;
  const isServiceNamed = values.host ?? values.port ?? (hostVariable || portVariable);
  const host = values.host || hostVariable || '127.0.0.1';
  const port =
    values.port !== undefined ? parsePort(values.port, '--port') : portVariable ? parsePort(portVariable, 'SAFELOG_PORT') : SAFELOG_PORT;
  const root = values.root || defaultRoot();
  const writer = new TreeWriter({
    root,
    onProblem: ({ path, message, advice }) => process.stderr.write(`safelog log: ${printable(`${path}: ${message}. ${advice}`)}\n`),
  });
  let isListening = !(values.root || (rootVariable && !isServiceNamed));
  return async (user, basename, line) => {
    if (isListening) isListening = await send(host, port, encodeSafelog(user, basename, line));
    return isListening || writer.append(user, basename, Buffer.from(line));
  };
}

/** One connection of the protocol. True when it could be made; it is then waited for until the service has closed its half as well. */
function send(host: string, port: number, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect({ host, port });
    socket.setTimeout(CONNECT_MS, () => socket.destroy());
    socket.once('connect', () => {
      connected = true;
      socket.setTimeout(ANSWER_MS);
      socket.end(bytes);
    });
    // What went wrong is in `connected`: refused, unreachable, or a service that ended the connection its own way.
    socket.on('error', () => {});
    socket.resume().once('close', () => resolve(connected));
  });
}

function checkName(name: string, what: string): string {
  const fault = nameFault(what === 'module' ? `${name}.log` : name);
  if (fault) throw new UsageError(`${JSON.stringify(name)} cannot be a ${what}'s name (${fault})`);
  return name;
}
