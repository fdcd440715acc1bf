/**
 * How much longer a debug session that prints 100 000 lines takes with its log than without, in the real VS Code, under js-debug and debugpy
 * (test/vscode/host/debugSpeed.bench.ts). Medians of sessions that take turns.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Result {
  name: string;
  with: number;
  without: number;
  lines: number;
  written: number;
  missing: number;
}

const file = join(process.cwd(), 'test/artifacts/bench/debug.json');
rmSync(file, { force: true });
const { status } = spawnSync('npx', ['vitest', 'run', '-c', 'test/vscode/vitest.config.ts', 'host', '-t', 'prints much'], {
  env: { ...process.env, SAFELOG_HOST_SPECS: 'debugSpeed.bench.ts' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (status !== 0) throw new Error('the sessions failed');
for (const { name, lines, written, missing, ...ms } of JSON.parse(readFileSync(file, 'utf8')) as Result[]) {
  const ratio = (ms.with / ms.without).toFixed(2);
  console.log(
    `${name}: ${ratio} × the time without (${Math.round(ms.with)} against ${Math.round(ms.without)} ms); of ${lines} lines ${written} written, ${missing} said to be missing`,
  );
}
