// Runs inside the extension host: VS Code calls run().

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 240_000, retries: 1, reporter: Mocha.reporters.Base });
  for (const name of readdirSync(__dirname).filter((each) => /\.(test|bench)\.cjs$/.test(each))) mocha.addFile(join(__dirname, name));
  const results: { title: string; passed: boolean; errors: string[] }[] = [];
  let errors: string[] = [];
  /** After each: where a later one never ends, these still count. */
  const keep = (title: string, passed: boolean) => {
    results.push({ title, passed, errors });
    errors = [];
    writeFileSync(join(__dirname, 'results.json'), JSON.stringify(results));
  };
  const failed = (error: Error) => errors.push(error.stack ?? String(error));
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('retry', (_, error: Error) => failed(error))
      .on('fail', (test, error: Error) => {
        failed(error);
        keep(test.fullTitle(), false);
      })
      .on('pending', (test) => {
        failed(new Error('It is marked as pending.'));
        keep(test.fullTitle(), false);
      })
      .on('pass', (test) => keep(test.fullTitle(), true));
  });
}
