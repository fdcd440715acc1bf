/** For tests: the real command, built once per test file, as processes. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface TestCommand {
  /** An empty directory, removed by close(). */
  folder: string;
  /** Runs `safelog ARGS` to its end. The environment is only PATH, HOME (the folder), a service without socket where anyone writes as anyone, and what is given. */
  run(args: string[], options?: { env?: Record<string, string>; stdin?: string }): Promise<Finished>;
  /** Starts it and goes on; `output` grows. */
  start(
    args: string[],
    env?: Record<string, string>,
  ): { process: ChildProcess; output: { stdout: string; stderr: string }; ended: Promise<Finished> };
  close(): void;
}

export async function buildCommand(): Promise<TestCommand> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-command-'));
  const dist = join(folder, 'dist');
  mkdirSync(dist);
  await build({
    entryPoints: { cli: join(import.meta.dirname, 'main.ts') },
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  const running = new Set<ChildProcess>();
  const start: TestCommand['start'] = (args, env = {}) => {
    const child = spawn(process.execPath, [join(dist, 'cli.mjs'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, SAFELOG_SOCKET: '-', SAFELOG_IDENTITY: 'off', ...env },
      stdio: 'pipe',
    });
    running.add(child);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    const ended = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        running.delete(child);
        resolve({ code, ...output });
      });
    });
    return { process: child, output, ended };
  };
  return {
    folder,
    start,
    run: (args, { env, stdin } = {}) => {
      const { process: child, ended } = start(args, env);
      child.stdin?.end(stdin ?? '');
      return ended;
    },
    close: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
