/** `safelog serve`: the service in the foreground, until SIGTERM or SIGINT. */

import { parseArgs } from 'node:util';
import { keepTakingIn } from '../client/deliverSpool.ts';
import { runChildWriter } from '../service/childWriter.ts';
import { collectAlone } from '../service/collectAlone.ts';
import { ConfigError, type Given, optionOf, readConfig, SETTINGS, type SettingName } from '../service/config.ts';
import { startService } from '../service/service.ts';
import { ServiceError } from '../service/serviceErrors.ts';
import { printable, UsageError } from './usage.ts';

const names = Object.keys(SETTINGS) as SettingName[];
const width = Math.max(...names.map((name) => optionOf(name).length)) + 10;
const rows = names.map((name) => {
  const setting = SETTINGS[name];
  const value = setting.kind === 'boolean' ? '' : ` ${setting.kind.toUpperCase()}`;
  return `  ${`--${optionOf(name)}${value}`.padEnd(width)} ${setting.help}${'env' in setting ? `, $${setting.env}` : ''}`;
});

export const help = `Usage: safelog serve [OPTION]…

Runs the Safelog service in the foreground. It takes in entries of Safelog's clients on TCP, and records of its own clients on a Unix
socket, and writes them to DIR/USER/NAME.log. When it is ready it prints a line for each receiver, the first being

  listening on HOST:PORT, root DIR

SIGTERM and SIGINT end it, after everything that was received has been written. What cannot be written is said on stderr.

Options:
${rows.join('\n')}
  ${'--config FILE'.padEnd(width)} a JSON object of these settings, named in camel case (maxBytes)
                                   [~/.config/safelog/safelog.json; root: /etc/safelog.json]
  ${'--require-identity'.padEnd(width)} the same as --identity require
  ${'--help'.padEnd(width)} this text

Options go before the environment, that before the file. The socket is $XDG_RUNTIME_DIR/safelog.sock; root's is /run/safelog.sock.

A process writes only as its own user, root as anyone: on the socket the kernel says who it is, on TCP where it can. The original protocol
cannot be authenticated: its clients are mostly gone before anybody can ask who they were. --identity: check takes those whom nobody
knows, and counts them; require refuses them; off lets everybody write as anyone.

Where root serves, it writes for each user in a process of that user's.

Exit code: 0, 1 where a port or the root cannot be used, 2 on bad usage.
`;

/** The settings among the arguments, the config file that they name, and the user for whom a child is to write. Throws parseArgs' errors. */
export function parseServe(args: string[]): { given: Given; file: string | undefined; writeFor: string | undefined } {
  const options = Object.fromEntries(
    names.map((name) => [optionOf(name), { type: SETTINGS[name].kind === 'boolean' ? 'boolean' : 'string' } as const]),
  );
  const { values } = parseArgs({
    args,
    options: { ...options, config: { type: 'string' }, 'require-identity': { type: 'boolean' }, 'write-for': { type: 'string' } },
  });
  const given: Given = {};
  const byOption: Record<string, unknown> = values;
  for (const name of names) {
    const value = byOption[optionOf(name)];
    if (typeof value === 'string' || typeof value === 'boolean') given[name] = value;
  }
  if (values['require-identity']) {
    if ((given.identity ?? 'require') !== 'require') throw new UsageError('either --require-identity or --identity');
    given.identity = 'require';
  }
  return { given, file: values.config, writeFor: values['write-for'] };
}

export async function run(args: string[]): Promise<number> {
  const { given, file, writeFor } = parseServe(args);
  collectAlone();
  // How a service that root runs starts its writers. Whoever else says it gets a writer with the own rights.
  if (writeFor !== undefined) {
    if (!process.connected) throw new UsageError('--write-for is for the service itself');
    await runChildWriter(writeFor);
    return 0;
  }
  const say = (text: string): void => {
    process.stderr.write(`safelog serve: ${printable(text)}\n`);
  };

  // From here on a signal finds a handler, though the service may still be starting.
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  try {
    const config = readConfig({ options: given, file });
    const [script = ''] = process.argv.slice(1);
    const service = await startService({
      ...config,
      writerCommand: [process.execPath, script, 'serve', '--write-for'],
      onProblem: ({ path, message, advice }) => say(`${path}: ${message}${advice ? `. ${advice}` : ''}`),
    });
    const { host } = service.address;
    if (!isLoopback(host)) say(`${host} can be reached from other machines, and the protocol has no authentication`);
    for (const { kind, address } of service.listening) {
      const what = kind === 'safelog' ? `, root ${printable(service.root)}` : ` (${kind})`;
      process.stdout.write(`listening on ${address}${what}\n`);
    }
    const socket = service.listening.find(({ address }) => address === config.socket);
    const stopTakingIn = socket ? keepTakingIn({ address: { path: socket.address }, root: service.root, isBackground: true }) : () => {};
    await stopping;
    stopTakingIn();
    await service.stop();
    const { written, failed, refused, dropped, foreign, unidentified } = service.counts;
    say(`stopped: ${written} written, ${failed} failed, ${sum(refused) + foreign + unidentified} refused, ${sum(dropped)} dropped`);
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
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
