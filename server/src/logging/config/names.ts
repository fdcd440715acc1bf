/**
 * What the names in a configuration stand for. Python imports whatever a name says; here it is looked up in a table, which a program may add to:
 * nothing is imported, and nothing evaluated.
 */

const registered = new Map<string, unknown>();
const builtIn = new Map<string, () => unknown>();

/** Gives a class, a function or a value a name (`myapp.AuditHandler`) for configurations: `class`, `()`, `ext://` and `args`. */
export function registerName(name: string, value: unknown): void {
  registered.set(name, value);
}

export function unregisterName(name: string): void {
  registered.delete(name);
}

/** For this package's own. `get` is called when the name is used. */
export function addBuiltIn(name: string, get: () => unknown): void {
  builtIn.set(name, get);
}

/** Whose names may be used. */
export interface Names {
  /** Throws a RangeError for a name that there is not. */
  resolve(name: string): unknown;
}

/** What the package has and what the program has registered: for configurations that the program itself reads. */
export const allNames: Names = {
  resolve: (name) => find(name, () => true),
};

/** Only what the program has registered, and of the package what is allowed here by name: for configurations that come over the network. */
export function limitedNames(allowed: readonly string[]): Names {
  const some = new Set(allowed.map(shortOf));
  return { resolve: (name) => find(name, (each) => some.has(shortOf(each))) };
}

function find(name: string, isAllowed: (name: string) => boolean): unknown {
  if (registered.has(name)) return registered.get(name);
  const get = builtIn.get(shortOf(name));
  if (get && isAllowed(name)) return get();
  throw new RangeError(`there is no ${JSON.stringify(name)} for configurations: registerName(${JSON.stringify(name)}, …) makes it known`);
}

/** `logging.handlers.X`, `handlers.X`, `logging.X` and `X` are the same, as fileConfig looks names up within logging. */
const shortOf = (name: string): string => name.replace(/^(?:logging\.|safelog\.|concurrent_log_handler\.)?(?:handlers\.)?/, '');
