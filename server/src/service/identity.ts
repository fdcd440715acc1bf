/** Who may write as whom. */

import { nameFault } from '../record/treeName.ts';
import { findAccount } from './users.ts';

/**
 * check: who is known writes as the own user, who is not known as anyone. require: who is not known is refused. off: anyone writes as
 * anyone (for a demonstration, or a machine where only one person is).
 */
export type IdentityMode = 'check' | 'require' | 'off';
export const IDENTITY_MODES: readonly IdentityMode[] = ['check', 'require', 'off'];

/** What a peer may do: everything, nothing, or what its one user may. */
export type Identity = { kind: 'any'; isKnown: boolean; name: string | null } | { kind: 'one'; name: string } | { kind: 'none' };

/** Of the uid that the kernel has named, or null where it knows none. */
export function identify(uid: number | null, mode: IdentityMode): Identity {
  if (uid === null) return mode === 'require' ? { kind: 'none' } : { kind: 'any', isKnown: false, name: null };
  const name = findAccount(uid)?.name ?? String(uid);
  if (mode === 'off' || uid === 0) return { kind: 'any', isKnown: true, name };
  // An account that no directory of the tree can be named after writes nothing.
  return nameFault(name) ? { kind: 'none' } : { kind: 'one', name };
}

export function mayWriteAs(identity: Identity, user: string): boolean {
  return identity.kind === 'any' || (identity.kind === 'one' && identity.name === user);
}
