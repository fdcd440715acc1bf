import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs test/vscode/host/NAME.bench.ts in the extension host of a real VS Code; gives what it writes to test/artifacts/bench/NAME.json.
 * @throws {Error} where it fails
 */
export function benchInExtensionHost(name: string): unknown {
  const file = join(process.cwd(), 'test/artifacts/bench', `${name}.json`);
  rmSync(file, { force: true });
  const { status, stdout } = spawnSync('npx', ['vitest', 'run', '-c', 'test/vscode/vitest.config.ts', '--retry', '0', 'host.test'], {
    env: { ...process.env, SAFELOG_HOST_SPECS: `/${name}.bench.ts` },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name}.bench.ts failed:\n${stdout}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}
