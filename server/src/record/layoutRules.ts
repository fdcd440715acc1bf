/** Layouts that a person gave for files, by name. */
import { checkLayout } from './layout.ts';

export interface LayoutRule {
  /** `*` and `?` stand for anything but `/`, `**` for that too. Without a `/` it is held against the file's name alone. */
  glob: string;
  /** One of layoutNames, or a format string of Python, with `;datefmt=` and a strftime format behind it. */
  format: string;
}

/**
 * The layout given for a file; undefined where none is. The first rule that fits counts. A rotation has the layout of its log.
 * @param file relative to the root, `/`-separated
 * @param log the name of the log that the file is a generation of: `app.log` for `app.log.1.gz`
 */
export function givenLayout(rules: readonly LayoutRule[], file: string, log: string): string | undefined {
  const slash = file.lastIndexOf('/') + 1;
  const paths = [file, file.slice(0, slash) + log];
  return rules.find(({ glob }) => {
    const pattern = globPattern(glob);
    return paths.some((path) => pattern.test(glob.includes('/') ? path : path.slice(slash)));
  })?.format;
}

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
