/**
 * How fast the scanner takes bytes in, for each layout: MB/s over 200 MB in memory (the best of five runs), and the ratio to a bare search
 * for line ends in the same run, which no scanner can beat.
 */
import { RecordColumn } from '../../server/src/index/recordColumn.ts';
import { RecordStore } from '../../server/src/index/recordStore.ts';
import { Scanner } from '../../server/src/index/scanner.ts';
import { HeadReader } from '../../server/src/record/layout.ts';
import { formatIso, formatSafelog } from '../../server/src/record/timestamp.ts';
import { randomNumbers } from './makeTree.ts';

const BYTES = 200e6;
/** As files are read. */
const PIECE = 256 * 1024;
const ROUNDS = 5;

const levels = ['DEBUG', 'INFO', 'INFO', 'INFO', 'WARNING', 'ERROR'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Entry {
  micros: number;
  level: string;
  text: string;
}

const plain = (micros: number): string => formatIso(micros).slice(0, 23).replace('T', ' ');
const syslogDate = (micros: number): string => {
  const iso = formatIso(micros);
  return `${months[Number(iso.slice(5, 7)) - 1]} ${iso.slice(8, 10).replace(/^0/, ' ')} ${iso.slice(11, 19)}`;
};

const layouts: Record<string, (entry: Entry) => string> = {
  safelog: ({ micros, level, text }) => `${formatSafelog(micros)} ${level} ${text}`,
  'safelog+source': ({ micros, level, text }) =>
    `${formatSafelog(micros)} ${level} [web.db 4711 MainThread app/db.py:42 {"request":17}] ${text}`,
  python: ({ micros, level, text }) => `${plain(micros).replace('.', ',')} - web.db - ${level} - ${text}`,
  'python datefmt': ({ micros, level, text }) => {
    const iso = formatIso(micros);
    return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)} ${iso.slice(11, 19)} ${level} ${text}`;
  },
  logback: ({ micros, level, text }) => `${plain(micros)} [main] ${level.padEnd(5)} c.example.App - ${text}`,
  'json (pino)': ({ micros, level, text }) =>
    JSON.stringify({ level: levels.indexOf(level) * 10 + 20, time: Math.floor(micros / 1000), pid: 4711, hostname: 'host', msg: text }),
  logfmt: ({ micros, level, text }) => `time=${formatIso(micros)} level=${level.toLowerCase()} msg=${JSON.stringify(text)}`,
  glog: ({ micros, level, text }) => {
    const iso = formatIso(micros);
    return `${level[0]}${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 26)}    4711 server.cc:42] ${text}`;
  },
  'syslog (RFC 3164)': ({ micros, text }) => `${syslogDate(micros)} host app[4711]: ${text}`,
  'access (combined)': ({ micros }) => {
    const iso = formatIso(micros);
    const date = `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
    return `203.0.113.9 - - [${date}] "GET /api/v1/items/${micros % 1000} HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
  },
};

/** One piece of whole lines; scanned again and again, it stands for a large file. */
function makePiece(line: (entry: Entry) => string): Buffer {
  const random = randomNumbers(1);
  let micros = Date.UTC(2026, 10, 20, 10) * 1000;
  let text = '';
  for (let i = 0; text.length < PIECE; i++) {
    micros += 1 + Math.floor(random() * 90_000);
    const level = levels[Math.floor(random() * levels.length)] ?? 'INFO';
    text += `${line({ micros, level, text: `request ${i} took=${Math.floor(random() * 900)} ms path=/api/v1/items/${i}` })}\n`;
  }
  return Buffer.from(text);
}

/** Of the processor: others may be at work on this machine. */
function seconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  return process.cpuUsage(start).user / 1e6;
}

function lineEnds(piece: Buffer): number {
  let lines = 0;
  for (let done = 0; done < BYTES; done += piece.length)
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) lines++;
  return lines;
}

function scan(piece: Buffer): { records: number; layout: string | null } {
  const store = new RecordStore();
  const column = new RecordColumn(store, 0, false);
  const scanner = new Scanner(store, column, new HeadReader(false), () => 0);
  for (let done = 0; done < BYTES; done += piece.length) scanner.feed(piece);
  scanner.finish();
  return { records: column.length, layout: scanner.layout };
}

const rate = (time: number): string => `${(BYTES / 1e6 / time).toFixed(0)} MB/s`.padStart(10);

for (const [name, line] of Object.entries(layouts)) {
  const piece = makePiece(line);
  const bare: number[] = [];
  const scanned: number[] = [];
  let result = scan(piece);
  lineEnds(piece);
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(seconds(() => void lineEnds(piece)));
    scanned.push(
      seconds(() => {
        result = scan(piece);
      }),
    );
  }
  const own = Math.min(...scanned);
  const floor = Math.min(...bare);
  const perRecord = ((own / result.records) * 1e9).toFixed(0).padStart(5);
  console.log(
    `${name.padEnd(18)} ${rate(own)} ${(own / floor).toFixed(1).padStart(6)} x line ends (${rate(floor)})  ${perRecord} ns/record  ${result.layout ?? 'safelog'}`,
  );
}
