import { existsSync } from 'node:fs';

/** systemd's checker of units is here. Where it is not, the tests with it are skipped, loudly; with CI=true that is a failure. */
export const hasSystemdAnalyze = existsSync('/usr/bin/systemd-analyze');
if (!hasSystemdAnalyze) {
  if (process.env.CI) throw new Error('systemd is missing: apt-get install systemd');
  console.error('!!! systemd is missing (apt-get install systemd): its units are not checked.');
}
