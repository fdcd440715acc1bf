import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tcpPeer, unixPeer } from './peer.ts';
import { findAccount } from './users.ts';

const ourUid = process.geteuid?.() ?? -1;

/** A server's side and a client's side of one connection. */
async function pair(server: Server, address: { path: string } | { host: string; port: number }): Promise<[Socket, Socket]> {
  await new Promise<void>((resolve) => server.listen(address, resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const bound = server.address();
  const client = typeof bound === 'object' && bound !== null ? connect(bound.port, bound.address) : connect(bound ?? '');
  return [await accepted, client];
}

test.runIf(process.platform === 'linux')('the kernel says who connected to a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-peer-'));
  const server = createServer();
  const [accepted, client] = await pair(server, { path: join(folder, 's') });
  expect(unixPeer(accepted)).toBe(ourUid);
  client.destroy();
  accepted.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

test.runIf(process.platform === 'linux')(
  'the owner of a TCP connection is known while the peer has it open, and unknown afterwards',
  async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const server = createServer({ allowHalfOpen: true });
      const [accepted, client] = await pair(server, { host, port: 0 });
      expect(tcpPeer(accepted)).toBe(ourUid);
      const ended = new Promise((resolve) => accepted.resume().once('end', resolve));
      client.destroy();
      await ended;
      expect(tcpPeer(accepted)).toBe(null);
      accepted.destroy();
      server.close();
    }
  },
);

test.runIf(process.platform === 'linux')('accounts are found by name and by number', () => {
  expect(findAccount(0)).toEqual({ name: 'root', uid: 0, gid: 0 });
  expect(findAccount('root')?.uid).toBe(0);
  expect(findAccount('no such user')).toBe(null);
  expect(findAccount(4_000_000_000)).toBe(null);
});
