/** The frames of Python's SocketHandler and DatagramHandler: u32 length (big-endian), and a pickle of the record's dict. Pure. */

import { PickleError, readPickle } from './pickle.ts';
import { fromPythonRecord } from './pythonRecord.ts';
import { WireError, type WireRecord } from './wireRecord.ts';

const LENGTH_BYTES = 4;
const SMALL_BYTES = 65_536;

/** The record of a datagram, which is one whole frame; with `attributes` among its extras. Throws a WireError. */
export function decodePythonDatagram(datagram: Buffer, attributes: readonly string[] = []): WireRecord {
  if (datagram.length < LENGTH_BYTES || datagram.readUInt32BE(0) !== datagram.length - LENGTH_BYTES) throw new WireError('no whole frame');
  return decodeRecord(datagram, LENGTH_BYTES, datagram.length, attributes);
}

function decodeRecord(bytes: Buffer, start: number, end: number, attributes: readonly string[]): WireRecord {
  try {
    return fromPythonRecord(readPickle(bytes, start, end), attributes);
  } catch (error) {
    if (error instanceof PickleError) throw new WireError(`no pickle of a record: ${error.message}`);
    throw error;
  }
}

/** Cuts a stream into records. */
export class PythonStreamDecoder {
  readonly #maxBytes: number;
  readonly #onMalformed: (reason: string) => void;
  readonly #attributes: readonly string[];
  /** What has come of a frame that is not whole, and how many bytes it needs; 0: not known yet. */
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = 0;

  /**
   * @param maxBytes longest frame
   * @param onMalformed a frame holds no record: the stream goes on behind it
   * @param attributes of records that are kept as extras
   */
  constructor(maxBytes: number, onMalformed: (reason: string) => void, attributes: readonly string[] = []) {
    this.#maxBytes = maxBytes;
    this.#onMalformed = onMalformed;
    this.#attributes = attributes;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** The records that are whole now. Throws a WireError for a frame that is too long, before it is waited for. */
  push(chunk: Buffer): WireRecord[] {
    this.#hold(chunk);
    if (this.#bytes < Math.max(this.#needed, LENGTH_BYTES)) return [];
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks, this.#bytes);
    const records: WireRecord[] = [];
    let at = 0;
    this.#needed = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length > this.#maxBytes) throw new WireError('a frame that is too long');
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) {
        this.#needed = LENGTH_BYTES + length;
        break;
      }
      try {
        records.push(decodeRecord(bytes, at + LENGTH_BYTES, end, this.#attributes));
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.#onMalformed(error.message);
      }
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    return records;
  }

  /** What is not whole is no record. */
  end(): WireRecord[] {
    if (this.#bytes > 0) this.#onMalformed('a frame that was not finished');
    this.#chunks = [];
    this.#bytes = 0;
    return [];
  }

  #hold(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const last = this.#chunks.at(-1);
    // A frame that drips in byte by byte must not become a million of objects.
    if (last && this.#chunks.length > 1 && last.length + chunk.length <= SMALL_BYTES)
      this.#chunks[this.#chunks.length - 1] = Buffer.concat([last, chunk]);
    else this.#chunks.push(chunk);
  }
}
