/**
 * The three ways to write a format: `%(name)s`, `{name}` and `$name`
 * (https://docs.python.org/3/library/logging.html#logging.Formatter).
 */

import { braceFields, braceFormat } from './braceFormat.ts';
import { formatKeys, percentFormat } from './percentFormat.ts';
import { toText } from './pythonText.ts';

export type FormatStyle = '%' | '{' | '$';
export type Values = Readonly<Record<string, unknown>>;

interface Style {
  /** The format of a Formatter without one. */
  standard: string;
  /** The format of basicConfig without one. */
  basic: string;
  usesTime(format: string): boolean;
  /** Throws a RangeError for a format that names no field, or that there is not. */
  validate(format: string): void;
  /** What the format names. */
  keys(format: string): string[];
  /** Throws a TypeError or RangeError where values are missing or do not fit. */
  fill(format: string, values: Values): string;
}

const PERCENT_FIELD = /%\(\w+\)[#0+ -]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[diouxefgcrsa%]/i;
const FIELD_NAME = /^\w+(?:\.\w+|\[[^\]]+\])*$/u;
const FIELD_SPEC = /^(?:.?[<>=^])?[+ -]?#?0?(?:\d+|\{\w+\})?[,_]?(?:\.(?:\d+|\{\w+\}))?[bcdefgnosx%]?$/iu;
/** `$$`, `$name`, `${name}`, or a dollar sign that is none of these. */
const DOLLAR = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\})?/gi;

const styles: Record<FormatStyle, Style> = {
  '%': {
    standard: '%(message)s',
    basic: '%(levelname)s:%(name)s:%(message)s',
    usesTime: (format) => format.includes('%(asctime)'),
    validate: (format) => {
      if (!PERCENT_FIELD.test(format)) throw new RangeError(`Invalid format '${format}' for '%' style`);
    },
    keys: formatKeys,
    fill: percentFormat,
  },
  '{': {
    standard: '{message}',
    basic: '{levelname}:{name}:{message}',
    usesTime: (format) => format.includes('{asctime'),
    validate: (format) => {
      const fields = braceFields(format);
      for (const { name, conversion, spec } of fields) {
        if (name !== '' && !FIELD_NAME.test(name)) throw new RangeError(`invalid format: ${JSON.stringify(name)} names no field`);
        if (conversion !== undefined && !'rsa'.includes(conversion))
          throw new RangeError(`invalid format: there is no conversion !${conversion}`);
        if (spec !== '' && !FIELD_SPEC.test(spec)) throw new RangeError(`invalid format: bad specifier ${JSON.stringify(spec)}`);
      }
      if (!fields.some(({ name }) => name !== '')) throw new RangeError('invalid format: no fields');
    },
    keys: (format) => braceFields(format).map(({ name }) => /^\w*/u.exec(name)?.[0] ?? ''),
    fill: (format, values) => braceFormat(format, [values]),
  },
  $: {
    standard: `\${message}`,
    basic: `\${levelname}:\${name}:\${message}`,
    usesTime: (format) => format.includes('$asctime') || format.includes(`\${asctime}`),
    validate: (format) => {
      const found = [...format.matchAll(DOLLAR)];
      if (found.some(([whole]) => whole === '$')) throw new RangeError("invalid format: bare '$' not allowed");
      if (!found.some(([, , named, braced]) => named !== undefined || braced !== undefined))
        throw new RangeError('invalid format: no fields');
    },
    keys: (format) => [...format.matchAll(DOLLAR)].flatMap(([, , named, braced]) => named ?? braced ?? []),
    fill: (format, values) =>
      format.replace(DOLLAR, (_, dollar?: string, named?: string, braced?: string) => {
        if (dollar !== undefined) return dollar;
        const key = named ?? braced;
        if (key === undefined) throw new RangeError("a '$' in the format stands for no field");
        if (!(key in values)) throw new RangeError(`the format names ${JSON.stringify(key)}, which is missing`);
        return toText(values[key]);
      }),
  },
};

/** A format of one of the styles. */
export class Format {
  readonly text: string;
  readonly usesTime: boolean;
  readonly #style: Style;
  readonly #defaults: Values | undefined;
  #keys: readonly string[] | undefined;

  /** `defaults`: values for names that a record has not. Throws a RangeError for a style that there is not. */
  constructor(text: string | null | undefined, style: FormatStyle, defaults?: Values) {
    this.#style = styleOf(style);
    this.text = text || this.#style.standard;
    this.usesTime = this.#style.usesTime(this.text);
    this.#defaults = defaults;
  }

  /** Whether it is the message alone. */
  get isMessage(): boolean {
    return this.text === this.#style.standard;
  }

  /** What it names. */
  get keys(): readonly string[] {
    this.#keys ??= this.#style.keys(this.text);
    return this.#keys;
  }

  validate(): void {
    this.#style.validate(this.text);
  }

  /** Throws a TypeError or RangeError where the values lack what the format names, or do not fit. */
  fill(values: Values): string {
    const defaults = this.#defaults;
    if (!defaults) return this.#style.fill(this.text, values);
    const entries = this.keys.map((key) => [key, key in values ? values[key] : defaults[key]] as const);
    return this.#style.fill(this.text, Object.fromEntries(entries.filter(([key]) => key in values || key in defaults)));
  }
}

/** The format that basicConfig gives its handlers in a style. */
export function basicFormat(style: FormatStyle): string {
  return styleOf(style).basic;
}

function styleOf(style: FormatStyle): Style {
  const known = Object.hasOwn(styles, style) ? styles[style] : undefined;
  if (!known) throw new RangeError(`Style must be one of: ${Object.keys(styles).join(',')}`);
  return known;
}
