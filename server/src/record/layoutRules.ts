/** Layouts that a person gave for files, by name. */
import { checkLayout } from './layout.ts';

export interface LayoutRule {
  /**
   * `*` and `?` stand for anything but `/`, `**` for that too. Without a `/` it is held against the file's name alone, with one in front
   * against the whole path, else against the path from the source's root on.
   */
  glob: string;
  /** One of layoutNames, or a format string of Python, with `;datefmt=` and a strftime format behind it. */
  format: string;
}

/** What is known of the layouts of a source's files before they are read. A new object whenever any of it is another. */
export interface Layouts {
  rules: readonly LayoutRule[];
  /** Formats that files may have, as HeadReader's `candidates` takes them. */
  candidates: readonly string[];
  /** Formats with which the service of the source's tree has written, as it has published them. */
  published?: readonly string[];
}

export const NO_LAYOUTS: Layouts = { rules: [], candidates: [] };

/**
 * The layout given for a file; undefined where none is. The first rule that fits counts. A rotation has the layout of its log.
 * @param path absolute, with the system's separators
 * @param file relative to the root, `/`-separated
 * @param log the name of the log that the file is a generation of: `app.log` for `app.log.1.gz`
 */
export function givenLayout(rules: readonly LayoutRule[], path: string, file: string, log: string): string | undefined {
  if (rules.length === 0) return undefined;
  const whole = path.replaceAll('\\', '/');
  return rules.find(({ glob }) => {
    const pattern = globPattern(glob.replaceAll('\\', '/'));
    const name = isAbsolute(glob) ? whole : file;
    const slash = name.lastIndexOf('/') + 1;
    return [name, name.slice(0, slash) + log].some((one) => pattern.test(/[\\/]/.test(glob) ? one : one.slice(slash)));
  })?.format;
}

const isAbsolute = (glob: string): boolean => /^(?:[\\/]|[a-z]:[\\/])/i.test(glob);

function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*{2,}\/?|\*|\?/g, (wildcard) => (wildcard === '?' ? '[^/]' : wildcard === '*' ? '[^/]*' : '.*'));
  return new RegExp(`^${source}$`, 'su');
}

/**
 * `GLOB=FORMAT`, as on a command line.
 * @throws RangeError where it is no rule
 */
export function parseRule(text: string): LayoutRule {
  const equals = text.indexOf('=');
  if (equals < 1 || equals === text.length - 1) throw new RangeError(`${JSON.stringify(text)} is not GLOB=FORMAT`);
  const rule = { glob: text.slice(0, equals), format: text.slice(equals + 1) };
  checkLayout(rule.format);
  return rule;
}

/** Whether two lists of formats are the same. */
export const sameFormats = (some: readonly string[], others: readonly string[]): boolean => some.join('\n') === others.join('\n');
