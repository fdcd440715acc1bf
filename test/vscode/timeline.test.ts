import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { pythonTraceback, safelogTree, stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline, Timeline } from './timeline.ts';

const fourEntries = [
  { seconds: 1, user: 'alice', module: 'web', level: 'INFO', text: 'one' },
  { seconds: 2, user: 'bob', module: 'batch', level: 'WARNING', text: 'two' },
  { seconds: 3, user: 'alice', module: 'db', level: 'DEBUG', text: 'three' },
  { seconds: 4, user: 'alice', module: 'web', level: 'ERROR', text: 'four' },
];

const hostileEntries = [
  '<img src=x onerror="document.body.remove()"><b>bold</b>',
  '[click](command:workbench.action.quit) javascript:alert(1)',
  '\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07end',
].map((text, index) => ({ seconds: 11 + index, user: 'alice', module: 'page', level: 'INFO', text }));

spec(
  'the timeline merges users, modules and generations, each entry once, the newest at the bottom; text of logs is only text',
  {
    logs: {
      ...safelogTree([...fourEntries, ...hostileEntries]),
      'alice/web.log.1': `${stamp(-10)} INFO yesterday\n`,
      'alice/web.log.2.gz': gzipSync(`${stamp(-20)} INFO the day before\n`),
      'bob/reports.log': '2026-11-20 10:00:02,500 INFO reports: from Python\n',
    },
  },
  async ({ workbench }) => {
    const timeline = await openTimeline(workbench);
    await expect.poll(() => workbench.activeTab()).toBe('Log Timeline');
    await expect
      .poll(() => timeline.shown())
      .toMatchObject([
        { level: 'INFO', user: 'alice', module: 'web', text: 'the day before' },
        { level: 'INFO', user: 'alice', module: 'web', text: 'yesterday' },
        { level: 'INFO', user: 'alice', module: 'web', text: 'one' },
        { level: 'WARNING', user: 'bob', module: 'batch', text: 'two' },
        { level: 'INFO', user: 'bob', module: 'reports', text: expect.stringContaining('from Python') },
        { level: 'DEBUG', user: 'alice', module: 'db', text: 'three' },
        { level: 'ERROR', user: 'alice', module: 'web', text: 'four' },
        { user: 'alice', module: 'page', text: '<img src=x onerror="document.body.remove()"><b>bold</b>' },
        { user: 'alice', module: 'page', text: '[click](command:workbench.action.quit) javascript:alert(1)' },
        { user: 'alice', module: 'page', text: expect.stringMatching(/^red .*end$/) },
      ]);
    // HTML, script and links of commands are shown as text; of ANSI's escapes only colours act.
    expect(await timeline.frame.locator('.viewport').locator('img, b, script, a[href]').count()).toBe(0);
    const red = timeline.row('end').locator('span', { hasText: /^red$/ });
    expect(await red.evaluate((element) => getComputedStyle(element).color)).not.toBe(
      await timeline.row('end').evaluate((element) => getComputedStyle(element).color),
    );
    expect((await timeline.texts()).at(-1)).not.toContain('\x1b');
  },
);

spec(
  'a multi-line entry is one row that unfolds, and a frame in it opens the file at the line, or says that it is not there',
  {
    files: { 'shop.py': Array.from({ length: 40 }, (_, index) => `# line ${index + 1}`).join('\n') },
    logs: safelogTree([
      { seconds: 1, user: 'alice', module: 'shop', level: 'INFO', text: 'before' },
      { seconds: 2, user: 'alice', module: 'shop', level: 'DEBUG', text: pythonTraceback('shop.py', 23) },
      { seconds: 3, user: 'alice', module: 'shop', level: 'INFO', text: 'after' },
      { seconds: 4, user: 'alice', module: 'far', level: 'DEBUG', text: pythonTraceback('/nowhere/shop.py', 3) },
    ]),
  },
  async ({ workbench, page, screenshot }) => {
    const timeline = await openTimeline(workbench);
    const folded = expect.stringMatching(/^Traceback(?!.*checkout\(cart\))/s);
    await expect.poll(() => timeline.texts()).toEqual(['before', folded, 'after', folded]);
    await timeline.row('Traceback').locator('.chevron').click();
    await expect.poll(async () => (await timeline.texts())[1]).toContain('checkout(cart)\n');
    await screenshot('unfolded');
    await timeline
      .row('Traceback')
      .getByRole('link', { name: /line 25/ })
      .click();
    await page.locator('.tab', { hasText: 'shop.py' }).waitFor();
    await expect.poll(() => workbench.cursor()).toContain('Ln 25');

    await workbench.tab('Log Timeline').click();
    const far = timeline.rows.filter({ hasText: 'far' });
    await far.locator('.chevron').click();
    await far.getByRole('link').first().click();
    await expect.poll(() => workbench.notifications()).toContainEqual(expect.stringContaining('/nowhere/shop.py'));
    await page.getByRole('button', { name: 'Pick the File…' }).waitFor();
  },
);

