/** What Python's SocketHandler and DatagramHandler send: frames, each a pickle of a record's dict. Pure. */

import { FrameCutter } from './lengthFrames.ts';
import { RecordPickles } from './recordPickles.ts';
import { WireError, type WireRecord } from './wireRecord.ts';

const LENGTH_BYTES = 4;

/** Reads datagrams, each of which is one whole frame. */
export class PythonDatagramDecoder {
  readonly #pickles: RecordPickles;

  /** @param attributes of records that are kept as extras */
  constructor(attributes: readonly string[] = []) {
    this.#pickles = new RecordPickles(attributes);
  }

  /** The record of the datagram in [start, end). Throws a WireError where there is none. */
  decode(bytes: Buffer, start = 0, end = bytes.length): WireRecord {
    if (end - start < LENGTH_BYTES || bytes.readUInt32BE(start) !== end - start - LENGTH_BYTES) throw new WireError('no whole frame');
    return this.#pickles.read(bytes, start + LENGTH_BYTES, end);
  }
}

/** Cuts a stream into records. */
export class PythonStreamDecoder {
  readonly #cutter: FrameCutter;
  readonly #onMalformed: (reason: string) => void;
  readonly #pickles: RecordPickles;
  #records: WireRecord[] = [];

  /**
   * @param maxBytes longest frame
   * @param onMalformed a frame holds no record: the stream goes on behind it
   * @param attributes of records that are kept as extras
   */
  constructor(maxBytes: number, onMalformed: (reason: string) => void, attributes: readonly string[] = []) {
    this.#cutter = new FrameCutter(maxBytes);
    this.#onMalformed = onMalformed;
    this.#pickles = new RecordPickles(attributes);
  }

  get heldBytes(): number {
    return this.#cutter.heldBytes;
  }

  /** The records that are whole now. Throws a WireError for a frame that is too long, before it is waited for. */
  push(chunk: Buffer): WireRecord[] {
    this.#records = [];
    this.#cutter.push(chunk, this.#take);
    return this.#records;
  }

  /** What is not whole is no record. */
  end(): WireRecord[] {
    if (this.heldBytes > 0) this.#onMalformed('a frame that was not finished');
    this.#cutter.end();
    return [];
  }

  readonly #take = (bytes: Buffer, start: number, end: number): void => {
    try {
      this.#records.push(this.#pickles.read(bytes, start, end));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#onMalformed(error.message);
    }
  };
}
