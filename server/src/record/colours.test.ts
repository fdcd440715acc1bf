import { describe, expect, test } from 'vitest';
import { HeadReader } from './layout.ts';
import { readRecords } from './testing/readRecords.ts';

const plain = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, '');
const E = '\x1b[';

describe('lines whose stamps and levels are coloured are read as those without colours', () => {
  test.each([
    [
      'tracing-subscriber',
      `${E}2m2026-11-20T22:56:00.406123Z${E}0m ${E}33m WARN${E}0m ${E}2mmy_app::db${E}0m${E}2m:${E}0m slow ${E}3mms${E}0m${E}2m=${E}0m512`,
      `WARNING`,
    ],
    ['coloredlogs', `${E}32m2026-11-20 22:56:00${E}0m ${E}1;30mINFO${E}0m it runs`, 'INFO'],
    ['winston', `2026-11-20T22:56:00.406Z ${E}31merror${E}39m: it failed`, 'ERROR'],
    ['zap', `2026-11-20T22:56:00.406+0100\t${E}33mWARN${E}0m\tmain.go:12\tslow`, 'WARNING'],
    ['env_logger', `[${E}90m2026-11-20T22:56:00Z${E}0m ${E}32mINFO ${E}0m my_app] it runs`, 'INFO'],
    [
      'Spring Boot',
      `2026-11-20T22:56:00.406+01:00 ${E}31mERROR${E}0;39m ${E}35m4711${E}0;39m ${E}2m---${E}0;39m ${E}2m[main]${E}0;39m ${E}36mo.s.Web${E}0;39m ${E}2m:${E}0;39m gone`,
      'ERROR',
    ],
    [
      'loguru',
      `${E}32m2026-11-20 22:56:00.406${E}0m | ${E}1mINFO    ${E}0m | ${E}36m__main__${E}0m:${E}36mrun${E}0m:${E}36m3${E}0m - ${E}1mtext${E}0m`,
      'INFO',
    ],
    ['only the message', `2026-11-20T22:56:00.406Z INFO ${E}31mred${E}0m`, 'INFO'],
  ])('%s', (_name, line, level) => {
    const text = `${line}\n${line}\n  further ${E}1mline${E}0m\n`;
    const { records, layout } = readRecords(text);
    const bare = readRecords(plain(text));
    expect(records.map(plain)).toEqual(bare.records);
    expect(records[0]).toMatch(new RegExp(`^2026-11-2\\dT\\d\\d:\\d\\d:00[.\\dZ]*\\|${level}\\|`));
    // As it is kept on disk.
    const reader = new HeadReader(false);
    reader.use(layout);
    const bytes = Buffer.from(`before\n${line}\n`);
    expect(reader.read(bytes, 7, bytes.length - 1)).toBe(true);
    expect(plain(reader.text(bytes, bytes.length - 1))).toBe(bare.records[0]?.split('|').slice(2).join('|'));
  });
});

test('a message keeps its colours, and coloured messages alone make no other layout', () => {
  const line = `2026-11-20T22:56:00.406Z INFO ${E}31mred${E}0m text\n`;
  expect(readRecords(line.repeat(3)).layout).toBe(readRecords(plain(line.repeat(3))).layout);
  expect(readRecords(line).records[0]).toContain(`INFO|${E}31mred${E}0m text`);
  const coloured = `${E}2m2026-11-20T22:56:00.406Z${E}0m ${E}32mINFO${E}0m ${E}31mred${E}0m text\n`;
  expect(readRecords(coloured).records[0]).toContain(`INFO|${E}31mred${E}0m text`);
});

test('what only looks like a colour is text', () => {
  for (const odd of ['\x1b[31', '\x1b[3Km', '\x1b]0;title\x07', '\x1b', '\x1b[']) {
    const line = `${E}2m2026-11-20T22:56:00.406Z${E}0m ${E}32mINFO${E}0m a${odd}b\n`;
    expect(readRecords(line.repeat(2)).records[0]).toContain(`INFO|a${odd}b`);
  }
});
