import type { FrameLink, Place } from '../protocol.ts';
import { findTraces } from './find.ts';
import { type Frame, placedFrames } from './trace.ts';

/** The stack frames in a text that have a place, and where they stand: see findTraces. */
export function findFrames(text: string): FrameLink[] {
  return placedFrames(findTraces(text)).map(linkOf);
}

export function linkOf({ textLine, start, end, place, library }: Frame & { place: Place }): FrameLink {
  return { textLine, start, end, place, library };
}
