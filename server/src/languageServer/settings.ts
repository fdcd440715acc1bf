/** Settings as they come from the editor: anything may be in them. */
import { resolve } from 'node:path';
import type { ServerSettings } from '../protocol.ts';
import { SAFELOG_PORT } from '../wire/safelog.ts';

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});

/** What is not usable counts as not set. */
export function parseSettings(value: unknown): ServerSettings {
  const settings = record(value);
  const service = record(settings.service);
  const { port, host } = service;
  const index = record(settings.index);
  return {
    index: { memory: mebibytes(index.memory, 1024), diskSize: mebibytes(index.diskSize, 2048) },
    root: typeof settings.root === 'string' && settings.root !== '' ? resolve(settings.root) : '',
    service: {
      enabled: service.enabled === true,
      host: typeof host === 'string' && host !== '' ? host : '127.0.0.1',
      port: typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : SAFELOG_PORT,
    },
  };
}

function mebibytes(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : fallback;
}
