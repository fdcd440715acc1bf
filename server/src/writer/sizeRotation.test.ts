import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SizeRotation } from './sizeRotation.ts';
import { freeSlot } from './slots.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-chain-'));
  log = join(folder, 'app.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rotation = (backupCount: number, namer?: (name: string) => string) => new SizeRotation({ log, maxBytes: 1, backupCount, namer });

/** Makes files whose content is their number, the higher the older; a name may have `.gz`. */
function make(...names: string[]): void {
  names.forEach((name, i) => {
    writeFileSync(join(folder, name), name);
    utimesSync(join(folder, name), 1e9 - i * 10, 1e9 - i * 10);
  });
}

/** NAME=CONTENT of all files, sorted by number. */
function files(): string[] {
  return readdirSync(folder)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => `${name}=${readFileSync(join(folder, name), 'utf8')}`);
}

test('the newest goes to .1, the others move up, in both forms, and the oldest leaves', () => {
  make('app.log', 'app.log.1.gz', 'app.log.2', 'app.log.3.gz');
  rotation(3).enterLog(log);
  expect(files()).toEqual(['app.log.1=app.log', 'app.log.2.gz=app.log.1.gz', 'app.log.3=app.log.2']);
});

test('a gap ends the move, and is closed by it', () => {
  make('app.log', 'app.log.1', 'app.log.3', 'app.log.4');
  rotation(5).enterLog(log);
  expect(files()).toEqual(['app.log.1=app.log', 'app.log.2=app.log.1', 'app.log.3=app.log.3', 'app.log.4=app.log.4']);
});

test('both forms at one place move together', () => {
  make('app.log.1', 'app.log.1.gz', 'app.log.2.gz');
  freeSlot({ path: (slot) => `${log}.${slot}`, last: 2 }, 1);
  expect(files()).toEqual(['app.log.2=app.log.1', 'app.log.2.gz=app.log.1.gz']);
});

test('a namer is asked before .gz', () => {
  make('app.log', 'old.app.1.gz');
  rotation(2, (name) => join(folder, `old.app.${name.split('.').at(-1)}`)).enterLog(log);
  expect(files()).toEqual(['old.app.1=app.log', 'old.app.2.gz=old.app.1.gz']);
});

test('by age: behind those that have come since, out of the end where there is no place', () => {
  make('app.log.1', 'app.log.2.gz', 'app.log.rotate.x', 'app.log.3');
  rotation(4).enterInFlight(join(folder, 'app.log.rotate.x'), '.gz');
  expect(files()).toEqual(['app.log.1=app.log.1', 'app.log.2.gz=app.log.2.gz', 'app.log.3.gz=app.log.rotate.x', 'app.log.4=app.log.3']);
  writeFileSync(join(folder, 'app.log.rotate.y'), 'too old');
  utimesSync(join(folder, 'app.log.rotate.y'), 1e9 - 25, 1e9 - 25);
  rotation(3).enterInFlight(join(folder, 'app.log.rotate.y'), '.gz');
  expect(files().join()).not.toContain('too old');
  expect(files().length).toBe(4);
});

test('whatever is in the chain: nothing but what leaves its end is lost, and the order stays', () => {
  const slots = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.constantFrom('', '.gz')), {
    maxLength: 8,
    selector: ([slot]) => slot,
  });
  fc.assert(
    fc.property(slots, fc.integer({ min: 1, max: 6 }), (present, backupCount) => {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      for (const [slot, form] of present) writeFileSync(join(folder, `app.log.${slot}${form}`), String(slot));
      writeFileSync(log, '0');
      rotation(backupCount).enterLog(log);
      const contents = files().map((file) => Number(file.split('=')[1]));
      expect(contents).toEqual([...contents].sort((a, b) => a - b));
      const isFull = Array.from({ length: backupCount }, (_, i) => i + 1).every((slot) => present.some(([other]) => other === slot));
      const expected = [0, ...present.map(([slot]) => slot).filter((slot) => !isFull || slot !== backupCount)].sort((a, b) => a - b);
      expect(contents).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});
