import type { StressOptions } from './stressRun.ts';

const handler = { maxBytes: 10_240, backupCount: 2000 };
const slow = { sleepMin: 0, sleepMax: 5 };
const leastRollovers = 70;
const timed = { when: 's', interval: 1, utc: true };

/** What the stress program runs through, each with the log kept open and not. */
export const configurations: Record<string, StressOptions> = {
  plain: { handler, leastRollovers },
  gzip: { handler: { ...handler, useGzip: true }, leastRollovers },
  'small files': { handler: { maxBytes: 1024, backupCount: 5000 }, logCalls: 400, leastRollovers: 300 },
  'large files, gzip': { handler: { maxBytes: 400_000, backupCount: 20, useGzip: true }, leastRollovers: 1 },
  'without rotation': { handler: {} },
  'random pauses': { handler: { ...handler, useGzip: true }, ...slow, leastRollovers },
  'threads in the processes': { handler: { ...handler, useGzip: true }, processes: 5, threads: 2, leastRollovers },
  batches: { handler: { ...handler, batch: true }, leastRollovers },
  'batches, gzip': { handler: { ...handler, batch: true, useGzip: true }, leastRollovers },
  'a folder for locks': { handler: { ...handler, useGzip: true, lockFileDirectory: '.locks' }, leastRollovers },
  'chmod and umask': { handler: { ...handler, chmod: 0o640, umask: 0o027, useGzip: true }, leastRollovers },
  'CRLF only at the end': { handler: { ...handler, newline: '', terminator: '\r\n' }, leastRollovers },
  'latin-1, backslashreplace': { handler: { ...handler, encoding: 'iso-8859-1', unicodeErrorPolicy: 'backslashreplace' }, leastRollovers },
  'utf-16': { handler: { ...handler, encoding: 'utf-16' }, leastRollovers },
  'a namer': { handler: { ...handler, useGzip: true }, namer: true, leastRollovers },
  'by time': { handler: {}, timed, ...slow, leastRollovers: 1 },
  'by time and size, gzip, own suffix': {
    handler: { maxBytes: 10_240, useGzip: true },
    timed: { ...timed, suffix: '%Y%m%d-%H%M%S' },
    ...slow,
    leastRollovers,
  },
};
