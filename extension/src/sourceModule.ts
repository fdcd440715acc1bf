/** From a source file to the modules that it may log to. Pure. */

/**
 * The module names of Safelog for a source file, the longest first: the file's name without its ending, prefixed by its packages
 * (`/src/app/db/query.py` → … `app.db.query`, `db.query`, `query`); the package's own name for its `__main__` and `__init__`.
 */
export function modulesOfSource(path: string): string[] {
  const segments = path.split(/[\\/]/).filter((segment) => segment !== '');
  const file = segments.pop();
  if (file === undefined) return [];
  const stem = file.replace(/(?<=.)\.[^.]+$/, '');
  if (!/^__(main|init)__$/.test(stem)) segments.push(stem);
  return segments.map((_, index) => segments.slice(index).join('.'));
}
