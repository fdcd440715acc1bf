// What the specs fill their log trees with.

/** 2026-11-20 10:00:00 UTC, in ms. */
const start = Date.UTC(2026, 10, 20, 10);

/** Safelog's stamp, `seconds` and `micros` after the start. */
export function stamp(seconds: number, micros = 0): string {
  const time = new Date(start + Math.floor(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = Math.round((seconds % 1) * 1e6) + micros;
  return `${time}${fraction > 0 ? `.${String(fraction).padStart(6, '0')}` : ''}+00:00`;
}

export interface Entry {
  /** After the start. */
  seconds: number;
  user: string;
  module: string;
  level: string;
  text: string;
}

/** The module logs and the master logs that Safelog would have written. */
export function safelogTree(entries: readonly Entry[]): Record<string, string> {
  const logs: Record<string, string> = {};
  const append = (path: string, text: string) => {
    logs[path] = (logs[path] ?? '') + text;
  };
  for (const { seconds, user, module, level, text } of entries) {
    append(`${user}/${module}.log`, `${stamp(seconds, 1)} ${level} ${text}\n`);
    append(`${user}/master.log`, `${stamp(seconds, 3)} ${module}.log ${level} ${text}\n`);
  }
  return logs;
}

/** A traceback as Safelog writes one: its text ends with an empty line. */
export function pythonTraceback(file: string, line: number): string {
  return [
    'Traceback (most recent call last):',
    `  File "${file}", line ${line}, in <module>`,
    '    checkout(cart)',
    `  File "${file}", line ${line + 2}, in checkout`,
    "    raise KeyError('teapot')",
    "KeyError: 'teapot'",
    '',
  ].join('\n');
}
