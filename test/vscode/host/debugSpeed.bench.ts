import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { debugToEnd, entriesOf, programOf, userFolder } from './debugSessions.ts';
import { keepResult } from './keepResult.ts';

const count = 100_000;
const rounds = 2;

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
      const numbers = [...log.matchAll(/ line (\d+) of a program/g)].map(([, number]) => Number(number));
      const missing = [...log.matchAll(/(\d+) lines are missing here/g)].map(([, number]) => Number(number));
      results.push({
        name,
        with: Math.min(...times.with),
        without: Math.min(...times.without),
        lines: count * rounds,
        written: numbers.length,
        missing: missing.reduce((sum, lost) => sum + lost, 0),
        // Each session begins anew.
        isInOrder: numbers.every((number, index) => number === 0 || number > (numbers[index - 1] ?? -1)),
      });
    }
    await keepResult('debugSpeed', results);
  });
});
