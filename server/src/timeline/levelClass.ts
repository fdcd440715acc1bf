import { NO_LEVEL } from '../index/nameTable.ts';
import type { LevelClass } from '../protocol.ts';

/** What a level of the index is drawn as, and ticked by. */
export const levelClassOf = (level: number): LevelClass =>
  level === NO_LEVEL ? 'none' : level >= 50 ? 'critical' : level >= 40 ? 'error' : level >= 30 ? 'warning' : level >= 20 ? 'info' : 'debug';
