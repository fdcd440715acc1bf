import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orderOf, strftime, strftimePattern } from './strftime.ts';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const DIRECTIVES = [...'aAbBcCdDeFgGhHIjklmMnprRsStTuUVwWxXyYz%'];

test('every directive, in the local zone and in UTC, as Python writes it', () => {
  const times = fc.sample(fc.integer({ min: 0, max: 4e9 }), { numRuns: 1500, seed: 3 });
  const script = `
import json, sys, time
format, times = json.load(sys.stdin)
print(json.dumps([[time.strftime(format, time.localtime(t)), time.strftime(format, time.gmtime(t))] for t in times]))`;
  const format = DIRECTIVES.filter((letter) => letter !== 's')
    .map((letter) => `${letter}%${letter}`)
    .join(' ');
  const expected: unknown = JSON.parse(
    execFileSync('python3', ['-c', script], { input: JSON.stringify([format, times]), maxBuffer: 1 << 26 }).toString(),
  );
  const ours = times.map((time) => [strftime(format, time * 1e6), strftime(format, time * 1e6, true)]);
  expect(ours).toEqual(expected);
});

test('what is written matches its pattern, and the next letter does not', () => {
  for (const letter of DIRECTIVES) {
    const pattern = strftimePattern(`a.b%${letter}(c`);
    for (const time of [0, 1_763_700_000, 4_000_000_000]) {
      const text = strftime(`a.b%${letter}(c`, time * 1e6, true);
      expect(text).toMatch(pattern);
      expect(`${text}d`).not.toMatch(pattern);
      expect(text.replace('.', 'x')).not.toMatch(pattern);
    }
  }
});

test('an unknown directive stays', () => {
  expect(strftime('%Q %', 0, true)).toBe('%Q %');
});

test('the zone has a name', () => {
  expect(strftime('%Z', 0, true)).toBe('UTC');
  expect(strftime('%Z', 0)).toMatch(/^(CET|GMT\+1)$/);
});

test.each(['%d.%m.%Y', '%b-%d-%y', '%Y%j', '%B %e %Y %I%p', '%s', '%Y-%m-%d_%H-%M-%S'])('%s is sorted by time', (format) => {
  const pattern = strftimePattern(format);
  const order = (time: number) => orderOf(pattern.exec(strftime(format, time * 1e6, true))?.groups ?? {}) ?? Number.NaN;
  const times = fc.sample(fc.integer({ min: 1e9, max: 4e9 }), 200).sort((a, b) => a - b);
  const orders = times.map(order);
  expect(orders.every((value, i) => i === 0 || value >= (orders[i - 1] ?? 0))).toBe(true);
});

test.each(['%H', '%Y-%m', 'old'])('%s does not tell the day', (format) => {
  expect(orderOf(strftimePattern(format).exec(strftime(format, 0))?.groups ?? {})).toBe(undefined);
});
