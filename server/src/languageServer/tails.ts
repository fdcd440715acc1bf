/** What editors follow: files byte by byte, and views of timelines entry by entry. */
import { basename, dirname } from 'node:path';
import { parseName } from '../generation/name.ts';
import { formatsAround } from '../generation/treeFormats.ts';
import type { Filter, OlderTailParams, OpenTailParams, OpenTailResult, TailAppended, TailPart } from '../protocol.ts';
import { EntryTail } from '../timeline/entryTail.ts';
import { ErrorLines } from '../timeline/errorLines.ts';
import { type Beginning, Follower } from '../timeline/follow.ts';
import { placeOf, readBefore } from '../timeline/olderText.ts';
import type { Timelines } from './timelines.ts';

interface Tail {
  start(bytes: number): Promise<TailPart>;
  older(params: OlderTailParams): Promise<TailPart | null>;
  close(): Promise<void>;
}

export class Tails {
  private readonly tails = new Map<number, Tail>();
  private next = 1;

  /** @param layoutOf the layout that was given for a log */
  constructor(
    private readonly timelines: Timelines,
    private readonly layoutOf: (path: string) => string | undefined,
    private readonly onAppended: (appended: TailAppended) => void,
  ) {}

  /** @throws where the filter or the encoding cannot be used */
  async open(params: OpenTailParams): Promise<OpenTailResult> {
    const tail = this.next++;
    const { source, filter } = params;
    const opened =
      source.kind === 'file' && isEmpty(filter) ? this.ofFile(tail, source.path, params.encoding ?? 'utf-8') : this.ofView(tail, params);
    this.tails.set(tail, opened);
    try {
      return { tail, ...(await opened.start(params.bytes)) };
    } catch (error) {
      await this.close(tail);
      throw error;
    }
  }

  older(params: OlderTailParams): Promise<TailPart | null> {
    const tail = this.tails.get(params.tail);
    if (tail === undefined) throw new Error('This tail is closed.');
    return tail.older(params);
  }

  async close(tail: number): Promise<null> {
    const open = this.tails.get(tail);
    this.tails.delete(tail);
    await open?.close();
    return null;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.tails.keys()].map((tail) => this.close(tail)));
  }

  private ofFile(tail: number, path: string, encoding: string): Tail {
    const layout = this.layoutOf(path);
    const master = parseName(basename(path))?.module === 'master';
    const newLines = (): ErrorLines => new ErrorLines(layout, formatsAround(dirname(path)), master);
    const lines = newLines();
    const part = (text: string, beginning: Beginning | undefined): TailPart => ({
      text,
      at: beginning === undefined ? null : placeOf(beginning),
      ...lines.look(text),
    });
    const follower = new Follower(
      path,
      (text, restarted, beginning) => this.onAppended({ tail, ...part(text, beginning), ...(restarted && { restarted }) }),
      encoding,
    );
    return {
      start: async (bytes) => {
        const { text, beginning } = await follower.start(bytes);
        return part(text, beginning);
      },
      older: async ({ at, bytes }) => {
        const read = await readBefore(path, at, bytes, encoding);
        return read === null ? null : { ...read, ...newLines().look(read.text) };
      },
      close: () => follower.close(),
    };
  }

  private ofView(tail: number, { source, filter, encoding = 'utf-8' }: OpenTailParams): Tail {
    const view = this.timelines.acquire(source).openView(filter, () => undefined);
    const form = source.kind !== 'tree' ? 'raw' : filter.users?.length === 1 ? 'module' : 'user';
    const entries = new EntryTail(view, form, encoding, (part) => this.onAppended({ tail, ...part }));
    return {
      start: (bytes) => entries.start(bytes),
      older: ({ at, bytes }) => entries.older(at, bytes),
      close: async () => {
        entries.close();
        view.timeline.closeView(view);
        this.timelines.release(source);
      },
    };
  }
}

const isEmpty = (filter: Filter): boolean => Object.keys(filter).length === 0;
