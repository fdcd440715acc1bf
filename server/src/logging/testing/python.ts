/** Has the installed Python judge: it runs a script with Python's own logging, and what it prints is compared. */

import { execFile, execFileSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';
const env = { ...process.env, PYTHONIOENCODING: 'utf8:surrogatepass' };

/** What a script prints as JSON, with `input` as JSON on its stdin. */
export function askPython<T>(script: string, input: unknown = null, cwd?: string): T {
  const output = execFileSync(PYTHON, ['-c', script], { input: JSON.stringify(input), maxBuffer: 1 << 28, cwd, env });
  return JSON.parse(output.toString()) as T;
}

/** The same while this process goes on: what a script prints at last. `onLine` gets each line until then. */
export function runPython(script: string, args: readonly string[] = [], onLine: (line: string) => void = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(PYTHON, ['-u', '-c', script, ...args], { maxBuffer: 1 << 28, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
    child.stdout?.on('data', (text: string) => {
      for (const line of String(text).split('\n')) if (line !== '') onLine(line);
    });
  });
}
