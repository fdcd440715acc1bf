import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { debugToEnd, entriesOf, programOf, userFolder } from './debugSessions.ts';

const count = 100_000;
const rounds = 3;

/** Programs that print so many lines and, in the end, how long that took them. */
const programs = {
  'js-debug, output of the process': {
    lines: [`for (let i = 0; i < ${count}; i++) process.stdout.write('line ' + i + ' of a program that prints much\\n');`],
    rest: { type: 'node', outputCapture: 'std' },
  },
  'js-debug, console': {
    lines: [`for (let i = 0; i < ${count}; i++) console.log('line ' + i + ' of a program that prints much');`],
    rest: { type: 'node' },
  },
  debugpy: {
    lines: [`for i in range(${count}): print('line', i, 'of a program that prints much')`],
    rest: { type: 'debugpy' },
  },
};

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Not a test: `npm run bench -- debug` runs it, and reads what it writes. */
describe('a session that prints much', () => {
  it('is as long with its log as without', async function () {
    this.timeout(900_000);
    const results: object[] = [];
    const configuration = vscode.workspace.getConfiguration('safelog.debug');
    for (const [name, { lines, rest }] of Object.entries(programs)) {
      const program = await programOf(rest.type === 'node' ? 'much.js' : 'much.py', lines);
      const times: Record<'with' | 'without', number[]> = { with: [], without: [] };
      const module = `Much_${results.length}`;
      for (let round = 0; round < rounds; round++) {
        for (const [kind, enabled] of [
          ['without', false],
          ['with', true],
        ] as const) {
          await configuration.update('enabled', enabled, vscode.ConfigurationTarget.Workspace);
          const start = performance.now();
          await debugToEnd({ request: 'launch', name: module, program, console: 'internalConsole', ...rest });
          times[kind].push(performance.now() - start);
          if (enabled) await entriesOf(module);
        }
      }
      const log = await readFile(join(userFolder(), `${module}.log`), 'utf8');
      const [written, missing] = [/ line \d+ of a program/g, /(\d+) lines are missing here/g].map((pattern) => [...log.matchAll(pattern)]);
      results.push({
        name,
        with: median(times.with),
        without: median(times.without),
        lines: count * rounds,
        written: written?.length,
        missing: missing?.reduce((sum, [, lost]) => sum + Number(lost), 0),
      });
    }
    const folder = join(process.env.SAFELOG_PROJECT ?? '', 'test/artifacts/bench');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'debug.json'), JSON.stringify(results));
  });
});
