import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/** Every process that was started with `mark` in its environment, or whose ancestors were. */
async function marked(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.includes(mark)
        ? [`${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')}`]
        : [];
    }),
  );
  return found.flat();
}

async function sizes(root: string): Promise<Map<string, number>> {
  const files = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await stat(path).then(({ size }) => size)] as const)));
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'npm start runs the demo and a VS Code with a token, and %s leaves nothing of it',
  async (signal) => {
    const mark = randomUUID();
    const temporary = await mkdtemp(join(tmpdir(), 'safelog-start-test-'));
    onTestFinished(() => rm(temporary, { recursive: true, force: true }));
    const child = spawn(process.execPath, [script, '--browser'], {
      env: { ...process.env, TMPDIR: temporary, MARK: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));

    await expect.poll(() => output, { timeout: 120_000 }).toMatch(/^VS Code: http/m);
    const url = new URL(/^VS Code: (\S+)$/m.exec(output)?.[1] ?? '');
    const root = /^The logs: (.+)$/m.exec(output)?.[1] ?? '';
    expect(url.hostname).toBe('127.0.0.1');
    expect((await fetch(new URL('/version', url))).status).toBe(200);
    expect((await fetch(new URL('/', url))).status, 'without the token').toBe(403);
    const entrance = await fetch(url, { redirect: 'manual' });
    expect(entrance.status).toBe(302);
    const page = await fetch(new URL(entrance.headers.get('location') ?? '', url), {
      headers: {
        cookie: entrance.headers
          .getSetCookie()
          .map((each) => each.split(';')[0])
          .join('; '),
      },
    });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('workbench');

    const wanted = ['alice/shop.log', 'alice/shop.worker2.log', 'alice/master.log', 'bob/weather.log', 'bob/orders.log', 'bob/master.log'];
    await expect.poll(async () => [...(await sizes(root)).keys()]).toEqual(expect.arrayContaining(wanted.map((name) => join(root, name))));
    await expect.poll(async () => [...(await sizes(root)).keys()].some((path) => path.endsWith('/reports.log'))).toBe(true);
    const before = (await sizes(root)).get(join(root, 'bob/weather.log')) ?? 0;
    await expect.poll(async () => (await sizes(root)).get(join(root, 'bob/weather.log'))).toBeGreaterThan(before);
    await expect.poll(async () => (await marked(mark)).length).toBeGreaterThan(8);

    child.kill(signal);
    expect(await ended).toBe(0);
    // What was killed may need a moment on a busy machine to be gone.
    await expect.poll(() => marked(mark)).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
    expect(output).not.toContain('has ended');
  },
);
