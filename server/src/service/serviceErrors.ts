/** Why a service does not start. */

import { hasCode } from '../writer/makeFolder.ts';
import type { Holder } from './rootLock.ts';

/** In words for a person. */
export class ServiceError extends Error {
  override name = 'ServiceError';
}

/** A port or socket cannot be had. */
export class ListenError extends ServiceError {
  override name = 'ListenError';
  readonly reason: 'inUse' | 'denied' | 'other';

  /**
   * @param setting that asks for it, as in the config file
   * @param address HOST:PORT, or a path
   */
  constructor(
    readonly setting: string,
    readonly address: string,
    cause: unknown,
  ) {
    const receiver = setting === 'port' || setting === 'streamPort' ? '' : ` (${setting})`;
    super(`cannot listen on ${address}${receiver}: ${listenFailure(cause)}`, { cause });
    this.reason = hasCode(cause, 'EADDRINUSE') ? 'inUse' : hasCode(cause, 'EACCES') ? 'denied' : 'other';
  }
}

/** Another service serves the tree. */
export class RootTakenError extends ServiceError {
  override name = 'RootTakenError';
  constructor(
    root: string,
    /** null: not known. */
    readonly holder: Holder | null,
  ) {
    const who = holder === null ? '' : `, process ${holder.pid}${holder.addresses.length === 0 ? '' : ` (${holder.addresses.join(', ')})`}`;
    super(`another service serves ${root}${who}`);
  }
}

/** What a system's error says of an address. */
export function listenFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return 'the port is in use, perhaps by another Safelog service; choose another port';
  if (code === 'EACCES') return 'permission denied; ports below 1024 are the administrator’s';
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return 'this machine has no such address';
  return error instanceof Error ? error.message : String(error);
}
