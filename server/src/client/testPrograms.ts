/** For tests: Node programs that use this package, as programs. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface TestPrograms {
  /** Removed by close(). Programs in it find the package `safelog`. */
  folder: string;
  /** Writes a file of a program; its path. */
  write(path: string, text: string): string;
  /** Runs `node ARGS` in the folder to its end, with nothing but PATH, HOME (the folder), SAFELOG_ROOT (its `tree`) and `env` in the environment. */
  run(args: string[], options?: { env?: Record<string, string>; stdin?: string }): Promise<Finished>;
  start(args: string[], env?: Record<string, string>): { process: ChildProcess; ended: Promise<Finished> };
  /** What stands in a log of the tree, of this user; empty where there is none. */
  read(basename: string): string;
  close(): void;
}

/** Bundles the package. `user` is whose logs read() reads. */
export async function buildPrograms(user: string): Promise<TestPrograms> {
  // Inside of the project, so that it finds koffi.
  const folder = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.safelog-client-'));
  const home = join(folder, 'node_modules/safelog');
  mkdirSync(home, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, '../index.ts')],
    outfile: join(home, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  writeFileSync(join(home, 'package.json'), '{ "name": "safelog", "type": "module", "exports": "./index.mjs" }');
  const running = new Set<ChildProcess>();

  const start: TestPrograms['start'] = (args, env = {}) => {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, SAFELOG_ROOT: join(folder, 'tree'), ...env },
      stdio: 'pipe',
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal, stdout, stderr });
      });
    });
    return { process: child, ended };
  };

  return {
    folder,
    write: (path, text) => {
      const absolute = join(folder, path);
      mkdirSync(dirname(absolute), { recursive: true });
      writeFileSync(absolute, text);
      return absolute;
    },
    start,
    run: (args, { env, stdin = '' } = {}) => {
      const { process: child, ended } = start(args, env);
      child.stdin?.end(stdin);
      return ended;
    },
    read: (basename) => {
      try {
        return readFileSync(join(folder, 'tree', user, basename), 'utf8');
      } catch {
        return '';
      }
    },
    close: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
