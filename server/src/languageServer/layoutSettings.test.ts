import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LayoutSettings } from './layoutSettings.ts';
import { parseSettings } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-layouts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LINE = '20.11.2026 um 22:56 | WARNING | slow';

test('takes rules from the settings and formats from configuration files, and tells of changes only', async () => {
  const changed = vi.fn();
  const refused = vi.fn();
  const settings = new LayoutSettings(changed, refused);
  const config = join(folder, 'logging.yaml');
  writeFileSync(config, 'formatters:\n  one: { format: "%(asctime)s | %(message)s" }\n');
  const given = parseSettings({
    layouts: { '*.log': 'json', 'x.log': 'csv', odd: 7 },
    loggingConfigs: [config, join(folder, 'gone'), 'relative'],
  });
  await settings.configure(given);
  await settings.configure(given);
  expect(changed.mock.calls).toEqual([[{ rules: [{ glob: '*.log', format: 'json' }], candidates: ['%(asctime)s | %(message)s'] }]]);
  expect(refused.mock.calls).toEqual([
    [[expect.stringMatching(/^safelog\.layouts, x\.log: "csv" is no layout: it is one of safelog, json/)]],
  ]);
  writeFileSync(config, 'formatters: {}\n');
  await settings.configure(given);
  expect(changed).toHaveBeenLastCalledWith({ rules: [{ glob: '*.log', format: 'json' }], candidates: [] });
});

test('previews how a log reads, compressed or not', async () => {
  const settings = new LayoutSettings(vi.fn(), vi.fn());
  const text = `${LINE} one\n  more\n${LINE} two\n`;
  writeFileSync(join(folder, 'a.log'), text);
  writeFileSync(join(folder, 'a.log.1.gz'), gzipSync(text));
  const format = '%(asctime)s | %(levelname)s | %(message)s;datefmt=%d.%m.%Y um %H:%M';
  for (const name of ['a.log', 'a.log.1.gz']) {
    const { log, previews } = await settings.preview({ path: join(folder, name), layouts: [format, 'json', 'csv'] });
    expect(log).toBe(join(folder, 'a.log'));
    const [right, wrong, bad] = previews;
    expect(right).toMatchObject({ lines: 3, entries: 2, first: { level: 30, text: 'slow one' } });
    expect(right?.first?.time).toBe(new Date(2026, 10, 20, 22, 56).getTime() * 1000);
    expect(wrong).toMatchObject({ lines: 3, entries: 0 });
    expect(bad?.error).toContain('is no layout');
  }
  const all = await settings.preview({ path: join(folder, 'a.log') });
  expect(all.previews.map(({ layout }) => layout)).toEqual([null, 'safelog', 'json', 'logfmt', 'syslog', 'access']);
});

test('a log reads with the formats that the service of its tree has published', async () => {
  const format = '<%(levelname)s> at %(asctime)s: %(message)s';
  for (const name of ['.safelog', 'alice']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, '.safelog/formats.json'), JSON.stringify({ formats: [format] }));
  const path = join(folder, 'alice/a.log');
  writeFileSync(path, '<ERROR> at 2026-11-20 22:56:00,000: bad\n2026-11-20 22:56:01+00:00 INFO own\n');
  const { previews } = await new LayoutSettings(vi.fn(), vi.fn()).preview({ path, layouts: [null] });
  expect(previews).toMatchObject([{ found: `safelog, ${format}`, lines: 2, entries: 2, first: { level: 40, text: 'bad' } }]);
});

test('a log that is not there cannot be previewed', async () => {
  await expect(new LayoutSettings(vi.fn(), vi.fn()).preview({ path: join(folder, 'none.log') })).rejects.toThrow('ENOENT');
});
