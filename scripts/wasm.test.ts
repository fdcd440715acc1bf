import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setUp.mjs';
import { compiled, TARGET } from './wasm.mjs';

test('the WebAssembly is what its source makes: else `npm run wasm`', async () => {
  expect(readFileSync(join(root, TARGET), 'utf8')).toBe(await compiled());
});
