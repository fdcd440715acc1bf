import type { Problem } from '../protocol.ts';

const causes: Record<string, [message: string, advice: string]> = {
  EACCES: ['permission denied', 'Let the program run as a user that may write there, or choose another root.'],
  EPERM: ['permission denied', 'Let the program run as a user that may write there, or choose another root.'],
  EROFS: ['the file system is read-only', 'Choose another root.'],
  ENOSPC: ['no space is left on the disk', 'Make room: writing goes on by itself.'],
  EDQUOT: ['the disk quota is used up', 'Make room: writing goes on by itself.'],
  ELOOP: ['it is a symbolic link, and these are not followed', 'Put a file in its place.'],
  ENOTDIR: ["the user's directory is a symbolic link or no directory", 'Put a directory in its place.'],
  EISDIR: ['it is a directory', 'Rename it.'],
  ENXIO: ['it is not a regular file', 'Put a file in its place.'],
  EMFILE: ['too many files are open', 'Raise the limit of open files (ulimit -n).'],
  ENFILE: ['too many files are open in the system', 'Raise the limit of open files.'],
  ELOCKTIMEOUT: ['another writer keeps the lock', 'Let it go on if it stands at a breakpoint, or end it: writing goes on by itself.'],
  EINVAL: ['the name is not one of a log in the tree', ''],
};

/** What to tell a person about a failure to write a path: what it was, and what to do about it. */
export function describeProblem(path: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [message, advice] = causes[code] ?? [error instanceof Error ? error.message : String(error), ''];
  return { path, message: `cannot write: ${message}`, advice };
}
