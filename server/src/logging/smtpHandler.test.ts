import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogRecord } from './logRecord.ts';
import { makeLogRecord } from './recordFields.ts';
import { SMTPHandler } from './smtpHandler.ts';

let folder: string;
let key: Buffer;
let cert: Buffer;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-'));
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', keyPath, '-out', certPath, ...subject],
    { stdio: 'ignore' },
  );
  [key, cert] = [readFileSync(keyPath), readFileSync(certPath)];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Mail {
  from: string;
  to: string[];
  text: string;
  isSecure: boolean;
  user: string | undefined;
}

/** A mail server on a free port that keeps what it gets. */
async function mailServer(needsLogin: boolean): Promise<{ port: number; mails: Mail[]; close: () => Promise<void> }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...{ key, cert, authOptional: !needsLogin, disabledCommands: needsLogin ? [] : ['AUTH'], logger: false },
    onAuth: ({ username, password }, _session, done) =>
      password === 'secret' ? done(null, { user: username ?? '' }) : done(new Error('no')),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          isSecure: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', () => resolve()));
  const address = server.server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return { port: address.port, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const record = (msg: string) => makeLogRecord({ msg, levelname: 'ERROR', levelno: 40 });

test('each record is a mail to all recipients', async () => {
  const { port, mails, close } = await mailServer(false);
  class Telling extends SMTPHandler {
    override getSubject(of: LogRecord): string {
      return `${this.subject}: ${of.levelname}`;
    }
  }
  const handler = new Telling(['localhost', port], 'me@example.org', ['you@example.org', 'they@example.org'], 'Log');
  handler.emit(record('first ünï\nsecond line'));
  handler.emit(record('next'));
  await handler.flush();
  await close();
  expect(mails).toHaveLength(2);
  expect(mails[0]).toMatchObject({ from: 'me@example.org', to: ['you@example.org', 'they@example.org'], isSecure: false });
  expect(mails[0]?.text).toMatch(/^Subject: Log: ERROR\r$/m);
  expect(mails[0]?.text).toMatch(/^To: you@example\.org, they@example\.org\r$/m);
  expect(mails[1]?.text.trimEnd()).toMatch(/\r\nnext$/);
});

test('a name and a password, over TLS that is required', async () => {
  const { port, mails, close } = await mailServer(true);
  const errors: unknown[] = [];
  const to = ['localhost', port] as const;
  const handler = new SMTPHandler(to, 'me@example.org', 'you@example.org', 'Log', { credentials: ['ann', 'secret'], secure: { ca: cert } });
  handler.emit(record('safe'));
  await handler.flush();
  expect(mails).toMatchObject([{ isSecure: true, user: 'ann' }]);
  const wrong = new SMTPHandler(to, 'me@example.org', 'you@example.org', 'Log', { credentials: ['ann', 'guess'], secure: { ca: cert } });
  wrong.handleError = (_, error) => errors.push(error);
  wrong.emit(record('never'));
  await wrong.flush();
  const strange = new SMTPHandler(to, 'me@example.org', 'you@example.org', 'Log', { credentials: ['ann', 'secret'], secure: true });
  strange.handleError = (_, error) => errors.push(error);
  strange.emit(record('to a server that nobody knows'));
  await strange.flush();
  await close();
  expect(mails).toHaveLength(1);
  expect(errors.map(String)).toEqual([expect.stringMatching(/Invalid login|no/), expect.stringMatching(/self-signed|certificate/)]);
});
