import { expect } from 'vitest';
import { pythonTraceback, safelogTree } from './logs.ts';
import { spec } from './spec.ts';
import { themes, useTheme } from './theme.ts';
import { openTimeline } from './timeline.ts';

const logs = safelogTree([
  { seconds: 1, user: 'alice', module: 'shop', level: 'DEBUG', text: 'cart of 3 articles' },
  { seconds: 1.2, user: 'bob', module: 'weather', level: 'INFO', text: '東京: 27 °C, rain 🌧️ — föhn' },
  {
    seconds: 1.4,
    user: 'alice',
    module: 'shop',
    level: 'INFO',
    text: '\x1b[32m✔ paid\x1b[0m \x1b[1;31m39.50 CHF\x1b[0m \x1b[30;43m express \x1b[0m',
  },
  { seconds: 2, user: 'alice', module: 'shop.worker1', level: 'WARNING', text: 'GET /teapots was slow: 1280 ms' },
  { seconds: 3, user: 'bob', module: 'orders', level: 'ERROR', text: 'order 7: No space left on device' },
  { seconds: 4, user: 'alice', module: 'shop', level: 'DEBUG', text: pythonTraceback('shop.py', 3) },
  { seconds: 5, user: 'alice', module: 'shop', level: 'INFO', text: 'the last hours\n  hour  °C\n  -1h   7\n  -2h   8' },
  { seconds: 6, user: 'bob', module: 'orders', level: 'INFO', text: `a long line ${'of many words '.repeat(30)}`.trim() },
]);

spec('the timeline in every theme', { logs }, async ({ workbench, folder, screenshot }) => {
  await workbench.openContainer('Safelog');
  await workbench.treeRows('Logs').filter({ hasText: 'orders' }).first().waitFor();
  const timeline = await openTimeline(workbench);
  await expect.poll(() => timeline.rows.count()).toBe(8);
  await timeline.row('Traceback').locator('.chevron').click();
  await expect.poll(async () => (await timeline.texts())[5]).toContain('checkout(cart)\n');
  await timeline.row('was slow').locator('[part=module]').click();
  await (await timeline.open('Find', 'Control+f')).fill('order');
  await timeline.row('No space').locator('mark').first().waitFor();
  for (const name of Object.keys(themes) as (keyof typeof themes)[]) {
    await useTheme(timeline, folder, name);
    await timeline.row('No space').locator('mark').first().waitFor();
    await screenshot(`timeline-${name}`);
  }
});
