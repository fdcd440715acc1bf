// Runs inside the extension host: VS Code calls run().

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: Mocha.reporters.Base });
  for (const name of readdirSync(__dirname).filter((each) => each.endsWith('.test.cjs'))) mocha.addFile(join(__dirname, name));
  const results: { title: string; error?: string }[] = [];
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', (test) => results.push({ title: test.fullTitle() }))
      .on('fail', (test, error: Error) => results.push({ title: test.fullTitle(), error: error.stack ?? String(error) }))
      .on('pending', (test) => results.push({ title: test.fullTitle(), error: 'It is marked as pending.' }));
  });
  writeFileSync(join(__dirname, 'results.json'), JSON.stringify(results));
}
