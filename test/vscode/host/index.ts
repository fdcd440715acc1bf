// Runs inside the extension host: VS Code calls run().

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: Mocha.reporters.Base });
  for (const name of readdirSync(__dirname).filter((each) => each.endsWith('.test.cjs'))) mocha.addFile(join(__dirname, name));
  const results: { title: string; error?: string }[] = [];
  /** After each: where a later one never ends, these still count. */
  const keep = (title: string, error?: string) => {
    results.push(error === undefined ? { title } : { title, error });
    writeFileSync(join(__dirname, 'results.json'), JSON.stringify(results));
  };
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', (test) => keep(test.fullTitle()))
      .on('fail', (test, error: Error) => keep(test.fullTitle(), error.stack ?? String(error)))
      .on('pending', (test) => keep(test.fullTitle(), 'It is marked as pending.'));
  });
}
