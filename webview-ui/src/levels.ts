import type { Level, LevelClass } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';

/** The levels that one can choose as a threshold; names and numbers are Python's. */
export const LEVELS = [
  { level: 10, word: 'DEBUG', label: t('Debug') },
  { level: 20, word: 'INFO', label: t('Info') },
  { level: 30, word: 'WARNING', label: t('Warning') },
  { level: 40, word: 'ERROR', label: t('Error') },
  { level: 50, word: 'CRITICAL', label: t('Critical') },
] as const;

/** Levels as they are drawn, as one ticks them. */
export const LEVEL_CLASSES: readonly { name: LevelClass; label: string }[] = [
  ...LEVELS.map(({ word, label }) => ({ name: word.toLowerCase() as LevelClass, label })),
  { name: 'none', label: t('No level') },
];

/** The word in the level's column; empty for none, `Level 35` for a number without a name. */
export function levelWord(level: Level): string {
  if (level === null) return '';
  return LEVELS.find((known) => known.level === level)?.word ?? `Level ${level}`;
}

/** The class that colours a level: that of the named level at or below it. */
export function levelClass(level: Level): string {
  if (level === null) return 'none';
  return LEVELS.findLast((known) => known.level <= level)?.word.toLowerCase() ?? 'debug';
}
