import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { buildPrograms, type TestPrograms } from '../client/testPrograms.ts';
import type { ServerAbout, ServiceState } from '../protocol.ts';
import { askStatus } from '../service/askStatus.ts';
import type { ServiceStatus } from '../service/status.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { userName } from '../writer/root.ts';

/** Two windows of VS Code: real language servers, with one tree. */

const user = userName({});
const patience = { timeout: 60_000, interval: 20 };
const running = new Set<ChildProcess>();
let programs: TestPrograms;
let root: string;
let socket: string;

beforeAll(async () => {
  programs = await buildPrograms(user);
  root = join(programs.folder, 'tree');
  socket = join(programs.folder, 's');
  await build({
    entryPoints: { languageServer: join(import.meta.dirname, 'main.ts') },
    outdir: join(programs.folder, 'server'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  programs.close();
});

async function startWindow(settings: Record<string, unknown>) {
  const child = spawn(process.execPath, [join(programs.folder, 'server/languageServer.mjs'), '--node-ipc'], {
    env: { PATH: process.env.PATH, HOME: programs.folder },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  // What is still being said to one that was killed.
  connection.onError(() => {});
  let about: ServerAbout | null = null;
  connection.onNotification('safelog/about/changed', (news: ServerAbout) => {
    about = news;
  });
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: { root, service: { enabled: true, settings } },
  });
  const serving = (expected: Partial<ServiceState>): Promise<void> =>
    vi.waitFor(() => expect(about?.service).toMatchObject(expected), patience);
  return { process: child, connection, serving, service: () => about?.service };
}

const logged = (basename: string): number[] => {
  try {
    return [...readFileSync(join(root, user, basename), 'utf8').matchAll(/ entry (\d+)$/gm)].map(([, number]) => Number(number));
  } catch {
    return [];
  }
};

test.skipIf(!loadFlock())(
  'the second window takes over when the first is killed, and no entry is lost or doubled',
  async () => {
    const settings = { port: 0, socket };
    const first = await startWindow(settings);
    await first.serving({ servedBy: null, problem: null, listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    const second = await startWindow(settings);
    await second.serving({ servedBy: first.process.pid ?? 0, problem: null, listening: first.service()?.listening ?? '' });

    // One whose own service is off knows of it all the same.
    const turn = (enabled: boolean) => second.connection.sendNotification('safelog/settings', { root, service: { enabled, settings } });
    await turn(false);
    const found = { servedBy: first.process.pid ?? 0, listening: first.service()?.listening ?? '', socket };
    expect(await second.connection.sendRequest('safelog/service')).toMatchObject(found);
    await turn(true);
    await second.serving(found);

    programs.write(
      'logs.mjs',
      `import { getLog } from 'safelog';
     const log = getLog('app');
     let count = 0;
     let isOver = false;
     process.stdin.on('data', () => { isOver = true; });
     while (!isOver) {
       log.info(\`entry \${count++}\`);
       await new Promise((resolve) => setTimeout(resolve, 1));
     }
     await log.flush();
     console.log(count);
     process.exit();`,
    );
    const program = programs.start(['logs.mjs'], { SAFELOG_SOCKET: socket });
    const reach = (count: number): Promise<void> => vi.waitFor(() => expect(logged('app.log').length).toBeGreaterThan(count), patience);
    await reach(100);
    first.process.kill('SIGKILL');
    await second.serving({ servedBy: null, problem: null, listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    await reach(logged('app.log').length + 100);
    // The program has gone on there.
    const written = async () => (JSON.parse(await askStatus(socket)) as ServiceStatus).counts.written;
    await vi.waitFor(async () => expect(await written()).toBeGreaterThan(100), patience);
    program.process.stdin?.end('enough\n');
    const { stdout, stderr, code } = await program.ended;
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const all = Array.from({ length: Number(stdout) }, (_, number) => number);
    expect(logged('app.log')).toEqual(all);
    expect(logged('master.log')).toEqual(all);

    await second.connection.sendRequest('shutdown');
  },
  180_000,
);

test.skipIf(!loadFlock())(
  'settings that are wrong are named as the person knows them, and mended ones count',
  async () => {
    const window = await startWindow({ port: 0, socket: '-', maxBytes: 'many' });
    await window.serving({ listening: null, problem: 'safelog.service.maxBytes: "many" is not a size (1000, 10M, 1G)' });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const change = (settings: object): Promise<void> =>
      window.connection.sendNotification('safelog/settings', {
        root,
        service: { enabled: true, settings: { port: 0, socket: '-', ...settings } },
      });
    await change({ pythonTcp: port });
    await window.serving({ listening: null, refused: { setting: 'pythonTcp', address: `127.0.0.1:${port}`, reason: 'inUse' } });
    taken.close();
    await change({ maxBytes: '', when: '' });
    await window.serving({ problem: null, refused: null, listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    await window.connection.sendRequest('shutdown');
  },
  180_000,
);
