// Writes l10n/bundle.l10n.json: every text that the extension gives to l10n.t and the page to t, which translations
// (bundle.l10n.LANGUAGE.json) go by.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { root } from './setUp.mjs';

/** Folders of sources, and what their texts are given to. */
const GIVEN_TO = { 'extension/src': 'l10n.t', 'webview-ui/src': 't' };

/**
 * The texts, sorted.
 * @returns {Promise<string[]>}
 * @throws {Error} where one is no literal, which nobody could translate
 */
export async function messages() {
  /** @type {Set<string>} */
  const found = new Set();
  for (const [folder, name] of Object.entries(GIVEN_TO)) {
    for (const source of await sourcesIn(folder)) {
      const visit = (/** @type {ts.Node} */ node) => {
        if (isCallOf(name, node, source)) {
          const [text] = node.arguments;
          if (text === undefined || !ts.isStringLiteralLike(text))
            throw new Error(`${source.fileName}: ${name} of what is no literal: ${node.getText(source)}`);
          found.add(text.text);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
  }
  return [...found].sort();
}

/** In HTML: words between tags, and those of attributes that are shown or read out. */
const SHOWN = /^[^<]*\p{L}{3}|>[^<]*\p{L}{3}|\s(?:aria-label|aria-description|title|placeholder)="[^"]*\p{L}/u;
const SHOWN_MEMBERS = new Set(['label', 'title', 'help', 'placeholder', 'action', 'textContent']);
const SENTENCE = /^\p{Lu}.*\p{L} \p{L}/u;

/**
 * What the page seems to show without giving it to t: in its templates, in what is called a label, and what looks like a sentence.
 * @returns {Promise<string[]>} with their files
 */
export async function bareTexts() {
  /** @type {string[]} */
  const found = [];
  for (const source of await sourcesIn('webview-ui/src')) {
    const report = (/** @type {string} */ text) => found.push(`${source.fileName}: ${text.trim().slice(0, 100)}`);
    const visit = (/** @type {ts.Node} */ node) => {
      if (isCallOf('t', node, source) || ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
      if (ts.isTaggedTemplateExpression(node)) {
        const tag = node.tag.getText(source);
        if (tag === 'css') return;
        const { template } = node;
        const html = ts.isNoSubstitutionTemplateLiteral(template)
          ? template.text
          : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)].join('0');
        if (SHOWN.test(html)) report(html);
        if (!ts.isNoSubstitutionTemplateLiteral(template)) for (const { expression } of template.templateSpans) visit(expression);
        return;
      }
      const text = ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? node.head.text : '';
      if (SENTENCE.test(text) || (/\p{L}{3}/u.test(text) && SHOWN_MEMBERS.has(memberOf(node.parent, source)))) report(text);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** What a value is a member of an object as, or is assigned to. */
function memberOf(/** @type {ts.Node} */ parent, /** @type {ts.SourceFile} */ source) {
  if (ts.isPropertyAssignment(parent)) return parent.name.getText(source);
  return ts.isBinaryExpression(parent) && ts.isPropertyAccessExpression(parent.left) ? parent.left.name.text : '';
}

/** @returns {node is ts.CallExpression} */
function isCallOf(/** @type {string} */ name, /** @type {ts.Node} */ node, /** @type {ts.SourceFile} */ source) {
  return ts.isCallExpression(node) && node.expression.getText(source) === name;
}

async function sourcesIn(/** @type {string} */ folder) {
  const names = (await readdir(join(root, folder), { recursive: true })).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  return Promise.all(
    names.map(async (name) => ts.createSourceFile(name, await readFile(join(root, folder, name), 'utf8'), ts.ScriptTarget.Latest, true)),
  );
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
