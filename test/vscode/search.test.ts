import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline } from './timeline.ts';

const FILES = 30;
const LINES = 300;

/** Each of these lines keeps the regex `x*x*\d` busy for some ms, as it goes over it again from each of its characters. */
const slow = (file: number): string =>
  Array.from({ length: LINES }, (_, index) => `${stamp(file * LINES + index)} INFO ${'x'.repeat(180)}\n`).join('');
const hit = `${stamp(FILES * LINES)} INFO found x5\n`;
const logs: Record<string, string> = {};
for (let file = 0; file < FILES; file++) logs[`alice/m${file}.log`] = slow(file) + (file === FILES - 1 ? hit : '');

spec('a search shows its first hits and how far it is, is stopped, and goes on', { logs }, async ({ workbench, root, screenshot }) => {
  const timeline = await openTimeline(workbench);
  await expect.poll(() => timeline.status()).toContain('entries');
  await timeline.frame.getByRole('button', { name: 'Use Regular Expression' }).first().click();
  await timeline.frame.getByLabel('Filter text').fill('x*x*\\d');
  await expect.poll(() => timeline.texts()).toEqual(['found x5']);
  await expect.poll(() => timeline.status()).toMatch(/Searching, \d+ % of 9,001 entries/);
  await screenshot('searching');
  await timeline.frame.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => timeline.status()).toMatch(/Partial: search stopped at \d+ % of 9,001 entries/);
  await screenshot('stopped');
  await appendFile(join(root, `alice/m${FILES - 1}.log`), `${stamp(FILES * LINES + 1)} INFO another x6\n`);
  await expect.poll(() => timeline.texts()).toEqual(['found x5', 'another x6']);
  await timeline.frame.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => timeline.status()).toContain('Searching');
  expect(await timeline.texts()).toEqual(['found x5', 'another x6']);
});
