import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timeline } from './timeline.ts';

/** By what screenshots are named after: VS Code's name, and the class that a page has. */
export const themes = {
  dark: ['Dark Modern', 'vscode-dark'],
  light: ['Light Modern', 'vscode-light'],
  'high-contrast': ['Default High Contrast', 'vscode-high-contrast:not(.vscode-high-contrast-light)'],
  'high-contrast-light': ['Default High Contrast Light', 'vscode-high-contrast-light'],
} as const;

/** Has VS Code take another theme, as a person does in the folder's settings; waits until the timeline has it. */
export async function useTheme(timeline: Timeline, folder: string, name: keyof typeof themes): Promise<void> {
  const [theme, className] = themes[name];
  const file = join(folder, '.vscode/settings.json');
  const settings: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...settings, 'workbench.colorTheme': theme }, null, 2));
  await timeline.frame.locator(`body.${className}`).waitFor();
}
