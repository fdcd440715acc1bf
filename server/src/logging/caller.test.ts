import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram, PACKAGE } from './testing/buildProgram.ts';

test('the place of a call is that in the source, where the program runs with source maps', () => {
  const folder = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.safelog-caller-'));
  try {
    const source = `import { basicConfig, getLogger } from ${PACKAGE};
basicConfig({ format: '%(filename)s:%(lineno)d %(funcName)s', stream: process.stdout });

function work(): void {
  getLogger('a').warning('here');
  getLogger('a').warning('out there', { stackLevel: 2 });
}
work();
`;
    const outfile = buildProgram(folder, source);
    const run = (...flags: string[]): string[] =>
      execFileSync(process.execPath, [...flags, outfile], { encoding: 'utf8' })
        .trim()
        .split('\n');
    expect(run('--enable-source-maps')).toEqual(['program.ts:5 work', 'program.ts:8 <module>']);
    for (const line of run()) expect(line).toMatch(/^program\.mjs:\d+ /);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
