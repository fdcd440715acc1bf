/** Finds the places inside a gzip file at which decompression can begin, by decompressing it once. */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import type { Step } from './blockInflater.ts';
import { BlockInflater, INPUT, InvalidDeflate, OUTPUT } from './blockInflater.ts';
import type { Checkpoint, Checkpoints } from './checkpoint.ts';
import { DEFLATED } from './checkpoint.ts';
import { FileAhead } from './fileAhead.ts';
import { checkTrailer, gzipHeaderBytes, TRAILER } from './gzipMember.ts';

/** Bytes of output between two checkpoints, and what a deflate block has more: a hundred KB, as a rule. */
const MIN_SPAN = 64 * 1024;
export const MAX_SPAN = 4 << 20;
/** A page of many small files touches all of them: in these, checkpoints are closer together. */
const SPANS = 16;

/**
 * The span for a file. Its checkpoints take half of its size at most, and less and less of larger ones.
 * @param size of the compressed file
 */
export const spanFor = (size: number): number => Math.max(MIN_SPAN, Math.min(MAX_SPAN, Math.ceil(size / SPANS)));

/** Bytes of the file that are read at once; headers may have as many. */
const READ = 256 * 1024;

const deflate = promisify(deflateRaw);

/** Why a member's decompression came to its end. */
type End = 'whole' | 'damaged' | 'stopped';

class Builder {
  private readonly input: FileAhead;
  private output = 0;
  /** Of the last checkpoint. */
  private last = 0;
  /** So many bytes after the last checkpoint it stops between blocks; and so many after it is the next. */
  private readonly stopsFrom: number;
  private readonly nextFrom: number;

  constructor(
    file: FileHandle,
    private readonly inflater: BlockInflater,
    private readonly table: Checkpoints,
    private readonly goOn: () => Promise<boolean>,
    private readonly span: number,
  ) {
    this.input = new FileAhead(file, 0, READ);
    this.stopsFrom = Math.max(0, span - OUTPUT);
    this.nextFrom = this.stopsFrom === 0 ? span : this.stopsFrom;
  }

  async run(): Promise<void> {
    for (;;) {
      const header = await this.header();
      if (header === undefined) {
        // As zlib does it: nothing or zeros after a member end the file.
        const next = (await this.input.ahead(1))[0] ?? 0;
        if (next === 0 && this.output > 0) this.table.length = this.output;
        break;
      }
      if (this.output - this.last >= this.span) this.add({ input: this.input.offset, bits: 0, output: this.output });
      this.input.skip(header);
      const end = await this.member();
      if (end === 'stopped') return;
      if (end === 'damaged') break;
    }
    this.table.finished = true;
  }

  private async header(): Promise<number | undefined> {
    return gzipHeaderBytes(await this.input.ahead(1), 0) ?? gzipHeaderBytes(await this.input.ahead(READ), 0);
  }

  private async member(): Promise<End> {
    this.inflater.begin();
    let crc = 0;
    let length = 0;
    for (let ended = false; !ended; ) {
      const bytes = (await this.input.ahead(1)).subarray(0, INPUT);
      let step: Step;
      try {
        step = this.inflater.step(bytes, this.output - this.last >= this.stopsFrom);
      } catch (error) {
        if (error instanceof InvalidDeflate) return 'damaged';
        throw error;
      }
      this.input.skip(step.used);
      crc = crc32(step.output, crc);
      length += step.output.length;
      this.output += step.output.length;
      ended = step.ended;
      if (step.bits !== undefined && length > 0 && this.output - this.last >= this.nextFrom) {
        const window = await deflate(this.inflater.window(), DEFLATED);
        this.add({ input: this.input.offset, bits: step.bits, output: this.output, inMember: { window, crc, length } });
      }
      if (bytes.length === 0 && step.output.length === 0 && !ended) return 'damaged';
      if (!(await this.goOn())) return 'stopped';
    }
    const trailer = (await this.input.ahead(TRAILER)).subarray(0, TRAILER);
    this.input.skip(trailer.length);
    return checkTrailer(trailer, crc, length) === undefined ? 'whole' : 'damaged';
  }

  private add(checkpoint: Checkpoint): void {
    this.table.add(checkpoint);
    this.last = checkpoint.output;
  }
}

/**
 * Adds checkpoints until the file ends or is damaged; then the table is finished. Each step takes about a millisecond.
 * @param goOn waited for after each step; false ends it, the table stays unfinished
 * @param span bytes of output from one to the next; by the file's size where absent
 * @throws what the file system says; that WebAssembly cannot be had
 */
export async function buildCheckpoints(file: FileHandle, table: Checkpoints, goOn: () => Promise<boolean>, span?: number): Promise<void> {
  const wanted = span ?? spanFor((await file.stat()).size);
  await new Builder(file, await BlockInflater.create(), table, goOn, wanted).run();
}
