/**
 * The files of Python's ConfigParser (https://docs.python.org/3/library/configparser.html#supported-ini-file-structure): sections of
 * `key = value` or `key: value`, values that go on in indented lines, comments of whole lines, a section DEFAULT for all, and `%(key)s` for
 * the value of another key.
 */

const DEFAULT = 'DEFAULT';
/** So deep may values refer to each other. */
const MAX_DEPTH = 10;
const HEADER = /^\[(.+)\]/;
const OPTION = /^(.*?)\s*[=:]\s*(.*)$/s;

export class IniError extends Error {
  override name = 'IniError';
}

export class IniFile {
  readonly #sections = new Map<string, Map<string, string>>();
  readonly #defaults: ReadonlyMap<string, string>;

  /** `defaults`: as in the section DEFAULT. Throws an IniError that names the line. */
  constructor(text: string, defaults: Readonly<Record<string, string>> = {}) {
    const shared = new Map(Object.entries(defaults).map(([key, value]) => [key.toLowerCase(), value]));
    this.#defaults = shared;
    let section: Map<string, string> | undefined;
    let key: string | undefined;
    let indent = 0;
    for (const [i, line] of text.split(/\r\n|[\n\r]/).entries()) {
      const content = line.trim();
      const fail = (problem: string): never => {
        throw new IniError(`line ${i + 1}: ${problem}: ${JSON.stringify(line)}`);
      };
      if (/^[#;]/.test(content)) continue;
      const depth = line.length - line.trimStart().length;
      const isContinuation = section !== undefined && key !== undefined && (content === '' || depth > indent);
      if (isContinuation && section && key !== undefined) {
        section.set(key, `${section.get(key)}\n${content}`);
        continue;
      }
      if (content === '') continue;
      indent = depth;
      const name = HEADER.exec(content)?.[1];
      if (name !== undefined) {
        if (this.#sections.has(name)) fail('the section is there already');
        section = name === DEFAULT ? shared : new Map();
        if (name !== DEFAULT) this.#sections.set(name, section);
        key = undefined;
        continue;
      }
      if (!section) {
        fail('a line before the first section');
        continue;
      }
      const [, option = '', value = ''] = OPTION.exec(content) ?? fail('neither a section nor "key = value"');
      key = option.toLowerCase();
      if (key === '') fail('a value without a key');
      if (section !== shared && section.has(key)) fail('the key is there already');
      section.set(key, value);
    }
    for (const each of [shared, ...this.#sections.values()]) for (const [option, value] of each) each.set(option, value.trimEnd());
  }

  has(section: string): boolean {
    return this.#sections.has(section);
  }

  /** The value as it is written; undefined where neither the section nor DEFAULT has it. Throws an IniError where there is no such section. */
  raw(section: string, key: string): string | undefined {
    const own = this.#sections.get(section);
    if (!own) throw new IniError(`there is no section [${section}]`);
    return own.get(key.toLowerCase()) ?? this.#defaults.get(key.toLowerCase());
  }

  /** The value with those of other keys in it. Throws an IniError for one that is missing, or that refers to itself. */
  get(section: string, key: string): string | undefined {
    const value = this.raw(section, key);
    return value === undefined ? undefined : this.#filled(section, key, value, 1);
  }

  /** As get, and throws where there is no value. */
  require(section: string, key: string): string {
    const value = this.get(section, key);
    if (value === undefined) throw new IniError(`section [${section}] has no ${key}`);
    return value;
  }

  #filled(section: string, key: string, value: string, depth: number): string {
    if (depth > MAX_DEPTH) throw new IniError(`section [${section}]: ${key} refers to others too deeply`);
    return value.replace(/%(?:(%)|\(([^)]*)\)s|(.|$))/gs, (_, percent?: string, name?: string) => {
      if (percent) return '%';
      if (name === undefined)
        throw new IniError(`section [${section}]: ${key}: "%" must be followed by "%" or "(": ${JSON.stringify(value)}`);
      const other = this.raw(section, name);
      if (other === undefined) throw new IniError(`section [${section}]: ${key} names ${name}, which is missing`);
      return this.#filled(section, name, other, depth + 1);
    });
  }
}
