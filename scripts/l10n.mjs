// Writes l10n/bundle.l10n.json: every text that the extension gives to l10n.t, which translations (bundle.l10n.LANGUAGE.json) go by.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { root } from './setUp.mjs';

/**
 * The texts, sorted.
 * @returns {Promise<string[]>}
 * @throws {Error} where one is no literal, which nobody could translate
 */
export async function messages() {
  const sources = join(root, 'extension/src');
  /** @type {Set<string>} */
  const found = new Set();
  for (const name of await readdir(sources, { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const source = ts.createSourceFile(name, await readFile(join(sources, name), 'utf8'), ts.ScriptTarget.Latest);
    const visit = (/** @type {ts.Node} */ node) => {
      if (ts.isCallExpression(node) && node.expression.getText(source) === 'l10n.t') {
        const [text] = node.arguments;
        if (text === undefined || !ts.isStringLiteralLike(text))
          throw new Error(`${name}: l10n.t of what is no literal: ${node.getText(source)}`);
        found.add(text.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...found].sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const texts = await messages();
  await writeFile(
    join(root, 'l10n/bundle.l10n.json'),
    `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), null, 2)}\n`,
  );
  const german = JSON.parse(await readFile(join(root, 'l10n/bundle.l10n.de.json'), 'utf8').catch(() => '{}'));
  const missing = texts.filter((text) => !(text in german));
  console.log(
    missing.length === 0 ? 'German is complete.' : `German lacks:\n${missing.map((text) => `  ${JSON.stringify(text)}`).join('\n')}`,
  );
}
