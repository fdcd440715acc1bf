/** From generated JavaScript back to what it was made of (https://tc39.es/ecma426/). Reads only what stands beside the file, or in it. */

import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../../server/src/protocol.ts';

/** Larger files are not looked at. Bytes. */
const maxSize = 64 << 20;

export type ReadText = (path: string, maxSize: number) => Promise<string | undefined>;

/**
 * The place in the source from which a place in a script was made; null where no map is there, or it does not know. The source's path is
 * absolute, or as the map writes it where that is no path of this machine (`webpack://…`).
 * @param script absolute path
 * @param read undefined for what is not there or too large
 */
export async function originalPlace(script: string, place: Place, read: ReadText): Promise<Place | null> {
  if (!/\.[cm]?jsx?$/i.test(script)) return null;
  const map = (await mapInScript(script, read)) ?? (await mapAt(`${script}.map`, read));
  if (!map) return null;
  const { GREATEST_LOWER_BOUND, LEAST_UPPER_BOUND, originalPositionFor, TraceMap } = await import('@jridgewell/trace-mapping');
  try {
    const traced = new TraceMap(map.text);
    // A frame without a column means the line: its first place.
    const needle = { line: place.line, column: (place.column ?? 1) - 1 };
    let original = originalPositionFor(traced, { ...needle, bias: GREATEST_LOWER_BOUND });
    if (original.source === null) original = originalPositionFor(traced, { ...needle, bias: LEAST_UPPER_BOUND });
    if (original.source === null) return null;
    const path = sourcePath(original.source, map.path);
    return place.column === undefined ? { path, line: original.line } : { path, line: original.line, column: original.column + 1 };
  } catch {
    // No map, whatever it calls itself.
    return null;
  }
}

interface FoundMap {
  path: string;
  text: string;
}

/** The map that the script's last comment names: in it as a data URL, or a file beside it. */
async function mapInScript(script: string, read: ReadText): Promise<FoundMap | null> {
  const text = await read(script, maxSize);
  if (text === undefined) return null;
  const comment = text.lastIndexOf('# sourceMappingURL=');
  if (comment < 2 || !/^\/[/*]$/.test(text.slice(comment - 2, comment))) return null;
  const [url = ''] = text.slice(comment + '# sourceMappingURL='.length).split(/[\s*]/, 1);
  const data = /^data:application\/json[^,]{0,100},/.exec(url);
  if (data) {
    const body = url.slice(data[0].length);
    return { path: script, text: data[0].includes('base64') ? Buffer.from(body, 'base64').toString() : decodeURIComponent(body) };
  }
  if (/^[a-z][a-z+.-]+:/i.test(url) || url.startsWith('//')) return null;
  return mapAt(resolve(dirname(script), decodeURI(url.replace(/[?#].*$/, ''))), read);
}

async function mapAt(path: string, read: ReadText): Promise<FoundMap | null> {
  const text = await read(path, maxSize);
  return text === undefined ? null : { path, text };
}

function sourcePath(source: string, map: string): string {
  if (/^file:/i.test(source)) return fileURLToPath(source);
  return /^[a-z][a-z+.-]+:/i.test(source) ? source : resolve(dirname(map), source);
}
