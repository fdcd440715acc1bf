import { execFileSync } from 'node:child_process';

/** Whether strace can trace here; with CI set its tests run, and fail, without it. `tests` says which are skipped. */
export function hasStrace(tests: string): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    console.error(`!!! strace cannot run here (apt-get install strace): ${tests} are skipped`);
    return Boolean(process.env.CI);
  }
}
