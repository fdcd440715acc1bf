// The licences of what is bundled, as they ask for: found in esbuild's own list of what went into the bundles.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root Of the project.
 * @param {Iterable<string>} inputs Paths of bundled files, relative to the root.
 * @returns {string} Each package's name, version, licence and the licence's text.
 */
export function notices(root, inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (found) folders.add(found[0]);
  }
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file && existsSync(join(root, folder, file)) ? readFileSync(join(root, folder, file), 'utf8').trim() : '';
    return `${name} ${version} (${typeof license === 'string' ? license : 'see its text'})\n\n${text}\n`;
  });
  return `What Safelog ships of others, and under which licences.\n\n${parts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}