spec(
  'the timeline follows what is written, lets go when one scrolls up, and says how many entries wait',
  {
    logs: safelogTree(many(300)),
  },
  async ({ workbench, root, page }) => {
    const log = join(root, 'alice/web.log');
    const timeline = await openTimeline(workbench);
    await timeline.row('entry 299').waitFor();
    await appendFile(log, `${stamp(400)} INFO written now\n`);
    await timeline.row('written now').waitFor();
    await timeline.row('entry 290').hover();
    await page.mouse.wheel(0, -2000);
    await timeline.row('written now').waitFor({ state: 'detached' });
    await appendFile(log, `${stamp(401)} INFO unseen 1\n${stamp(402)} INFO unseen 2\n`);
    const back = timeline.frame.getByRole('button', { name: /2 new/ });
    await back.waitFor();
    expect(await timeline.row('unseen').count()).toBe(0);
    await back.click();
    await timeline.row('unseen 2').waitFor();
  },
);

const filterable = safelogTree([
  { seconds: 1, user: 'alice', module: 'web', level: 'DEBUG', text: 'GET /teapots' },
  { seconds: 2, user: 'bob', module: 'web', level: 'INFO', text: 'GET /cups' },
  { seconds: 3, user: 'alice', module: 'db', level: 'WARNING', text: 'slow query of teapots' },
  { seconds: 4, user: 'alice', module: 'web', level: 'ERROR', text: 'no teapot 42' },
  { seconds: 5, user: 'alice', module: 'web', level: 'DEBUG', text: pythonTraceback('shop.py', 3) },
]);

spec(
  'filters of level, user, module, text, regex and exceptions combine, are shown, and can be cleared',
  { logs: filterable },
  async (given) => {
    const timeline = await openTimeline(given.workbench);
    await expect.poll(() => timeline.texts()).toHaveLength(5);
    await timeline.frame.getByRole('button', { name: 'Level', exact: true }).click();
    const levels = timeline.frame.getByRole('listbox', { name: 'Level' }).getByRole('option');
    await expect
      .poll(async () => (await levels.allTextContents()).slice(0, 4).join())
      .toMatch(/Debug\s*2\D+Info\s*1\D+Warning\s*1\D+Error\s*1/);
    await levels.filter({ hasText: 'Info' }).first().press('Escape');
    await timeline.choose('Level', 'Info', 'Error');
    await expect.poll(() => timeline.texts()).toEqual(['GET /cups', 'no teapot 42']);
    await expect.poll(() => timeline.chips()).toEqual(['Info, Error']);
    await timeline.frame.getByRole('button', { name: 'Clear all' }).click();
    await timeline.choose('Users', 'alice');
    await expect.poll(() => timeline.texts()).toHaveLength(4);
    await timeline.choose('Modules', 'web');
    await expect.poll(() => timeline.texts()).toHaveLength(3);
    await timeline.frame.getByLabel('Filter text').fill('TEAPOT');
    await expect.poll(() => timeline.texts()).toEqual(['GET /teapots', 'no teapot 42', expect.stringContaining('Traceback')]);
    await timeline.choose('Level', 'Warning and above');
    await expect.poll(() => timeline.texts()).toEqual(['no teapot 42']);
    await expect.poll(() => timeline.chips()).toEqual(['Warning and above', 'user alice', 'module web', '“TEAPOT”']);
    await expect.poll(() => timeline.status()).toContain('1 of 5 entries');
    await given.screenshot('filtered');

    await timeline.frame.getByRole('button', { name: 'Remove filter Warning and above' }).click();
    await expect.poll(() => timeline.texts()).toHaveLength(3);
    await timeline.frame.getByRole('button', { name: 'Clear all' }).click();
    await expect.poll(() => timeline.texts()).toHaveLength(5);
    await expect.poll(() => timeline.chips()).toEqual([]);

    await timeline.frame
      .getByRole('search', { name: 'Filter' })
      .getByRole('button', { name: /Regular Expression/i })
      .click();
    await timeline.frame.getByLabel('Filter text').fill('^get /(cups|teapots)$');
    await expect.poll(() => timeline.texts()).toEqual(['GET /teapots', 'GET /cups']);
    await timeline.frame.getByLabel('Filter text').fill('(');
    await expect.poll(() => timeline.frame.locator('.input-error').textContent()).toContain('Unterminated group');
    expect(await timeline.texts()).toEqual(['GET /teapots', 'GET /cups']);
    await timeline.frame.getByRole('button', { name: 'Export What Is Shown…' }).click();
    await timeline.frame.getByText('The filter cannot be used').waitFor();
    await timeline.frame.getByLabel('Filter text').fill('');
    await timeline.frame.getByRole('button', { name: 'Exceptions' }).click();
    await expect.poll(() => timeline.texts()).toEqual([expect.stringContaining('Traceback')]);

    // "Open master.log" is a timeline of its own, of one user's entries from all modules.
    await given.workbench.command('Safelog: Open master.log');
    await given.workbench.pick('bob');
    await expect.poll(() => new Timeline(given.workbench).texts()).toEqual(['GET /cups']);
  },
);

