/** Encodings in which logs may be shown: those of the Encoding Standard in which a line end is one byte. */

import { l10n, window } from 'vscode';

const labels = [
  'utf-8',
  'windows-1252',
  'iso-8859-2',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'koi8-r',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
];

export function nameOfEncoding(label: string): string {
  return label === 'utf-8'
    ? 'UTF-8'
    : label.replace(/^(?:iso|gb|koi|euc)/, (start) => start.toUpperCase()).replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

/** The label that was chosen; undefined where none was. */
export async function pickEncoding(current: string, path: string): Promise<string | undefined> {
  const items = labels.map((label) => ({
    label: nameOfEncoding(label),
    description: label === current ? l10n.t('now') : '',
    value: label,
  }));
  const picked = await window.showQuickPick(items, { title: l10n.t('Encoding of {0}', path) });
  return picked?.value;
}
