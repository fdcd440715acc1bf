import { expect, it } from 'vitest';
import { modulesOfSource } from './sourceModule.ts';

it('names the file with and without its packages, the longest first', () => {
  expect(modulesOfSource('/app/db/query.py')).toEqual(['app.db.query', 'db.query', 'query']);
  expect(modulesOfSource('C:\\w\\x.test.ts')).toEqual(['C:.w.x.test', 'w.x.test', 'x.test']);
});
it('takes the package for its __main__', () => {
  expect(modulesOfSource('/app/tool/__main__.py')).toEqual(['app.tool', 'tool']);
});
it('keeps a name that begins with a dot', () => {
  expect(modulesOfSource('/.profile')).toEqual(['.profile']);
});