spec(
  'the text box takes queries, and shows where one is wrong, in a narrow page too',
  { logs: filterable },
  async ({ workbench, page, screenshot }) => {
    const timeline = await openTimeline(workbench);
    await expect.poll(() => timeline.texts()).toHaveLength(5);
    const box = timeline.frame.getByLabel('Filter text');
    const toggle = timeline.frame.getByRole('button', { name: 'Use Query Language' });
    await toggle.click();
    await box.fill('user:alice (teapots or has:exception) after:10:00:03');
    await expect.poll(() => timeline.texts()).toEqual(['slow query of teapots', expect.stringContaining('Traceback')]);
    await expect.poll(() => timeline.chips()).toEqual(['user:alice (teapots or has:exception) after:10:00:03']);
    await expect.poll(() => timeline.status()).toContain('2 of 5 entries');
    // What may follow is chosen by keys and by mouse.
    const options = timeline.frame.getByRole('listbox', { name: 'Suggestions' }).getByRole('option');
    await box.fill('');
    await box.pressSequentially('modl');
    await box.press('Backspace');
    await expect.poll(() => options.allTextContents()).toEqual([expect.stringContaining('module:')]);
    await box.press('ArrowDown');
    await box.press('Tab');
    await expect.poll(() => options.allTextContents()).toEqual([expect.stringContaining('db'), expect.stringContaining('web')]);
    await options.nth(0).click();
    await expect.poll(() => box.inputValue()).toBe('module:db ');
    await expect.poll(() => timeline.texts()).toEqual(['slow query of teapots']);
    await box.press('Enter');
    await timeline.choose('Level', 'Warning and above');
    await expect.poll(() => timeline.texts()).toEqual(['slow query of teapots']);

    await box.fill('level>=warning modul:web -noise');
    await expect.poll(() => timeline.frame.locator('.input-error u').textContent()).toBe('modul');
    expect(await timeline.texts()).toEqual(['slow query of teapots']);
    await expect.poll(() => timeline.frame.getByRole('alert').textContent()).toContain('there is no field "modul"');
    await screenshot('query-error');
    await page.setViewportSize({ width: 620, height: 700 });
    await expect.poll(() => box.evaluate((input) => input.ownerDocument.documentElement.clientWidth)).toBeLessThan(330);
    await screenshot('query-error-narrow');
    const fits = (element: Element) => element.scrollWidth <= element.clientWidth;
    await expect.poll(() => timeline.frame.locator('safelog-filter-bar').evaluate(fits)).toBe(true);
    await expect.poll(() => timeline.frame.locator('.input-error').evaluate(fits)).toBe(true);

    await box.fill('-web');
    await expect.poll(() => timeline.frame.locator('.input-error').count()).toBe(0);
    await toggle.click();
    await expect.poll(() => timeline.chips()).toEqual(['Warning and above', '“-web”']);
  },
);

