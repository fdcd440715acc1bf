/** `safelog serve`: the service in the foreground, until SIGTERM or SIGINT. */

import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { ServiceError, startService } from '../service/service.ts';
import { SAFELOG_PORT } from '../wire/safelog.ts';
import { defaultRoot } from '../writer/root.ts';
import { parsePort, printable } from './usage.ts';

export const help = `Usage: safelog serve [--root DIR] [--host HOST] [--port PORT]

Runs the Safelog service in the foreground. It takes the entries of Safelog's clients in on TCP and appends them to
DIR/USER/NAME.log. When it is ready it prints

  listening on HOST:PORT, root DIR

SIGTERM and SIGINT end it, after everything that was received has been written. What cannot be written is said on stderr.

Options:
  --root DIR   the log tree; made where it is missing    [$SAFELOG_ROOT, else the default root]
  --host HOST  the address to listen on                  [$SAFELOG_HOST, else 127.0.0.1]
  --port PORT  the port; 0 picks a free one              [$SAFELOG_PORT, else ${SAFELOG_PORT}]
  --help       this text

The protocol has no authentication: whoever reaches the port can write into any user's logs. It is meant for the loopback.

Exit code: 0, 1 where the port or the root cannot be used, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { root: { type: 'string' }, host: { type: 'string' }, port: { type: 'string' } } });
  const { SAFELOG_HOST: hostVariable, SAFELOG_PORT: portVariable } = process.env;
  const port =
    values.port !== undefined ? parsePort(values.port, '--port') : portVariable ? parsePort(portVariable, 'SAFELOG_PORT') : SAFELOG_PORT;
  const say = (text: string): void => {
    process.stderr.write(`safelog serve: ${printable(text)}\n`);
  };

  // From here on a signal finds a handler, though the service may still be starting.
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  try {
    const service = await startService({
      root: values.root || defaultRoot(),
      host: values.host || hostVariable || '127.0.0.1',
      port,
      onProblem: ({ path, message, advice }) => say(`${path}: ${message}${advice ? `. ${advice}` : ''}`),
    });
    const { host, port: bound } = service.address;
    if (!isLoopback(host)) say(`${host} can be reached from other machines, and the protocol has no authentication`);
    process.stdout.write(`listening on ${isIP(host) === 6 ? `[${host}]` : host}:${bound}, root ${printable(service.root)}\n`);
    await stopping;
    await service.stop();
    const { written, failed, refused, dropped } = service.counts;
    say(`stopped: ${written} written, ${failed} failed, ${sum(refused)} refused, ${sum(dropped)} dropped`);
    return 0;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    say(error.message);
    return 1;
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
