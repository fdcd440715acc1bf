/**
 * Formats that logging configuration files name: those of Python's logging.config.fileConfig ([formatter_x] sections of .ini and .conf
 * files) and dictConfig as JSON or YAML (https://docs.python.org/3/library/logging.config.html), and the patterns of log4j and logback.
 */
import { parse as parseYaml } from 'yaml';
import { formatOfJavaPattern } from './javaPattern.ts';
import { checkLayout } from './layout.ts';
import { joinFormat } from './layouts/format.ts';

/** A configuration is no longer; what is, is something else. */
const MAX_LENGTH = 1 << 20;

/**
 * The formats in the text of such a file, each once, as HeadReader's `candidates` takes them. Empty for any other file, and for formats
 * that cannot be read back. Never throws.
 */
export function formatsInConfig(text: string): string[] {
  if (text.length > MAX_LENGTH) return [];
  const found = formatsIn(text);
  return [...new Set(found)].filter((format) => {
    try {
      checkLayout(format);
      return true;
    } catch {
      return false;
    }
  });
}

function formatsIn(text: string): string[] {
  const start = text.trimStart();
  if (start.startsWith('<')) return fromXml(text);
  if (start.startsWith('{')) return fromDictionary(() => JSON.parse(text));
  if (/^\s*formatters\s*:/m.test(text)) return fromDictionary(() => parseYaml(text, { logLevel: 'silent' }));
  return [...fromIni(text), ...fromProperties(text)];
}

function fromIni(text: string): string[] {
  const formats: string[] = [];
  let section: Map<string, string> | undefined;
  const take = (): void => {
    const format = section?.get('format');
    if (format !== undefined) formats.push(joinFormat(format, section?.get('datefmt') || undefined));
  };
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]*)\]\s*$/.exec(line);
    if (header !== null) {
      take();
      section = header[1]?.startsWith('formatter_') ? new Map() : undefined;
      continue;
    }
    if (section === undefined || /^\s*[#;]/.test(line)) continue;
    const option = /^(\w+)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (option !== null) section.set((option[1] ?? '').toLowerCase(), option[2] ?? '');
  }
  take();
  return formats;
}

/** `<pattern>` elements (logback), and `pattern` attributes (log4j). */
function fromXml(text: string): string[] {
  const uncommented = text.replace(/<!--[\s\S]*?-->/g, '');
  const found = [
    ...uncommented.matchAll(/<pattern>([^<]*)<\/pattern>/gi),
    ...uncommented.matchAll(/\b(?:pattern|ConversionPattern"\s+value)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/gi),
  ];
  return fromPatterns(found.map(([, a, b]) => unescapeXml((a ?? b ?? '').trim())));
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescapeXml = (text: string): string => text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');

/** `….pattern = …` and `….ConversionPattern = …` of log4j's properties files. */
function fromProperties(text: string): string[] {
  return fromPatterns(
    [...text.matchAll(/^[\w.]+\.(?:conversionpattern|pattern)[ \t]*[=:][ \t]*(.+)$/gim)].map(([, pattern]) => (pattern ?? '').trim()),
  );
}

const fromPatterns = (patterns: readonly string[]): string[] => patterns.flatMap((pattern) => formatOfJavaPattern(pattern) ?? []);

function fromDictionary(parse: () => unknown): string[] {
  let parsed: unknown;
  try {
    parsed = parse();
  } catch {
    return [];
  }
  const formats: string[] = [];
  // The dictionary may be a part of a larger file.
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 8) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'formatters') takeFormatters(child, formats);
      else visit(child, depth + 1);
    }
  };
  visit(parsed, 0);
  return formats;
}

function takeFormatters(value: unknown, formats: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const formatter of Object.values(value) as unknown[]) {
    if (typeof formatter !== 'object' || formatter === null) continue;
    const { format, fmt, datefmt }: { format?: unknown; fmt?: unknown; datefmt?: unknown } = formatter;
    const chosen = format ?? fmt;
    if (typeof chosen === 'string') formats.push(joinFormat(chosen, typeof datefmt === 'string' && datefmt !== '' ? datefmt : undefined));
  }
}
