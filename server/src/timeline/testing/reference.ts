/** The slow, obvious reference for tests: reads everything at once, uses regexes, sorts. Shares nothing with the engine. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';

export interface ReferenceRow {
  time: number;
  user: string;
  module: string;
  level: string | null;
  message: string;
  file: string;
  line: number;
}

interface Entry extends ReferenceRow {
  key: number;
  chain: string;
  age: number;
  master: boolean;
  named: boolean;
  body: string;
  partner?: Entry;
}

const STAMP = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?\+00:00(?: |$)/;
const LEVEL = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL|Level \d+)(?: |$)/;
/** A module's name with a blank: no level before it, one behind it. */
const BLANK_NAME =
  /^(?!(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|Level \d+) )((?:(?!\.log ).)+)\.log (?=(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|Level \d+)(?: |$))/;

/** What a file's name says: of which log it is, and how old it is: bigger is older, the log itself is 0. */
function parseName(name: string): { base: string; age: number } {
  const plain = name.replace(/\.gz$/, '');
  const inside = /^(.+)\.(\d{8})\.log$/.exec(plain);
  const [base = '', rest = ''] = inside === null ? plain.split(/\.log(?=[.-]|$)/) : [inside[1], `.${inside[2]}`];
  if (rest === '') return { base, age: 0 };
  if (rest.startsWith('.rotate')) return { base, age: 0.5 };
  const dated = /^[.-](\d{4}-?\d\d-?\d\d(?:_\d\d)?)(?:\.(\d+))?$/.exec(rest);
  if (dated === null) return { base, age: Number(rest.slice(1)) };
  return { base, age: 1e15 - Number(dated[1]?.replace(/\D/g, '').padEnd(10, '0')) * 1000 - Number(dated[2] ?? 0) };
}

export function reference(root: string): ReferenceRow[] {
  const entries: Entry[] = [];
  for (const user of readdirSync(root)) {
    if (!statSync(join(root, user)).isDirectory()) continue;
    const files: File[] = [];
    for (const name of readdirSync(join(root, user))) {
      const bytes = readFileSync(join(root, user, name));
      files.push({ name, ...parseName(name), bytes: name.endsWith('.gz') ? expand(bytes) : bytes });
    }
    for (const file of files) {
      if (!isCopy(file, files)) entries.push(...fileEntries(user, file, file.bytes.toString('utf8')));
    }
  }
  pair(entries);
  const shown = entries.filter((entry) => !(entry.master && entry.partner !== undefined));
  const inMaster = (entry: Entry): Entry | undefined => (entry.master ? entry : entry.partner);
  const place = (a: Entry, b: Entry): number => (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0) || b.age - a.age || a.line - b.line;
  shown.sort((a, b) => {
    if (a.key !== b.key) return a.key - b.key;
    const masterA = inMaster(a);
    const masterB = inMaster(b);
    if (masterA !== undefined && masterB !== undefined) return place(masterA, masterB);
    if (masterA !== masterB) return masterA === undefined ? 1 : -1;
    return place(a, b);
  });
  return shown.map(({ time, user, module, level, message, file, line }) => ({ time, user, module, level, message, file, line }));
}

interface File {
  name: string;
  base: string;
  age: number;
  /** Not compressed. */
  bytes: Buffer;
}

/** What is being compressed is cut off. */
const expand = (bytes: Buffer): Buffer => (bytes.length === 0 ? bytes : gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));

/** A copy of another file of its log, whole or in the making; of two that are the same the one that is not compressed counts. */
const isCopy = (file: File, files: readonly File[]): boolean =>
  file.age > 0 &&
  files.some(
    (other) =>
      other !== file &&
      other.base === file.base &&
      other.bytes.subarray(0, file.bytes.length).equals(file.bytes) &&
      (other.bytes.length > file.bytes.length || other.age === 0 || file.name.endsWith('.gz')),
  );

function fileEntries(user: string, { name, base, age }: File, text: string): Entry[] {
  const entries: Entry[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let key = Number.NaN;
  lines.forEach((line, index) => {
    const stamp = STAMP.exec(line);
    if (stamp === null) {
      const last = entries.at(-1);
      if (last !== undefined) last.body += `\n${line}`;
      return;
    }
    const [, year, month, day, hour, minute, second, fraction = '0'] = stamp;
    const time =
      Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) * 1000 + Number(fraction);
    key = time < key && key - time <= 1e6 ? key : time;
    let rest = line.slice(stamp[0].length);
    let module = base;
    const master = base === 'master';
    const named = master ? (/^(\S+)\.log(?: |$)/.exec(rest) ?? BLANK_NAME.exec(rest)) : null;
    if (named !== null) {
      module = named[1] ?? '';
      rest = rest.slice(named[0].length);
    }
    entries.push({
      time,
      user,
      module,
      level: null,
      message: '',
      file: `${user}/${name}`,
      line: index + 1,
      key,
      chain: `${user}\0${base}`,
      age,
      master,
      named: named !== null,
      body: rest,
    });
  });
  for (const entry of entries) {
    entry.body = entry.body.replace(/[\r\n]+$/, '');
    const level = LEVEL.exec(entry.body);
    entry.level = level?.[1] ?? null;
    entry.message = entry.body.slice(level?.[0].length ?? 0).replaceAll('\r\n', '\n');
  }
  return entries;
}

/**
 * For each line of master.log, by time: the oldest free line of the module that says the same and is up to 5 s older; then, for those that
 * found none, the oldest free one up to an hour away.
 */
function pair(entries: readonly Entry[]): void {
  const masters = entries.filter(({ master, named }) => master && named).sort((a, b) => a.key - b.key || b.age - a.age || a.line - b.line);
  const modules = entries.filter(({ master }) => !master).sort((a, b) => a.key - b.key || b.age - a.age || a.line - b.line);
  for (const [least, most] of [
    [0, 5e6],
    [-3600e6, 3600e6],
  ] as const) {
    for (const master of masters) {
      if (master.partner !== undefined) continue;
      const module = modules.find(
        (entry) =>
          entry.partner === undefined &&
          entry.user === master.user &&
          entry.module === master.module &&
          entry.body === master.body &&
          master.key - entry.key >= least &&
          master.key - entry.key <= most,
      );
      if (module === undefined) continue;
      module.partner = master;
      master.partner = module;
    }
  }
}
