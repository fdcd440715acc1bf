/** Who may use the files that a writer makes. */

import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, statSync } from 'node:fs';
import { hasCode } from './makeFolder.ts';

export interface Access {
  /** Permissions of the log, its lock and its rotations; by default those that the umask leaves. */
  chmod?: number | undefined;
  /** Instead of the process's own umask, which is left alone: changing it would change every file that other code makes meanwhile. */
  umask?: number | undefined;
  owner?: Owner | undefined;
}

/** Numbers of the system; -1 leaves one as it is. */
export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Opens a file, or makes it with O_EXCL, so that nobody's link is followed to make one elsewhere. One that is made has its permissions
 * before anybody else finds it with more than these. Throws the system's error.
 */
export function openOrMake(path: string, flags: number, mode: number, access: Access): number {
  for (;;) {
    try {
      return openSync(path, flags);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    try {
      const wanted = access.chmod ?? mode & ~(access.umask ?? 0);
      const fd = openSync(path, flags | constants.O_CREAT | constants.O_EXCL, wanted);
      if (access.chmod !== undefined || access.umask !== undefined) fchmodSync(fd, wanted);
      return fd;
    } catch (error) {
      // Another writer was faster. A link to nothing would be there and not there for ever.
      if (!hasCode(error, 'EEXIST') || statSync(path, { throwIfNoEntry: false }) === undefined) throw error;
    }
  }
}

/**
 * The same for appending to a log that others may have put something else in place of: a link is not followed (ELOOP), a pipe not waited
 * for (ENXIO), a device not written (ENXIO).
 */
export function openRegular(path: string, access: Access): number {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const fd = openOrMake(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o666, access);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`not a regular file: ${path}`), { code: 'ENXIO' });
}

/** Gives an open file the permissions and the owner that are wanted, where it has others. Only its owner may do so: others leave it. */
export function correctAccess(fd: number, { chmod, owner }: Access): void {
  if (chmod === undefined && owner === undefined) return;
  const { mode, uid, gid } = fstatSync(fd);
  const us = process.geteuid?.();
  if (us !== 0 && us !== uid) return;
  if (chmod !== undefined && (mode & 0o7777) !== chmod) fchmodSync(fd, chmod);
  if (!owner) return;
  const [wantedUid, wantedGid] = [owner.uid === -1 ? uid : owner.uid, owner.gid === -1 ? gid : owner.gid];
  if (wantedUid !== uid || wantedGid !== gid) fchownSync(fd, wantedUid, wantedGid);
}
