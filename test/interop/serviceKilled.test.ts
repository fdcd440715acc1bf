import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runKilled } from '../soak/killedRun.ts';
import { buildProgram } from './buildProgram.ts';

let program: { folder: string; path: string };
beforeAll(async () => {
  program = await buildProgram('../soak/killedService.ts');
});
afterAll(() => rmSync(program.folder, { recursive: true, force: true }));

test.each([false, true])(
  'a service that is killed under load by 8 clients loses nothing and doubles nothing; with rotation: %s',
  async (rotates) => {
    const { sent, ...result } = await runKilled({ program: program.path, kills: 6, clients: 8, rotates, batch: 100 });
    expect(result).toEqual({ lost: 0, doubled: 0, disordered: 0, torn: 0, stderr: '' });
    expect(sent).toBeGreaterThan(1000);
  },
);
