import { basename, sep } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** VS Code's own surface, as a person uses it. Everything waits on what is seen; nothing sleeps. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: Locator;

  constructor(page: Page) {
    this.page = page;
    this.quickInput = page.locator('.quick-input-widget');
  }

  /** Waits until VS Code has restored its layout: before that, it may still change what was opened. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .activitybar').waitFor();
    await this.page.waitForFunction(() => performance.getEntriesByName('code/didStartWorkbench').length > 0);
  }

  /**
   * Runs a command by its title in the palette, such as `Safelog: Open Timeline`. The palette's list is fixed when it opens: where the
   * extension has not yet contributed the command, it is opened again.
   */
  async command(title: string): Promise<void> {
    const row = this.quickInput.getByRole('option', { name: new RegExp(`^${literal(title)}(,|$)`) }).first();
    // Each time more patiently: on a busy machine the palette itself may take seconds.
    for (let timeout = 2_000; ; timeout *= 2) {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      try {
        await this.box.fill(`>${title}`, { timeout });
        await row.click({ timeout });
        return;
      } catch (error) {
        if (timeout > 30_000) throw new Error(`The palette has no command "${title}".`, { cause: error });
      }
    }
  }

  /** Labels of the quick pick that is open, in its order. */
  async picks(): Promise<string[]> {
    await this.quickInput.locator('.monaco-list-row').first().waitFor();
    return await this.quickInput.locator('.monaco-list-row .label-name').allInnerTexts();
  }

  /** Chooses an item of the quick pick that is open, by its whole label. */
  async pick(label: string): Promise<void> {
    await this.quickInput.locator('.monaco-list-row', { has: this.page.locator('.label-name', { hasText: exactly(label) }) }).click();
  }

  /** Chooses in the context menu that is about to open. VS Code takes no click on a menu that has only just opened. */
  async chooseInMenu(label: string): Promise<void> {
    const item = this.page.getByRole('menuitem', { name: label });
    await item.waitFor();
    await expect
      .poll(async () => {
        if (await item.isVisible()) await item.click({ timeout: 5_000 }).catch(() => undefined);
        return item.isVisible();
      })
      .toBe(false);
  }

  /** The text box of the quick pick or input box that is open. */
  get box(): Locator {
    return this.quickInput.locator('input[type="text"]');
  }

  /** Types into the text box and, once `label` is what Enter would take, presses Enter. */
  async typeAndEnter(text: string, label: string): Promise<void> {
    await this.box.fill(text);
    await expect.poll(() => this.quickInput.locator('.monaco-list-row.focused .label-name').allInnerTexts()).toEqual([label]);
    await this.box.press('Enter');
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.command('Go to File...');
    await this.box.fill(name);
    await this.pick(name);
    await this.tab(name).waitFor();
  }

  /**
   * Gives the file dialog that is open a path. The dialog begins in `folder`; once it has listed that, it puts it into the box, over what was
   * typed until then, and Enter would mean the folder.
   */
  async pickFile(folder: string, path: string): Promise<void> {
    await expect.poll(() => this.box.inputValue()).toBe(folder + sep);
    await this.box.fill(path);
    await expect.poll(() => this.picks()).toContain(basename(path));
    expect(await this.box.inputValue()).toBe(path);
    await this.box.press('Enter');
  }

  /** The inside of a webview: the newest where there are several. */
  webview(): FrameLocator {
    return this.page.locator('iframe.webview.ready').last().contentFrame().locator('iframe#active-frame').contentFrame();
  }

  /** Title of the active tab. */
  async activeTab(): Promise<string> {
    return (await this.page.locator('.tabs-container .tab.active .label-name').first().textContent()) ?? '';
  }

  tab(name: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: name });
  }

  /** What the status bar says of the cursor, such as `Ln 12, Col 5`. */
  async cursor(): Promise<string> {
    return (await this.page.locator('[id="status.editor.selection"]').textContent()) ?? '';
  }

  /** The drawn lines of the text editor that shows `name`, top to bottom. */
  async editorLines(name?: string): Promise<string[]> {
    const editor = this.page.locator(
      name === undefined ? '.editor-instance .monaco-editor' : `.editor-instance[aria-label*="${name}"] .monaco-editor`,
    );
    const lines = await editor
      .first()
      .locator('.view-line')
      .evaluateAll((found) =>
        found
          .map((line) => ({ top: Number.parseFloat((line as HTMLElement).style.top), text: line.textContent ?? '' }))
          .sort((a, b) => a.top - b.top)
          .map(({ text }) => text.replaceAll('\u00a0', ' ')),
      );
    return lines;
  }

  /** Texts of the notifications that are shown. */
  notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Whether VS Code has written one value that holds all these texts to the browser's storage: it does so every 5 s, and what it has not written a reload loses. */
  isKept(...texts: string[]): Promise<boolean> {
    return this.page.evaluate(async (wanted) => {
      const answer = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await answer(indexedDB.open(name));
        const stores = [...database.objectStoreNames];
        const values = await Promise.all(stores.map((store) => answer(database.transaction(store).objectStore(store).getAll())));
        database.close();
        if (values.flat().some((value) => typeof value === 'string' && wanted.every((one) => value.includes(one)))) return true;
      }
      return false;
    }, texts);
  }

  /** Opens the view container of that name in the activity bar. */
  async openContainer(name: string): Promise<void> {
    const action = this.page.locator('.activitybar').getByRole('tab', { name, exact: false }).first();
    if ((await action.getAttribute('aria-selected')) !== 'true') await action.click();
    await expect.poll(() => action.getAttribute('aria-selected')).toBe('true');
  }

  /** Shows the children of a tree's row. A click is lost where the tree draws that row anew meanwhile. */
  async expand(row: Locator): Promise<void> {
    await expect
      .poll(async () => {
        if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
        return row.getAttribute('aria-expanded');
      })
      .toBe('true');
  }

  /** Rows of the tree view that is titled `view`. */
  treeRows(view: string): Locator {
    return this.page.getByRole('tree', { name: view }).getByRole('treeitem');
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${literal(text)}\\s*$`);
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
