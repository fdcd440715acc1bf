/** For tests: the Python that judges what is read and written, and where captured bytes are. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

export const testing = {
  fixtures: join(here, '../../../../test/fixtures'),
  /** Runs a program of this folder with the machine's own Python; its output. */
  python: (program: string, input: string): string =>
    execFileSync('/usr/bin/python3', [join(here, program)], { input, encoding: 'utf8', maxBuffer: 1 << 28 }),
};
