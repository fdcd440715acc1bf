/** The Safelog service: receivers take entries in, one writer appends them to the tree. Nothing that a client sends stops it. */

import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../protocol.ts';
import { decodeSafelog, SAFELOG_PORT } from '../wire/safelog.ts';
import { makeFolder } from '../writer/makeFolder.ts';
import { TreeWriter } from '../writer/treeWriter.ts';
import { newCounts, type ServiceCounts } from './counts.ts';
import { DEFAULT_LIMITS, type Ending, type ReceiverLimits, startReceiver } from './entryReceiver.ts';

export interface ServiceOptions {
  root: string;
  /** Default: 127.0.0.1. The protocol knows no authentication: whoever reaches the port can write into any user's logs. */
  host?: string;
  /** Default: 8534. 0 picks a free one. */
  port?: number;
  limits?: Partial<ReceiverLimits>;
  /** Told once per path, and once per kind of refused or dropped message. */
  onProblem?: (problem: Problem) => void;
}

export interface Service {
  address: { host: string; port: number };
  /** Absolute. */
  root: string;
  counts: Readonly<ServiceCounts>;
  /** Writes everything that was received until now, then resolves. */
  stop(): Promise<void>;
}

/** Why a service did not start, in words for a person. */
export class ServiceError extends Error {
  override name = 'ServiceError';
}

/** Starts the service. Rejects with a ServiceError where the root cannot be used or the port not be opened. */
export async function startService({
  host = '127.0.0.1',
  port = SAFELOG_PORT,
  limits,
  onProblem = () => {},
  ...options
}: ServiceOptions): Promise<Service> {
  const root = resolve(options.root);
  checkRoot(root);
  const counts = newCounts();
  const writer = new TreeWriter({ root, onProblem });
  const where = `${host}:${port}`;
  const said = new Set<string>();
  const sayOnce = (kind: string, message: string, advice = ''): void => {
    if (said.has(kind)) return;
    said.add(kind);
    onProblem({ path: where, message, advice });
  };
  try {
    const receiver = await startReceiver({
      host,
      port,
      limits: { ...DEFAULT_LIMITS, ...limits },
      onMessage: (message, ending) => take(message, ending, counts, writer, sayOnce),
      onOverflow: (kind) => {
        counts.connections++;
        counts.dropped[kind]++;
        sayOnce(
          kind,
          kind === 'oversized' ? 'a message was too long and has been dropped' : 'too much came in at once: a message has been dropped',
        );
      },
      onAcceptError: (error) =>
        sayOnce('accept', `a connection was refused: ${error.message}`, 'Raise the limit of open files (ulimit -n).'),
    });
    const { host: boundHost, port: boundPort } = receiver;
    return {
      address: { host: boundHost, port: boundPort },
      root,
      counts,
      stop: async () => {
        await receiver.stop();
        writer.close();
      },
    };
  } catch (error) {
    throw new ServiceError(`cannot listen on ${where}: ${listenFailure(error)}`, { cause: error });
  }
}

function take(
  message: Buffer,
  ending: Ending,
  counts: ServiceCounts,
  writer: TreeWriter,
  sayOnce: (kind: string, message: string, advice?: string) => void,
): void {
  counts.connections++;
  const packet = decodeSafelog(message);
  switch (packet.kind) {
    case 'blank':
      counts.blank++;
      return;
    case 'malformed':
      counts.dropped[ending === 'eof' ? 'malformed' : ending]++;
      if (ending !== 'eof') return;
      sayOnce('malformed', `a message with ${packet.fields} fields instead of 3 has been dropped`);
      return;
    case 'refused':
      counts.refused[packet.fault]++;
      sayOnce(
        `${packet.field} ${packet.fault}`,
        `an entry has been refused: its ${packet.field === 'user' ? 'user' : 'file name'} is ${JSON.stringify(packet.name.slice(0, 80))}`,
        'Names must be those of a file in the directory of a user.',
      );
      return;
    case 'entry':
      // Without EOF nobody knows whether there would have been more. With a line end at its end, what came is worth keeping.
      if (ending !== 'eof' && packet.entry.at(-1) !== 0x0a) counts.dropped[ending]++;
      else if (writer.append(packet.user, packet.basename, packet.entry)) {
        counts.written++;
        counts.writtenBytes += packet.entry.length;
      } else counts.failed++;
  }
}

function checkRoot(root: string): void {
  try {
    makeFolder(root);
    if (!statSync(root).isDirectory()) throw new Error('it is not a directory');
    accessSync(root, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new ServiceError(`cannot use the root ${root}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function listenFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return 'the port is in use, perhaps by another Safelog service; choose another port';
  if (code === 'EACCES') return 'permission denied; ports below 1024 are the administrator’s';
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return 'this machine has no such address';
  return error instanceof Error ? error.message : String(error);
}
