import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../../server/src/service/service.ts';
import { userName } from '../../server/src/writer/root.ts';
import { buildProgram } from './buildProgram.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'safelog-loggers-'));
const socket = join(folder, 'safelog.sock');
let service: Service | null = null;
const built: Record<string, { folder: string; path: string }> = {};

beforeAll(async () => {
  built.pino = await buildProgram('../../server/src/client/pinoTransport.ts');
  built.winston = await buildProgram('../../server/src/client/winstonTransport.ts');
});
afterEach(async () => {
  await service?.stop();
  service = null;
});
afterAll(() => {
  for (const each of [folder, ...Object.values(built).map((one) => one.folder)]) rmSync(each, { recursive: true, force: true });
});

let trees = 0;
async function start(): Promise<string> {
  const root = join(folder, `tree${trees++}`);
  service = await startService({ root, port: null, socket, otlp: 0, json: 0 });
  return join(root, userName());
}
const port = (kind: string): string =>
  service?.listening
    .find((each) => each.kind === kind)
    ?.address.split(':')
    .at(-1) ?? '';
const log = (user: string, name: string): string => readFileSync(join(user, `${name}.log`), 'utf8').replaceAll(/^\S+ \S+ /gm, '');

/** Runs a program that stands where it finds the packages. */
async function program(kind: string, text: string, env: Record<string, string>): Promise<string> {
  const path = join(built[kind]?.folder ?? '', 'app.mjs');
  writeFileSync(path, text);
  const { stdout } = await run(process.execPath, [path], { env: { PATH: process.env.PATH, HOME: folder, ...env } });
  return stdout;
}

const pinoLines = `
  log.info('started');
  log.child({ request: 'r-1' }).warn({ took: 1.5 }, 'slow %s', 'query');
  log.error(new TypeError('bad'), 'failed');
  log.debug('left out');`;

test('pino’s transport: through the service, into the files without it; and pino’s own lines over TCP', async () => {
  const transport = `import pino from 'pino';
    const log = pino({ name: 'shop', transport: { target: ${JSON.stringify(built.pino?.path)}, options: {} } });${pinoLines}`;
  const check = (user: string): void => {
    const text = log(user, 'shop');
    expect(text).toMatch(
      /^INFO \[shop \d+ - -\] started\nWARNING \[shop \d+ - - \{"request":"r-1","took":1.5\}\] slow query\nERROR \[shop \d+ - -\] failed\n\tTypeError: bad\n\t {4}at /,
    );
    expect(text).not.toContain('left out');
    expect(log(user, 'master')).toBe(text.replaceAll(/^(?=[A-Z])/gm, 'shop.log '));
  };
  const served = await start();
  await program('pino', transport, { SAFELOG_SOCKET: socket });
  check(served);
  await service?.stop();
  const own = join(folder, 'own');
  await program('pino', transport, { SAFELOG_ROOT: own, SAFELOG_SOCKET: '-' });
  check(join(own, userName()));

  const lines = await program('pino', `import pino from 'pino';\nconst log = pino({ name: 'shop' });${pinoLines}`, {});
  const again = await start();
  const { connect } = await import('node:net');
  await new Promise((resolve) =>
    connect(Number(port('json')), '127.0.0.1')
      .once('close', resolve)
      .end(lines),
  );
  await service?.stop();
  check(again);
});

test('winston’s transport', async () => {
  const user = await start();
  await program(
    'winston',
    `import winston from 'winston';
    import SafelogTransport from ${JSON.stringify(built.winston?.path)};
    const log = winston.createLogger({ level: 'info', format: winston.format.combine(winston.format.errors({ stack: true }), winston.format.splat()),
      defaultMeta: { service: 'tills' }, transports: [new SafelogTransport(), new SafelogTransport({ level: 'error', module: 'alarms' })] });
    log.info('opened %d', 3, { till: 7 });
    log.warn('[a 1 b c:1] looks like a block');
    log.error(new RangeError('empty'));
    log.debug('left out');
    log.end();`,
    { SAFELOG_SOCKET: socket },
  );
  const text = log(user, 'tills');
  expect(text).toMatch(/^INFO \[tills \d+ - - \{"till":7\}\] opened 3\n/);
  expect(text).toMatch(/^WARNING \[tills \d+ - -\] \[a 1 b c:1\] looks like a block$/m);
  expect(text.match(/^ERROR \[tills \d+ - -\] empty\n\tRangeError: empty\n\t {4}at /gm)).toHaveLength(2);
  expect(text).not.toContain('left out');
});

test('winston’s transport without the service writes the files itself', async () => {
  const own = join(folder, 'winston');
  await program(
    'winston',
    `import winston from 'winston';
    import SafelogTransport from ${JSON.stringify(built.winston?.path)};
    const log = winston.createLogger({ transports: [new SafelogTransport({ module: 'tills' })] });
    log.info('opened', { till: 7 });
    log.error('two\\nlines');
    log.end();`,
    { SAFELOG_ROOT: own, SAFELOG_SOCKET: '-' },
  );
  const user = join(own, userName());
  expect(log(user, 'tills')).toMatch(/^INFO \[- \d+ - - \{"till":7\}\] opened\nERROR \[- \d+ - -\] two\n\tlines\n$/);
  expect(log(user, 'master')).toBe(log(user, 'tills').replaceAll(/^(?=[A-Z])/gm, 'tills.log '));
});

test('the OpenTelemetry SDK: JSON, protobuf, compressed', async () => {
  const user = await start();
  const url = `http://127.0.0.1:${port('otlp')}/v1/logs`;
  const exporters = {
    json: new JsonExporter({ url }),
    protobuf: new ProtobufExporter({ url }),
    gzip: new ProtobufExporter({ url, compression: CompressionAlgorithm.GZIP }),
  };
  for (const [name, exporter] of Object.entries(exporters)) {
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': `otel.${name}`, 'service.version': '1.2' }),
      processors: [new BatchLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('checkout');
    const timestamp = new Date('2026-11-20T22:56:00.406Z');
    logger.emit({
      timestamp,
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      body: 'low stock',
      attributes: { left: 3, 'code.file.path': '/app/a.js', 'code.line.number': 7, tags: ['x', 'y'] },
    });
    logger.emit({ timestamp, severityNumber: SeverityNumber.FATAL, body: { nested: [1, { deep: true }] } });
    for (let i = 0; i < 1000; i++) logger.emit({ severityNumber: SeverityNumber.DEBUG, body: `record ${i} é` });
    await provider.shutdown();
    // Acknowledged is written.
    const lines = readFileSync(join(user, `otel.${name}.log`), 'utf8')
      .split('\n')
      .slice(0, -1);
    const version = '"resource":{"service.version":"1.2"}';
    expect(lines.slice(0, 2)).toEqual([
      `2026-11-20 22:56:00.406000+00:00 WARNING [checkout - - /app/a.js:7 {"left":3,"tags":["x","y"],${version}}] low stock`,
      `2026-11-20 22:56:00.406000+00:00 CRITICAL [checkout - - - {${version}}] {"nested":[1,{"deep":true}]}`,
    ]);
    expect(lines.slice(2).map((line) => line.slice(line.lastIndexOf('] ') + 2))).toEqual(
      Array.from({ length: 1000 }, (_, i) => `record ${i} é`),
    );
  }
  expect(service?.counts).toMatchObject({ written: 3006, failed: 0 });
});
