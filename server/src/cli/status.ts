/** `safelog status`: asks a running service what it does. */

import { parseArgs } from 'node:util';
import { askStatus } from '../service/askStatus.ts';
import { ConfigError, readConfig, SYSTEM_SOCKET } from '../service/config.ts';
import type { ServiceStatus } from '../service/status.ts';
import { printable, UsageError } from './usage.ts';

export const help = `Usage: safelog status [--socket PATH] [--format text|jsonl]

Asks the running service what it receives and writes, what waits, and what it has refused.

Options:
  --socket PATH   the service's Unix socket    [$SAFELOG_SOCKET, else that of the config file, else
                  $XDG_RUNTIME_DIR/safelog.sock, then ${SYSTEM_SOCKET}]
  --format FORMAT text, or jsonl: one JSON object
  --help          this text

Exit code: 0, 1 where no service answers, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { socket: { type: 'string' }, format: { type: 'string', default: 'text' } } });
  if (values.format !== 'text' && values.format !== 'jsonl')
    throw new UsageError(`--format: ${JSON.stringify(values.format)} is not text or jsonl`);
  const reasons: string[] = [];
  const paths = values.socket ? [values.socket] : socketsToAsk();
  if (paths.length === 0) throw new UsageError('--socket: no socket is known to ask at');
  const text = await askFirst(paths, (path, reason) => reasons.push(`${path}: ${reason}`));
  if (text === null) {
    process.stderr.write(`safelog status: no service answers at ${printable(reasons.join('; '))}\n`);
    return 1;
  }
  process.stdout.write(values.format === 'jsonl' ? `${text}\n` : describe(JSON.parse(text)));
  return 0;
}

/** Where a service of this user, or that of the system, may be found, the likeliest first. Throws a UsageError where the settings are wrong. */
export function socketsToAsk(): string[] {
  try {
    const { socket, isSocketOptional } = readConfig({ options: {} });
    if (!isSocketOptional) return socket === null ? [] : [socket];
    return [...new Set([...(socket === null ? [] : [socket]), ...(process.platform === 'win32' ? [] : [SYSTEM_SOCKET])])];
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}

/** The status that the first of them tells, as JSON; null where none does, and each has been named with its reason. */
export async function askFirst(paths: readonly string[], onSilent: (path: string, reason: string) => void): Promise<string | null> {
  for (const path of paths) {
    try {
      return await askStatus(path);
    } catch (error) {
      onSilent(path, error instanceof Error ? error.message : String(error));
    }
  }
  return null;
}

function describe(status: ServiceStatus): string {
  const { counts } = status;
  const named = (entries: Record<string, number>): string =>
    Object.entries(entries)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || '0';
  const lines = [
    `root        ${status.root}`,
    `service     process ${status.pid}, since ${status.since}`,
    ...status.receivers.map(({ kind, address, connections }) => `receiver    ${kind} on ${address}, ${connections} connections`),
    `written     ${counts.written} (${status.perSecond} a second), ${counts.writtenBytes} bytes`,
    `waiting     ${status.queuedBytes} bytes`,
    `refused     ${named({ ...counts.refused, 'foreign user': counts.foreign, unidentified: counts.unidentified, stream: counts.rejectedStreams + counts.brokenStreams, 'web page': counts.webPages })}`,
    `dropped     ${named(counts.dropped)}`,
    `failed      ${counts.failed}`,
    `unknown     ${counts.unknown} from processes that cannot be identified`,
    ...status.clients.map(({ program, user, records }) => `client      ${program || '-'} as ${user}, ${records} records`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
