import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askPython } from './testing/python.ts';

const suite = '/usr/lib/python3.11/test/test_logging.py';
const page = readFileSync(join(import.meta.dirname, '../../../docs/logging-tests.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\w+) \| ([\w ]+) \| (.+) \|$/gm)].map(([, name = '', tests = '', here = '']) => ({
  names: tests.split(' ').map((each) => `${name}.test_${each}`),
  here,
}));

test.each(rows.filter(({ here }) => !here.startsWith('–')))('$names has its counterpart', ({ here }) => {
  const [file = '', title = ''] = here.split(/: (.*)/s);
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  expect(
    [`'${title}'`, `"${title}"`].some((each) => text.includes(each)),
    here,
  ).toBe(true);
});

/** In CI it is there: .ci/run installs libpython3.11-testsuite. */
test.skipIf(!existsSync(suite) && !process.env.CI)("each of Python's own tests is on the page, once", () => {
  const names = askPython<string[]>(`
import ast, json
tree = ast.parse(open(${JSON.stringify(suite)}).read())
print(json.dumps([f'{c.name}.{m.name}' for c in tree.body if isinstance(c, ast.ClassDef) for m in c.body if isinstance(m, ast.FunctionDef) and m.name.startswith('test')]))`);
  expect(rows.flatMap((row) => row.names).sort()).toEqual(names.sort());
  expect(names.length).toBeGreaterThan(150);
});
