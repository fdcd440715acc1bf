import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

export interface ShownRow {
  level: string;
  user: string;
  module: string;
  /** The message as it is drawn: folded or unfolded. */
  text: string;
}

/** The page of the timeline that was opened last. */
export class Timeline {
  readonly frame: FrameLocator;
  readonly rows: Locator;

  constructor(workbench: Workbench) {
    this.frame = workbench.webview();
    this.rows = this.frame.locator('.viewport .row:not(.placeholder):not(.ruler)');
  }

  /** The drawn rows, the oldest first. */
  shown(): Promise<ShownRow[]> {
    return this.rows.evaluateAll((rows) =>
      rows
        .map((row) => ({ row, index: Number(row.getAttribute('aria-rowindex')) }))
        .sort((a, b) => a.index - b.index)
        .map(({ row }) => {
          const part = (name: string) => row.querySelector(`[part=${name}]`)?.textContent ?? '';
          return {
            level: part('level'),
            user: part('user'),
            module: part('module'),
            text: row.querySelector('.message')?.textContent ?? '',
          };
        }),
    );
  }

  /** Messages of the drawn rows, the oldest first. */
  async texts(): Promise<string[]> {
    return (await this.shown()).map(({ text }) => text);
  }

  /** Opens the box of that name by its key, pressed among the rows. */
  async open(name: string, key: string): Promise<Locator> {
    await this.frame.getByRole('grid').press(key);
    return this.frame.getByRole('textbox', { name });
  }

  /** Chooses in one of the filter's lists, such as `Level`, `Users`, `Modules`. */
  async choose(list: string, ...options: string[]): Promise<void> {
    await this.frame.getByRole('button', { name: list, exact: true }).click();
    for (const name of options) await this.frame.getByRole('listbox', { name: list }).getByRole('option', { name, exact: true }).click();
    if (await this.frame.getByRole('listbox', { name: list }).isVisible()) await this.frame.locator('body').press('Escape');
  }

  /** What is filtered, as it is shown. */
  chips(): Promise<string[]> {
    return this.frame.locator('.chip .name').allTextContents();
  }

  /** What the line at the foot says. */
  async status(): Promise<string> {
    return (await this.frame.locator('footer.status').textContent())?.replaceAll(/\s+/g, ' ').trim() ?? '';
  }

  /** The row whose message holds `text`. */
  row(text: string): Locator {
    return this.rows.filter({ hasText: text }).first();
  }
}

/** Runs `Safelog: Open Timeline` and waits for the page. */
export async function openTimeline(workbench: Workbench): Promise<Timeline> {
  await workbench.command('Safelog: Open Timeline');
  const timeline = new Timeline(workbench);
  await timeline.frame.locator('body').waitFor();
  return timeline;
}
