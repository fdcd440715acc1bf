import { execFileSync } from 'node:child_process';

export const PYTHON = '/usr/bin/python3';

/** Whether Python's concurrent-log-handler is there; with CI set its tests run, and fail, without it. */
export function hasClh(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import concurrent_log_handler'], { stdio: 'ignore' });
    return true;
  } catch {
    console.error(`!!! ${PYTHON} has no concurrent_log_handler: apt-get install python3-concurrent-log-handler python3-portalocker`);
    return Boolean(process.env.CI);
  }
}
