/** Layouts out of the settings and of the workspace's logging configuration files; and how a log would read in one. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseName } from '../generation/name.ts';
import { formatsAround } from '../generation/treeFormats.ts';
import { GzipSource } from '../index/gzipSource.ts';
import { PlainSource } from '../index/plainSource.ts';
import { SAMPLE_BYTES } from '../index/scanner.ts';
import type { LayoutPreview, LayoutPreviewParams, LayoutPreviews, ServerSettings } from '../protocol.ts';
import { checkLayout, HeadReader, type HeadReaderOptions, layoutNames } from '../record/layout.ts';
import type { LayoutRule, Layouts } from '../record/layoutRules.ts';
import { givenLayout, NO_LAYOUTS } from '../record/layoutRules.ts';
import { namesOf } from '../record/layouts/published.ts';
import { formatsInConfig } from '../record/loggingConfig.ts';
import { isGzip } from '../tree/scan.ts';

/** What is larger is no configuration. */
const MAX_CONFIG_BYTES = 1 << 20;
/** Each one more makes finding a log's layout slower. */
const MAX_CANDIDATES = 50;
/** Of a preview. */
const PREVIEW_LINES = 100;
const PREVIEW_TEXT = 200;

export class LayoutSettings {
  private known: Layouts = NO_LAYOUTS;
  private told = '';
  private turn = 0;

  /**
   * @param onChanged told when logs are to be read otherwise
   * @param onRefused told once what cannot be used
   */
  constructor(
    private readonly onChanged: (layouts: Layouts) => void,
    private readonly onRefused: (problems: string[]) => void,
  ) {}

  /** Takes settings over. The configuration files are read each time: they may have changed. */
  async configure({ layouts, loggingConfigs }: ServerSettings): Promise<void> {
    const turn = ++this.turn;
    const rules: LayoutRule[] = [];
    const problems: string[] = [];
    for (const [glob, format] of Object.entries(layouts)) {
      try {
        checkLayout(format);
        rules.push({ glob, format });
      } catch (error) {
        problems.push(`safelog.layouts, ${glob}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const text = problems.join('\n');
    if (text !== this.told && text !== '') this.onRefused(problems);
    this.told = text;
    const found = await Promise.all(loggingConfigs.map(formatsIn));
    const next: Layouts = { rules, candidates: [...new Set(found.flat())].slice(0, MAX_CANDIDATES) };
    if (turn !== this.turn || JSON.stringify(next) === JSON.stringify(this.known)) return;
    this.known = next;
    this.onChanged(next);
  }

  /** The layout that the settings give a log; undefined where none is. */
  given(path: string): string | undefined {
    const name = basename(path);
    return givenLayout(this.known.rules, path, name, parseName(name)?.log ?? name);
  }

  /** How the first lines of a log read. */
  async preview({ path, layouts }: LayoutPreviewParams): Promise<LayoutPreviews> {
    const sample = await beginningOf(path);
    const { mtimeMs } = await stat(path);
    const wanted = layouts ?? [null, ...layoutNames, ...this.known.candidates];
    const context = { candidates: this.known.candidates, published: formatsAround(dirname(path)), modified: () => mtimeMs * 1000 };
    const previews = wanted.map((layout) => previewOf(sample, layout, context));
    return { log: join(dirname(path), parseName(basename(path))?.log ?? basename(path)), given: this.given(path) ?? null, previews };
  }
}

async function formatsIn(path: string): Promise<string[]> {
  try {
    return (await stat(path)).size > MAX_CONFIG_BYTES ? [] : formatsInConfig(await readFile(path, 'utf8'));
  } catch {
    // Gone since it was found, or not for us to read: then it names no formats.
    return [];
  }
}

async function beginningOf(path: string): Promise<Buffer> {
  const compressed = (await isGzip(path)) ?? false;
  const source = compressed ? new GzipSource(path) : new PlainSource(path, (await stat(path)).ino);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of source.pieces(0)) {
      pieces.push(Buffer.from(piece));
      length += piece.length;
      if (length >= SAMPLE_BYTES) break;
    }
  } finally {
    if (source instanceof GzipSource) source.close();
  }
  return Buffer.concat(pieces).subarray(0, SAMPLE_BYTES);
}

function previewOf(sample: Buffer, layout: string | null, context: HeadReaderOptions): LayoutPreview {
  const preview: LayoutPreview = { layout, lines: 0, entries: 0 };
  try {
    if (layout !== null) checkLayout(layout);
  } catch (error) {
    return { ...preview, error: error instanceof Error ? error.message : String(error) };
  }
  const heads = new HeadReader(false, { ...context, layout: layout ?? undefined });
  const detected = heads.detect(sample);
  if (layout === null) preview.found = detected === null ? 'safelog' : namesOf(detected).join(', ');
  for (let start = 0; start < sample.length && preview.lines < PREVIEW_LINES; ) {
    const lf = sample.indexOf(0x0a, start);
    // The last line may be cut.
    if (lf === -1 && preview.lines > 0) break;
    const lineEnd = lf === -1 ? sample.length : lf;
    const end = sample[lineEnd - 1] === 0x0d && lineEnd > start ? lineEnd - 1 : lineEnd;
    preview.lines++;
    if (heads.read(sample, start, end)) {
      preview.entries++;
      const { time, level } = heads.head;
      if (preview.first === undefined || (preview.first.time === null && !Number.isNaN(time))) {
        preview.first = {
          time: Number.isNaN(time) ? null : time,
          level: level === -1 ? null : level,
          text: heads.text(sample, end).slice(0, PREVIEW_TEXT),
        };
      }
    }
    start = lineEnd + 1;
  }
  return preview;
}
