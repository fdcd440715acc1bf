/**
 * The values of a dictionary that stand for others: `ext://sys.stdout`, `cfg://handlers.file.filename`, and objects that a function makes
 * (`()`), whose properties follow under `.` (https://docs.python.org/3/library/logging.config.html#access-to-external-objects).
 */

import { make } from './apply.ts';
import type { Names } from './names.ts';
import { type Dict, isDict } from './shape.ts';

const PREFIX = /^([a-z]+):\/\/(.*)$/s;
/** `cfg://` may lead to another one. */
const MAX_DEPTH = 32;

export class Converter {
  readonly #config: Dict;
  readonly #names: Names;

  constructor(config: Dict, names: Names) {
    this.#config = config;
    this.#names = names;
  }

  /** The values of an object, those in it as well. Throws a RangeError for what stands for nothing. */
  all(dict: Dict, depth = 0): Record<string, unknown> {
    return Object.fromEntries(Object.entries(dict).map(([key, value]) => [key, this.value(value, depth)]));
  }

  value(value: unknown, depth = 0): unknown {
    if (depth > MAX_DEPTH) throw new RangeError('cfg:// goes round in a circle');
    if (Array.isArray(value)) return value.map((item) => this.value(item, depth + 1));
    if (isDict(value)) return '()' in value ? this.custom(value) : this.all(value, depth + 1);
    const [, protocol, rest = ''] = (typeof value === 'string' && PREFIX.exec(value)) || [];
    if (protocol === 'ext') return this.#names.resolve(rest);
    if (protocol === 'cfg') return this.value(this.#inConfig(rest), depth + 1);
    return value;
  }

  /** What the function or class under `()` makes of the other keys. */
  custom(dict: Dict): unknown {
    const { '()': factory, '.': properties, ...kwargs } = dict;
    const made = make(this.factory(factory), [], this.all(kwargs));
    if (isDict(properties) && typeof made === 'object' && made !== null) Object.assign(made, this.all(properties));
    return made;
  }

  /** A function, itself or by name. */
  factory(value: unknown): unknown {
    return typeof value === 'string' ? this.#names.resolve(value.replace(/^ext:\/\//, '')) : value;
  }

  /** An object that is given itself, or what a function makes that is given by name or under `()`. */
  factoryResult(value: unknown): unknown {
    if (typeof value === 'string') return make(this.factory(value), [], {});
    return isDict(value) && '()' in value ? this.custom(value) : value;
  }

  /** `handlers.file.filename`, `loggers[web.db].level`, `list[0]`. */
  #inConfig(path: string): unknown {
    let value: unknown = this.#config;
    for (const [whole, dotted, bracketed] of path.matchAll(/(?:^|\.)([^.[\]]+)|\[([^\]]*)\]|./gs)) {
      const key = dotted ?? bracketed;
      if (key === undefined) throw new RangeError(`cfg://${path} cannot be understood at ${JSON.stringify(whole)}`);
      const holder: unknown = value;
      if (Array.isArray(holder) && /^\d+$/.test(key) && Number(key) < holder.length) value = holder[Number(key)];
      else if (isDict(holder) && Object.hasOwn(holder, key)) value = holder[key];
      else throw new RangeError(`cfg://${path}: there is no ${JSON.stringify(key)}`);
    }
    return value;
  }
}
