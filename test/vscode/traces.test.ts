import { expect } from 'vitest';
import { spec } from './spec.ts';

const library = (name: string, line: number): string =>
  `  File "/usr/lib/python3/dist-packages/web/${name}.py", line ${line}, in ${name}\n    next()\n`;

const python = (message: string): string => `Traceback (most recent call last):
  File "/build/src/shop.py", line 5, in main
    serve(sell)
${library('serve', 12)}${library('route', 34)}${library('call', 56)}  File "/build/src/shop.py", line 2, in sell
    raise KeyError(article)
KeyError: '${message}'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/build/src/shop.py", line 6, in <module>
    main()
ValueError: ${message}
`;
const node = `TypeError: no price
    at sell (/build/src/shop.js:2:9)
    at serve (/build/node_modules/web/index.js:1:2)
    at route (/build/node_modules/web/index.js:3:4)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at main (/build/src/shop.js:5:3)
`;
const files = {
  'src/shop.py': 'def sell(article):\n    raise KeyError(article)\n\ndef main():\n    serve(sell)\nmain()\n',
  'src/shop.js': 'function sell(article) {\n  throw new TypeError("no price");\n}\n\n  main();\n',
};
const logs = {
  'alice/web.log':
    `2026-11-20 10:00:00.000001+00:00 INFO open\n2026-11-20 10:00:01.000001+00:00 ERROR ${python('teapot')}` +
    `2026-11-20 10:00:02.000001+00:00 ERROR cannot sell: ${node}2026-11-20 10:00:03.000001+00:00 INFO closed\n`,
};

spec(
  'the timeline: where it was raised, in front; own code stands out; frames of libraries fold',
  { files, logs },
  async ({ workbench, page, screenshot }) => {
    await workbench.command('Safelog: Open Timeline');
    const list = workbench.webview();
    const rows = list.getByRole('row');
    const raised = list.locator('.raised');
    await expect.poll(() => raised.allInnerTexts()).toEqual(['shop.py:6 in <module>', 'shop.js:2 in sell']);
    await screenshot('traces-folded');
    await raised.last().click();
    await workbench.tab('shop.js').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 2, Col 9');

    // By keyboard: the row, its link, the file.
    await workbench.tab('Log Timeline').click();
    await rows
      .filter({ hasText: 'KeyError' })
      .or(rows.filter({ hasText: 'ValueError' }))
      .first()
      .locator('[part="time"]')
      .click();
    await page.keyboard.press('Tab');
    await expect.poll(() => raised.first().evaluate((link) => link === document.activeElement)).toBe(true);
    await raised.first().press('Enter');
    await workbench.tab('shop.py').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 6, Col 1');

    await workbench.tab('Log Timeline').click();
    await rows.filter({ hasText: 'cannot sell' }).locator('[part="time"]').click();
    await page.keyboard.press('ArrowRight');
    await rows.filter({ hasText: 'ValueError' }).locator('[part="time"]').click();
    await page.keyboard.press('ArrowRight');
    const runs = list.locator('.libraries');
    await expect.poll(() => runs.allInnerTexts()).toEqual(['3 frames of libraries', '3 frames of libraries']);
    const hidden = list.getByText('dist-packages/web/route.py');
    expect(await hidden.isVisible()).toBe(false);
    expect(await list.locator('.frame.own').count()).toBe(5);
    await screenshot('traces-dark');
    await runs.first().click();
    await hidden.waitFor();
    expect(await runs.first().getAttribute('aria-expanded')).toBe('true');
    // By keyboard: what was clicked has the focus.
    await runs.first().press('Enter');
    await expect.poll(() => hidden.isVisible()).toBe(false);
    await runs.first().press('Space');
    await hidden.waitFor();
    await runs.first().press('Escape');
    await expect.poll(() => list.getByRole('grid').evaluate((grid) => grid === document.activeElement)).toBe(true);
    await list.locator('.frame.own', { hasText: 'shop.py' }).first().click();
    await expect.poll(() => workbench.cursor()).toBe('Ln 5, Col 1');
  },
);

spec(
  'editors of logs: links, folding, outline, hover with the source, F12; and a trace from the clipboard',
  { files, logs },
  async ({ workbench, page, screenshot }) => {
    await workbench.command('Safelog: Tail in Editor');
    await expect.poll(() => workbench.picks()).toContain('web');
    await workbench.pick('web');
    await expect.poll(() => workbench.editorLines()).toContainEqual(expect.stringContaining('closed'));
    const link = page.locator('.editor-instance .detected-link', { hasText: '/build/src/shop.py' }).first();
    await link.waitFor();

    const hover = page.locator('.monaco-hover', { hasText: '▶' });
    await expect
      .poll(async () => {
        await page.mouse.move(5, 300);
        await link.hover();
        await hover.waitFor({ timeout: 10_000 });
        return (await hover.allInnerTexts()).join().replaceAll('\u00a0', ' ');
      })
      .toContain('▶     serve(sell)');
    await screenshot('traces-hover');
    await link.click();
    await page.keyboard.press('F12');
    await workbench.tab('shop.py').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 5, Col 1');

    await workbench.tab(/web/).click();
    await workbench.command('Go to Symbol in Editor...');
    await expect
      .poll(() => workbench.picks())
      .toEqual(
        expect.arrayContaining(
          ['ValueError: teapot', "KeyError: 'teapot'", 'TypeError: no price'].map((name) => expect.stringContaining(name)),
        ),
      );
    await screenshot('traces-outline');
    await page.keyboard.press('Escape');
    await workbench.command('Fold All');
    await expect.poll(async () => (await workbench.editorLines()).filter((line) => /File|^ +at /.test(line))).toEqual([]);
    expect(await workbench.editorLines()).toContainEqual(expect.stringContaining('Traceback (most recent call last)'));

    await page.evaluate((text) => navigator.clipboard.writeText(text), `mail says:\r\n${node.replaceAll('\n', '\r\n')}`);
    await workbench.command('Safelog: Open Stack Trace from Clipboard');
    await workbench.tab('TypeError').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 3, Col 14');
    await page.keyboard.press('F12');
    await workbench.tab('shop.js').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 2, Col 9');
    await page.evaluate(() => navigator.clipboard.writeText('nothing of that kind'));
    await workbench.command('Safelog: Open Stack Trace from Clipboard');
    await expect.poll(() => workbench.notifications()).toEqual([expect.stringContaining('There is no stack trace in the clipboard.')]);
  },
);
