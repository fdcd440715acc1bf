/** What a row tells the page of the stack traces in its text. */
import type { Row } from '../protocol.ts';
import { linkOf } from '../traceback/frames.ts';
import { frameLabel, hasPlace, libraryRuns, placedFrames, raisingFrame, type Trace } from '../traceback/trace.ts';

export function drawnTraces(traces: readonly Trace[]): Pick<Row, 'links' | 'libraryRuns' | 'raised'> {
  const raising = traces[0] && raisingFrame(traces[0]);
  return {
    links: placedFrames(traces).map(linkOf),
    libraryRuns: traces.flatMap(libraryRuns),
    raised: raising && hasPlace(raising) ? { label: frameLabel(raising), place: raising.place } : null,
  };
}
