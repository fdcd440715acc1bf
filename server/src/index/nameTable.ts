/** The numbers that stand for modules' names and for levels in a store's columns. */
import type { ChunkKinds } from './chunk.ts';

/** The level of a record without one. */
export const NO_LEVEL = -1;
export const NO_LEVEL_CODE = 255;
/** Codes from here on stand for the levels in the table; smaller ones for themselves. */
const FIRST_RARE_LEVEL = 200;

/** What a column's numbers of names and levels mean: those of the store that it was filled in. */
export interface StoreNames {
  /** Modules that lines of master.log name; the first is empty. */
  modules: readonly string[];
  /** Levels of FIRST_RARE_LEVEL and above. */
  levels: readonly number[];
}

export class NameTable {
  readonly modules: string[] = [''];
  readonly levels: number[] = [];
  private readonly moduleNumbers = new Map<string, number>();

  /** The number for a module's name; 0 where 65 535 names are taken (such a record then counts as master.log's own). */
  moduleNumber(name: string): number {
    let number = this.moduleNumbers.get(name);
    if (number === undefined) {
      if (this.modules.length > 0xffff) return 0;
      number = this.modules.push(name) - 1;
      this.moduleNumbers.set(name, number);
    }
    return number;
  }

  /** The level that an element of a chunk's column `level`, 0 to 255, stands for. */
  levelOfCode(code: number): number {
    if (code < FIRST_RARE_LEVEL) return code;
    return code === NO_LEVEL_CODE ? NO_LEVEL : (this.levels[code - FIRST_RARE_LEVEL] ?? FIRST_RARE_LEVEL);
  }

  /** The inverse. Where too many large levels are known, one of these that is near. */
  levelCode(level: number): number {
    if (level < 0) return NO_LEVEL_CODE;
    if (level < FIRST_RARE_LEVEL) return level;
    let number = this.levels.indexOf(level);
    if (number === -1) {
      if (this.levels.length < NO_LEVEL_CODE - FIRST_RARE_LEVEL) number = this.levels.push(level) - 1;
      else {
        const near = (other: number): number => Math.abs(other - level);
        number = this.levels.reduce((best, other, index) => (near(other) < near(this.levels[best] as number) ? index : best), 0);
      }
    }
    return FIRST_RARE_LEVEL + number;
  }

  /** Makes the numbers of another store's columns, in place, those of this one. */
  translator({ modules, levels }: StoreNames): (chunk: ChunkKinds, count: number) => void {
    const numbers = Uint16Array.from(modules, (name) => (name === '' ? 0 : this.moduleNumber(name)));
    const codes = levels.map((level) => this.levelCode(level));
    const same = numbers.every((number, index) => number === index) && codes.every((code, index) => code === FIRST_RARE_LEVEL + index);
    if (same) return () => undefined;
    return ({ module, level }, count) => {
      if (module !== undefined) for (let i = 0; i < count; i++) module[i] = numbers[module[i] as number] ?? 0;
      for (let i = 0; i < count; i++) {
        const code = level[i] as number;
        if (code >= FIRST_RARE_LEVEL && code !== NO_LEVEL_CODE) level[i] = codes[code - FIRST_RARE_LEVEL] ?? NO_LEVEL_CODE;
      }
    };
  }
}
