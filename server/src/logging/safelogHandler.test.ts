import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram, PACKAGE } from './testing/buildProgram.ts';

test('records become entries of the tree, in the log of their logger and in master.log', () => {
  const folder = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.safelog-handler-'));
  try {
    const source = `import { Formatter, getLogger, SafelogHandler } from ${PACKAGE};
      const handler = new SafelogHandler();
      handler.setFormatter(new Formatter('<%(message)s>'));
      getLogger().addHandler(handler);
      getLogger('shop.orders').warning('%d items', 3, { extra: { user: 'ann' } });
      getLogger('shop.orders').error('failed', { excInfo: new Error('why') });
      const plain = getLogger('plain');
      plain.propagate = false;
      plain.addHandler(new SafelogHandler({ source: false, module: 'other' }));
      plain.error('[- - - -] forged');`;
    const outfile = buildProgram(folder, source);
    execFileSync(process.execPath, [outfile], {
      env: { ...process.env, SAFELOG_ROOT: folder, SAFELOG_SOCKET: '-', SAFELOG_PORT: '-' },
      stdio: 'pipe',
    });
    const read = (name: string): string[] => readFileSync(join(folder, userInfo().username, name), 'utf8').split('\n');
    const [first = '', second = '', third = ''] = read('shop.orders.log');
    expect(first).toMatch(/^\S+ \S+ WARNING \[shop\.orders \d+ MainThread \S+program\.mjs:\d+ \{"user":"ann"\}\] <3 items>$/);
    expect(second).toMatch(/ ERROR \[shop\.orders .*\] <failed>$/);
    expect(third).toBe('\tError: why');
    expect(read('other.log')[0]).toMatch(/ ERROR \[- - - -\] \[- - - -\] forged$/);
    expect(read('master.log').filter((line) => line.includes('shop.orders.log'))).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
