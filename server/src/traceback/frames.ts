import type { FrameLink } from '../protocol.ts';
import { findTraces } from './find.ts';
import { placedFrames } from './trace.ts';

/** The stack frames in a text that have a place, and where they stand: see findTraces. */
export function findFrames(text: string): FrameLink[] {
  return placedFrames(findTraces(text)).map(({ textLine, start, end, place }) => ({ textLine, start, end, place }));
}
