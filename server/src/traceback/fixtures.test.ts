/**
 * Real traces, made by the real runtimes (test/fixtures/traceback/make.mjs), against what the programs say of themselves in comments:
 * `@exception N ROLE TYPE: MESSAGE`, and on a frame's line `@frame N.M NAME`, the M-th frame of own code of the N-th exception, both in
 * the order of the trace, and `@raising`. A trace's own name instead of `frame` stands for frames that only it has.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findTraces } from './find.ts';
import { type Frame, raisingFrame, type Trace } from './trace.ts';

const folder = join(import.meta.dirname, '../../../test/fixtures/traceback');

/** Traces by the programs that they are of. */
const fixtures: Record<string, { language: Trace['language']; programs: string[]; traces: string[]; times?: number }> = {
  'Python, chained both ways': { language: 'python', programs: ['python/chained.py'], traces: ['python/chained.txt'] },
  'Python, groups': { language: 'python', programs: ['python/group.py'], traces: ['python/group.txt'] },
  'Python, a syntax error': { language: 'python', programs: ['python/broken.py'], traces: ['python/broken.txt'] },
  'Python, raised by a library': { language: 'python', programs: ['python/library.py'], traces: ['python/library.txt'] },
  'Python, a stack of logging': { language: 'python', programs: ['python/stack.py'], traces: ['python/stack.txt'] },
  'Python, a crash': { language: 'python', programs: ['python/fault.py'], traces: ['python/fault.txt'] },
  'Node, a cause': { language: 'node', programs: ['node/nested.cjs'], traces: ['node/nested.txt'] },
  'Node, an aggregate': { language: 'node', programs: ['node/aggregate.mjs'], traces: ['node/aggregate.txt'] },
  'Node, async': { language: 'node', programs: ['node/async.mjs'], traces: ['node/async.txt'] },
  'Node, evaluated code': { language: 'node', programs: ['node/eval.cjs'], traces: ['node/eval.txt'] },
  Java: { language: 'java', programs: ['java/com/acme/shop/Shop.java'], traces: ['java/Shop.txt'] },
  Kotlin: { language: 'java', programs: ['kotlin/com/acme/shop/Shop.kt'], traces: ['kotlin/Shop.txt'] },
  'Go, a panic': {
    language: 'go',
    programs: ['go/shop/main.go', 'go/shop/till/till.go'],
    traces: ['go/shop.txt', 'go/trimmed.txt'],
  },
  'Go, goroutines': { language: 'go', programs: ['go/deadlock.go'], traces: ['go/deadlock.txt'] },
  Rust: { language: 'rust', programs: ['rust/shop.rs'], traces: ['rust/shop.txt'] },
  Ruby: { language: 'ruby', programs: ['ruby/shop.rb'], traces: ['ruby/shop.txt'] },
  PHP: { language: 'php', programs: ['php/shop.php'], traces: ['php/shop.txt'], times: 2 },
  'C# on Mono': { language: 'dotnet', programs: ['mono/Shop.cs'], traces: ['mono/Shop.txt'], times: 2 },
  Chromium: { language: 'node', programs: ['browser/shop.js'], traces: ['browser/chromium.txt'] },
  Firefox: { language: 'browser', programs: ['browser/shop.js'], traces: ['browser/firefox.txt'] },
};

/** What programs say of a trace. */
function told(programs: readonly string[], trace: string) {
  const exceptions: { role: string; named: string; frames: string[] }[] = [];
  let raising: string | undefined;
  for (const program of programs) {
    const lines = readFileSync(join(folder, program), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      for (const [, mark, values] of line.matchAll(/@(\w+)(?: ([^@]*[^@\s]))?/g)) {
        const place = `${basename(program)}:${index + 1}`;
        if (mark === 'exception') {
          const [number = '', role = '', ...named] = (values ?? '').split(' ');
          exceptions[Number(number) - 1] = { role, named: named.join(' ').replaceAll('\\n', '\n'), frames: [] };
        } else if (mark === 'raising') raising = place;
      }
    }
    for (const [index, line] of lines.entries()) {
      for (const [, mark, exception, frame, name] of line.matchAll(/@(\w+) (\d+)\.(\d+)(?: ([^@]*[^@\s]))?/g)) {
        if (mark !== 'frame' && mark !== trace) continue;
        const frames = exceptions[Number(exception) - 1]?.frames;
        if (frames) frames[Number(frame) - 1] = `${basename(program)}:${index + 1} ${name ?? ''}`.trimEnd();
      }
    }
  }
  return { exceptions, raising };
}

const placeOf = ({ place }: Frame): string => `${place?.path.replace(/\?.*$/, '').replace(/^.*\//, '')}:${place?.line}`;

describe.each(Object.entries(fixtures))('%s', (_, { language, programs, traces, times = 1 }) => {
  test.each(traces)('%s', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const lines = text.split('\n');
    const found = findTraces(text);
    expect(found.map((trace) => trace.language)).toEqual(Array<string>(times).fill(language));
    const wanted = told(programs, basename(file, '.txt'));
    for (const trace of found) {
      expect(
        trace.exceptions.map(({ role, type, message, frames }) => ({
          role,
          named: (message === '' ? type : `${type}: ${message}`).replace(/^goroutine \d+/, 'goroutine N'),
          frames: frames
            .filter(({ library, place }) => !library && place !== null)
            .map((frame) => `${placeOf(frame)} ${frame.function}`.trimEnd()),
        })),
      ).toEqual(wanted.exceptions);
      const raising = raisingFrame(trace);
      if (wanted.raising !== undefined) expect(raising && placeOf(raising)).toBe(wanted.raising);
      // The columns of every link are just those of its place.
      for (const { textLine, start, end, place } of trace.exceptions.flatMap(({ frames }) => frames)) {
        const shown = lines[textLine]?.slice(start, end) ?? '';
        if (place)
          expect(
            shown.endsWith(String(place.column ?? place.line)) || shown.endsWith(')') || language === 'ruby' || shown === place.path,
          ).toBe(true);
      }
      // Its lines are all that the runtime wrote of it.
      expect(trace.exceptions.every(({ textLine }) => textLine >= trace.start && textLine < trace.end)).toBe(true);
    }
  });
});

test("Rust's panic without a backtrace", () => {
  const [trace] = findTraces(readFileSync(join(folder, 'rust/short.txt'), 'utf8'));
  expect(trace?.exceptions).toMatchObject([{ role: 'raised', type: 'panic', message: 'no price:\nteapot', frames: [] }]);
  expect(trace && raisingFrame(trace)?.place).toEqual({ path: 'shop.rs', line: 7, column: 13 });
});
