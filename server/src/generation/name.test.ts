import { describe, expect, test } from 'vitest';
import { compareAge, parseName } from './name.ts';

describe('what a name says', () => {
  test.each([
    ['demo.log', 'demo.log', 'demo', false, true],
    ['demo.log.1', 'demo.log', 'demo', false, false],
    ['demo.log.12.gz', 'demo.log', 'demo', true, false],
    ['demo.log.gz', 'demo.log', 'demo', true, false],
    ['demo.log-20261120', 'demo.log', 'demo', false, false],
    ['demo.log-20261120.gz', 'demo.log', 'demo', true, false],
    ['demo.log-2026112014.gz', 'demo.log', 'demo', true, false],
    ['demo.log-2026112014', 'demo.log', 'demo', false, false],
    ['demo.log-20261120-1795172160', 'demo.log', 'demo', false, false],
    ['demo.log-20261120-1795172160.gz', 'demo.log', 'demo', true, false],
    ['demo.log-1795172160.gz', 'demo.log', 'demo', true, false],
    ['demo-2026112014.log', 'demo.log', 'demo', false, false],
    ['demo-20261120-1795172160.log.gz', 'demo.log', 'demo', true, false],
    ['demo.log.2026-11-20', 'demo.log', 'demo', false, false],
    ['demo.log.2026-11-20_10', 'demo.log', 'demo', false, false],
    ['demo.log.2026-11-20_10-56-00.gz', 'demo.log', 'demo', true, false],
    ['demo.log.2026-11-20_10.1.gz', 'demo.log', 'demo', true, false],
    ['demo.20261120.log', 'demo.log', 'demo', false, false],
    ['demo.log.rotate.0000x7Kq', 'demo.log', 'demo', false, false],
    ['myapp.sub.deep.log', 'myapp.sub.deep.log', 'myapp.sub.deep', false, true],
    ['<string>.log', '<string>.log', '<string>', false, true],
    ['syslog', 'syslog', 'syslog', false, true],
    ['syslog.1', 'syslog', 'syslog', false, false],
    ['report.txt', 'report.txt', 'report.txt', false, true],
    ['demo.log.99-99-99', 'demo.log.99-99-99', 'demo.log.99-99-99', false, true],
  ])('%s', (name, log, module, compressed, live) => {
    expect(parseName(name)).toMatchObject({ log, module, compressed, live });
  });
  test.each(['.__demo.lock', '.hidden', 'demo.log~', 'demo.lock', 'demo.log.swp', 'x.tmp', '', '.gz'])('no log: %s', (name) => {
    expect(parseName(name)).toBeUndefined();
  });
});

test.each([
  [
    'mixed',
    [
      'demo.log.2026-11-19.gz',
      'demo.log-20261120.gz',
      'demo.log.2026-11-20_10',
      'demo.log.2026-11-20_10.1.gz',
      'demo.log.2026-11-20_10.2',
      'demo.log.10.gz',
      'demo.log.2.gz',
      'demo.log.1',
      'demo.log.rotate.x',
      'demo.log',
    ],
  ],
  ['with hours', ['demo.log-2026111923.gz', 'demo.log-2026112000.gz', 'demo.log-2026112009.gz', 'demo.log-2026112010', 'demo.log']],
  [
    'with date and seconds',
    [
      'demo.log-20261119-1795131999.gz',
      'demo.log-20261120-1795132000.gz',
      'demo.log-20261120-1795172160.gz',
      'demo.log-20261120-1795172161',
      'demo.log',
    ],
  ],
  ['with seconds', ['demo.log-1795172160.gz', 'demo.log-1795172161', 'demo.log']],
])('sorts a chain from the oldest to the live file: %s', (_, sorted) => {
  const ages = sorted.map((name) => parseName(name)?.age ?? []);
  for (let i = 1; i < ages.length; i++) expect(compareAge(ages[i - 1] ?? [], ages[i] ?? [])).toBeLessThan(0);
});
