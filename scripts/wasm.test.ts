import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setUp.mjs';
import { compiled, modules } from './wasm.mjs';

test.each(modules)('what %s makes is in %s: else `npm run wasm`', async (source, target, constant) => {
  expect(readFileSync(join(root, target), 'utf8')).toBe(await compiled(source, constant));
});
