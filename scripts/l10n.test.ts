import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bareTexts, messages } from './l10n.mjs';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')) as Record<string, string>;
/** What a translation has to keep. */
const marks = (text: string) => [...(text.match(/\{\d+\}|\]\(command:[^)]*\)|`[^`]*`/g) ?? [])].sort();

describe('German', () => {
  test('the bundle has the texts of the code: node scripts/l10n.mjs writes it', async () => {
    expect(Object.keys(read('l10n/bundle.l10n.json'))).toEqual(await messages());
  });
  test('the page shows no text that is not given to t', async () => {
    expect(await bareTexts()).toEqual([]);
  });
  test.each([
    ['l10n/bundle.l10n.json', 'l10n/bundle.l10n.de.json'],
    ['package.nls.json', 'package.nls.de.json'],
  ])('%s is translated, whole, with its fields, commands and names', (original, translation) => {
    const [texts, german] = [read(original), read(translation)];
    expect(Object.keys(german).sort()).toEqual(Object.keys(texts).sort());
    for (const [key, text] of Object.entries(texts)) expect([key, marks(german[key] ?? '')]).toEqual([key, marks(text)]);
  });
});
