import { expect, test, vi } from 'vitest';

test('German: texts, counts and their numbers', async () => {
  const content = JSON.stringify({
    '{0} new entry': '{0} neuer Eintrag',
    '{0} new entries': '{0} neue Einträge',
    '{0} of {1}': '{0} von {1}',
  });
  vi.stubGlobal('document', { documentElement: { lang: 'de' }, querySelector: () => ({ content }) });
  const { plural, t } = await import('./l10n.ts');
  const entries = (count: number) => plural(count, t('{0} new entry'), t('{0} new entries'));
  expect([0, 1, 12_345].map(entries)).toEqual(['0 neue Einträge', '1 neuer Eintrag', '12.345 neue Einträge']);
  // What a value holds is no field.
  expect(t('{0} of {1}', '{1}', 2)).toBe('{1} von 2');
  // What is not translated stays.
  expect(t('{0} and above', 'toString')).toBe('toString and above');
});
