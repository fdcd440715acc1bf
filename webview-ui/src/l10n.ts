/** Texts in VS Code's language. English stands in the code, the extension gives the translations with the page; scripts/l10n.mjs collects them. */

/** Unit tests have no document. */
const page = typeof document === 'undefined' ? undefined : document;
const language = page?.documentElement.lang || 'en';
const translations: Readonly<Record<string, unknown>> = JSON.parse(
  page?.querySelector<HTMLMetaElement>('meta[name=safelog-l10n]')?.content || '{}',
);
const numbers = new Intl.NumberFormat(language);

/** A text in VS Code's language; `{0}` stands for the first of the values. */
export function t(text: string, ...values: readonly (string | number)[]): string {
  const found = Object.hasOwn(translations, text) ? translations[text] : undefined;
  return fill(typeof found === 'string' ? found : text, values);
}

/** One of two texts that `t` gave: `{0}` is the count in them, `{1}` the first of the other values. */
export function plural(count: number, one: string, many: string, ...values: readonly (string | number)[]): string {
  return fill(count === 1 ? one : many, [number(count), ...values]);
}

/** With the language's separators. */
export function number(count: number): string {
  return numbers.format(count);
}

function fill(text: string, values: readonly (string | number)[]): string {
  return text.replace(/\{(\d+)\}/g, (field, index) => String(values[Number(index)] ?? field));
}
