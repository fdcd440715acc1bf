import { expect } from 'vitest';
import { spec } from './spec.ts';

spec('the packaged extension is there: its commands and its container', {}, async ({ workbench, page }) => {
  await workbench.command('Safelog: Open Timeline');
  await expect.poll(() => workbench.activeTab()).toContain('Log Timeline');
  await workbench.openContainer('Safelog');
  await page.locator('.sidebar').getByText('Safelog', { exact: false }).first().waitFor();
});
