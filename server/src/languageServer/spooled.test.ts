import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deliverSpool } from '../client/deliverSpool.ts';
import { Spool } from '../client/spool.ts';
import { TreeFiles } from '../client/treeFiles.ts';
import { spoolFolder } from '../generation/spoolPath.ts';
import { type Service, startService } from '../service/service.ts';
import { readRows } from '../timeline/page.ts';
import { Timeline } from '../timeline/timeline.ts';
import { scan } from '../tree/scan.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { userName } from '../writer/root.ts';

/** What waits in the spool is shown with the tree, and once when the service has taken it in. */
let folder: string;
const patience = { timeout: 60_000, interval: 20 };
const user = userName({});
const TIME = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;
const entry = (text: string, second: number) => ({ module: 'app', level: 'INFO', text, time: TIME + second * 1e6 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-spooled-'));
  vi.stubEnv('XDG_STATE_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** In `root`: an entry; in its spool: two. */
function makeTree(root: string): void {
  mkdirSync(root, { recursive: true });
  const files = new TreeFiles({ root, user });
  files.append([entry('written', 0)]);
  files.close();
  const spool = new Spool({ folder: spoolFolder(root), client: 'ab'.repeat(16), user, program: 'test' });
  spool.append([entry('spooled 1', 1), entry('spooled 2', 2)]);
  spool.close();
}

test.skipIf(!loadFlock()).each(['tree', 'safelog'])(
  '%s',
  async (name) => {
    // `safelog` is the default root, which has the spools in it.
    const root = join(folder, name);
    makeTree(root);
    const source = { kind: 'tree', root } as const;
    const { files } = await scan(source);
    expect(files.map(({ user: of, module, spooled }) => `${of} ${module} ${spooled}`).sort()).toEqual([
      `${user} app false`,
      `${user} app true`,
      `${user} master false`,
      `${user} master true`,
    ]);
    const timeline = new Timeline(source);
    let service: Service | undefined;
    try {
      timeline.follow();
      await timeline.load();
      const seen: string[] = [];
      const view = timeline.openView({}, () => seen.push(String(view.rows.length)));
      const texts = async () => (await readRows(timeline, view.rows.all())).map(({ text }) => text);
      expect(await texts()).toEqual(['written', 'spooled 1', 'spooled 2']);

      service = await startService({ root, port: null, socket: join(folder, 's') });
      expect(await deliverSpool({ address: { path: join(folder, 's') }, root })).toBe(2);
      await vi.waitFor(async () => expect((await scan(source)).files.every(({ spooled }) => !spooled)).toBe(true), patience);
      await timeline.sync();
      expect(await texts()).toEqual(['written', 'spooled 1', 'spooled 2']);
      expect(seen.map(Number).filter((rows) => rows > 3)).toEqual([]);
    } finally {
      await service?.stop();
      await timeline.close();
    }
  },
  120_000,
);
