import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PublishedRotation, publishRotation } from '../writer/treeRotation.ts';
import { ConfigError, type Given, readConfig, SETTINGS } from './config.ts';
import { chooseDoomed, deleteGeneration } from './retention.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, 'safelog.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('options go before the environment, that before the file', () => {
  const path = file({ root: '/file', port: 1, maxBytes: '10M', gzip: true, keepFor: '30d', when: 'midnight', host: 'h' });
  const config = readConfig({ options: { port: '3' }, environment: { SAFELOG_PORT: '2', SAFELOG_ROOT: '/environment' }, file: path });
  expect(config).toMatchObject({ root: '/environment', port: 3, host: 'h', identity: 'check' });
  expect(config.rotation).toMatchObject({ maxBytes: 10 * 2 ** 20, useGzip: true, schedule: { when: 'midnight', interval: 1 } });
  expect(config.retention).toEqual({ maxAgeMs: 30 * 86_400_000, maxTotalBytes: 0 });
  expect(readConfig({ options: { socket: '-' }, environment: { HOME: folder }, file: null }).socket).toBe(null);
});

test.each([
  [{ prot: 1 }, /there is no setting "prot"/],
  [{ port: 70_000 }, /safelog\.json: port: 70000 is not a port/],
  [{ maxBytes: '10 MB' }, /is not a size/],
  [{ identity: 'maybe' }, /is not check, require, off/],
  [{ gzip: 'yes' }, /is not true or false/],
  [[], /not a JSON object/],
  [{ root: 'a\0b' }, /root: .* is not a text/],
  [{ user: '../x' }, /user: .* is not the name of a file/],
  [{ socket: 's'.repeat(108) }, /socket: .* is not a path of less than/],
  [{ interval: 0 }, /interval: 0 is not 1 or more/],
  [{ maxBytes: '999999999999T' }, /maxBytes: .* is not \d+ or less/],
])('what is wrong in the file is said: %j', (content, message) => {
  expect(() => readConfig({ options: {}, environment: {}, file: file(content) })).toThrow(ConfigError);
  expect(() => readConfig({ options: {}, environment: {}, file: file(content) })).toThrow(message);
});

test('any config file is settings, all of them as options would have them, or an error that names the file', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.integer({ min: -1, max: 70_000 }),
    fc.constantFrom('0', '10M', '9'.repeat(9), '30d', 'midnight', 'W6', 'check', 'off', '-', '/a', '999999999999T'),
  );
  const settings = fc.dictionary(fc.constantFrom(...Object.keys(SETTINGS), '__proto__'), value, { maxKeys: 4, noNullPrototype: true });
  const path = join(folder, 'any.json');
  let good = 0;
  const content = fc.oneof({ weight: 1, arbitrary: fc.string() }, { weight: 9, arbitrary: settings.map((each) => JSON.stringify(each)) });
  fc.assert(
    fc.property(content, (text) => {
      writeFileSync(path, text);
      let config: ReturnType<typeof readConfig>;
      try {
        config = readConfig({ options: {}, environment: { HOME: folder }, file: path });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        expect(error.message).toContain(path);
        return;
      }
      good++;
      expect(config).toEqual(readConfig({ options: JSON.parse(text) as Given, environment: { HOME: folder }, file: null }));
      // What programs read that write without the service.
      publishRotation(folder, config.rotation);
      const { lockFileDirectory, ...rotation } = config.rotation;
      expect(new PublishedRotation(folder).current()).toMatchObject({ ...rotation, schedule: rotation.schedule });
      void lockFileDirectory;
    }),
    { numRuns: 300 },
  );
  expect(good).toBeGreaterThan(50);
});

test('retention deletes the oldest generations, never the live log, nor a file that has taken the name', () => {
  const user = join(folder, 'alice');
  mkdirSync(user);
  const names = ['web.log.3.gz', 'web.log.2.gz', 'web.log.1', 'web.log', 'web.log.rotate.x'];
  names.forEach((name, i) => {
    writeFileSync(join(user, name), 'x'.repeat(100));
    utimesSync(join(user, name), 1000 + i, 1000 + i);
  });
  const now = 1_002_500;
  const chosen = (maxAgeMs: number, maxTotalBytes: number) =>
    chooseDoomed(folder, { maxAgeMs, maxTotalBytes }, now).map(({ basename }) => basename);
  expect(chosen(0, 0)).toEqual([]);
  expect(chosen(1000, 0)).toEqual(['web.log.3.gz', 'web.log.2.gz']);
  expect(chosen(0, 450)).toEqual(['web.log.3.gz']);
  expect(chosen(0, 1)).toEqual(['web.log.3.gz', 'web.log.2.gz', 'web.log.1']);
  const [oldest] = chooseDoomed(folder, { maxAgeMs: 0, maxTotalBytes: 450 }, now);
  expect(deleteGeneration(folder, { ...oldest!, ino: 1n })).toBe(false);
  expect(deleteGeneration(folder, oldest!)).toBe(true);
  expect(readdirSync(user).filter((name) => !name.startsWith('.'))).toEqual(['web.log', 'web.log.1', 'web.log.2.gz', 'web.log.rotate.x']);
});
