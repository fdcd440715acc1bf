/** What content is recognised by: its first bytes, its last bytes so far, and the checksum of all of it. */
import { crc32 } from 'node:zlib';

/** So many bytes before the end are compared, before what was appended is believed to belong to the same content. */
export const SEAM_BYTES = 256;
/** So many at the beginning tell content from most other content. */
export const HEAD_BYTES = 256;

export class Fingerprint {
  private constructor(
    readonly head: Buffer,
    readonly seam: Buffer,
    /** CRC-32 */
    readonly crc: number,
  ) {}

  static readonly none = new Fingerprint(Buffer.alloc(0), Buffer.alloc(0), 0);

  /** Takes in what was kept as plain data. */
  static from({ head, seam, crc }: { head: Uint8Array; seam: Uint8Array; crc: number }): Fingerprint {
    return new Fingerprint(Buffer.from(head), Buffer.from(seam), crc);
  }

  /** Of this content with more behind it. */
  and(piece: Buffer): Fingerprint {
    const { head, seam, crc } = this;
    return new Fingerprint(
      head.length < HEAD_BYTES ? Buffer.concat([head, piece.subarray(0, HEAD_BYTES - head.length)]) : head,
      Buffer.from(piece.length >= SEAM_BYTES ? piece.subarray(-SEAM_BYTES) : Buffer.concat([seam, piece]).subarray(-SEAM_BYTES)),
      crc32(piece, crc),
    );
  }
}