spec('in German', { logs: filterable, language: 'de' }, async ({ workbench, screenshot }) => {
  await workbench.command('Safelog: Zeitleiste öffnen');
  const timeline = new Timeline(workbench);
  await expect.poll(() => timeline.status()).toMatch(/^5 Einträge 2 Fehler 1 Ausnahme/);
  expect(await timeline.frame.locator('html').getAttribute('lang')).toBe('de');
  await timeline.choose('Stufe', 'Warnung und darüber');
  await expect.poll(() => timeline.chips()).toEqual(['Warnung und darüber']);
  await expect.poll(() => timeline.status()).toMatch(/^2 von 5 Einträgen/);
  await timeline.frame.getByRole('button', { name: 'Einzelheiten zeigen (Eingabe)' }).click();
  await timeline.frame.getByRole('region', { name: 'Felder und Nachbarn' }).waitFor();
  await screenshot('timeline-german');
});

spec(
  'find goes from match to match without hiding rows; go to time goes there',
  { logs: safelogTree(many(500)) },
  async ({ workbench }) => {
    const timeline = await openTimeline(workbench);
    await timeline.row('entry 499').waitFor();
    const find = await timeline.open('Find', 'Control+f');
    await find.fill('entry 77');
    await timeline.row('entry 77').waitFor();
    await expect.poll(() => timeline.row('entry 77').getAttribute('aria-selected')).toBe('true');
    await timeline.row('entry 78').waitFor();
    // The best matches first: by key to the next one, by mouse to any.
    await timeline.frame.getByRole('button', { name: /^Best Matches First/ }).click();
    const ranked = timeline.frame.getByLabel('Find', { exact: true }).and(timeline.frame.getByRole('combobox'));
    await ranked.fill('77');
    const best = timeline.frame.getByRole('listbox', { name: 'Best matches' }).getByRole('option');
    await expect.poll(() => best.count()).toBe(5);
    await best.filter({ hasText: /entry 177$/ }).click();
    await expect.poll(() => timeline.row('entry 177').getAttribute('aria-selected')).toBe('true');
    await ranked.press('Escape');
    await ranked.waitFor({ state: 'detached' });
    const goTo = await timeline.open('Go to time', 'Control+g');
    await goTo.fill('2026-11-20 10:03:20');
    await goTo.press('Enter');
    await timeline.row('entry 200').waitFor();
    await expect.poll(() => timeline.row('entry 200').getAttribute('aria-selected')).toBe('true');
  },
);

spec('a page that is reloaded shows what it had shown', { logs: safelogTree(many(500)) }, async ({ workbench, page }) => {
  const timeline = await openTimeline(workbench);
  await timeline.frame.getByLabel('Filter text').fill('entry 7');
  await timeline.frame.getByLabel('Filter text').press('Enter');
  await expect.poll(() => timeline.status()).toContain('11 of 500');
  await expect.poll(() => workbench.isKept('entry 7', 'pixelOffset')).toBe(true);
  await page.reload();
  await workbench.ready();
  const again = new Timeline(workbench);
  await expect.poll(() => again.status()).toContain('11 of 500');
  await expect.poll(() => again.chips()).toEqual(['“entry 7”']);
  // What was filtered by is offered, until it is forgotten.
  const box = again.frame.getByLabel('Filter text');
  await box.fill('');
  await box.press('ArrowDown');
  await again.frame.getByRole('option', { name: 'entry 7' }).waitFor();
  await box.press('Enter');
  await expect.poll(() => box.inputValue()).toBe('entry 7');
  await workbench.command('Safelog: Forget Picked Files and Past Filters');
  await box.fill('');
  const offered = async () => {
    await box.press('Escape');
    await box.press('ArrowDown');
    return again.frame.getByRole('option').count();
  };
  await expect.poll(offered).toBe(0);
});

spec('an empty tree says that nothing was logged yet, and shows the first entry', {}, async ({ workbench, root }) => {
  const timeline = await openTimeline(workbench);
  await timeline.frame.getByText(`Nothing logged yet at ${root}`).waitFor();
  await mkdir(join(root, 'alice'));
  await writeFile(join(root, 'alice/web.log'), `${stamp(1)} INFO the first\n`);
  await timeline.row('the first').waitFor();
});

/** Every tenth is a warning. */
function many(count: number) {
  return Array.from({ length: count }, (_, n) => {
    return { seconds: n, user: 'alice', module: 'web', level: n % 10 === 0 ? 'WARNING' : 'INFO', text: `entry ${n}` };
  });
}
