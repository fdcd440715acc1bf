/** Settings as they come from the editor: anything may be in them. */
import { isAbsolute, resolve } from 'node:path';
import type { ServerSettings } from '../protocol.ts';

/** MiB. With less for the index, putting the records in order reads parts of it over and over. */
const LEAST_MEMORY = 32;

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});

const isText = (value: unknown): value is string => typeof value === 'string';
const isSetting = (entry: [string, unknown]): entry is [string, string | number | boolean] =>
  ['string', 'number', 'boolean'].includes(typeof entry[1]);

/** What is not usable counts as not set; what the service's settings mean, the service tells. */
export function parseSettings(value: unknown): ServerSettings {
  const settings = record(value);
  const service = record(settings.service);
  const index = record(settings.index);
  const debug = record(settings.debug);
  return {
    root: typeof settings.root === 'string' && settings.root !== '' ? resolve(settings.root) : '',
    service: {
      enabled: service.enabled === true,
      settings: Object.fromEntries(Object.entries(record(service.settings)).filter(isSetting)),
    },
    index: { memory: Math.max(LEAST_MEMORY, mebibytes(index.memory, 1024)), diskSize: mebibytes(index.diskSize, 2048) },
    layouts: Object.fromEntries(Object.entries(record(settings.layouts)).filter((entry): entry is [string, string] => isText(entry[1]))),
    loggingConfigs: (Array.isArray(settings.loggingConfigs) ? settings.loggingConfigs : []).filter(isText).filter(isAbsolute),
    debug: { mask: (Array.isArray(debug.mask) ? debug.mask : []).filter(isText) },
  };
}

function mebibytes(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : fallback;
}
