/** The header and the trailer of a gzip member (RFC 1952, 2.3). */

const [HAS_CHECKSUM, HAS_EXTRA, HAS_NAME, HAS_COMMENT] = [2, 4, 8, 16];
const FIXED_BYTES = 10;
/** Bytes of the trailer: CRC-32 and length of the output. */
export const TRAILER = 8;

/** Bytes of the header that begins at `at`; undefined where none begins there, or where it goes beyond the given bytes. */
export function gzipHeaderBytes(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < FIXED_BYTES) return undefined;
  const flags = bytes.readUInt8(at + 3);
  // Magic, deflate, and no flag that RFC 1952 keeps for later.
  if (bytes.readUInt16BE(at) !== 0x1f8b || bytes.readUInt8(at + 2) !== 8 || flags >= 32) return undefined;
  let end = at + FIXED_BYTES;
  if (flags & HAS_EXTRA) {
    if (end + 2 > bytes.length) return undefined;
    end += 2 + bytes.readUInt16LE(end);
  }
  for (const text of [HAS_NAME, HAS_COMMENT]) {
    if (!(flags & text)) continue;
    const zero = end > bytes.length ? -1 : bytes.indexOf(0, end);
    if (zero === -1) return undefined;
    end = zero + 1;
  }
  if (flags & HAS_CHECKSUM) end += 2;
  return end > bytes.length ? undefined : end - at;
}

/** What is wrong with a member after its last byte of output; undefined where nothing is. */
export function checkTrailer(trailer: Buffer, crc: number, length: number): Error | undefined {
  if (trailer.length < TRAILER) return new Error('unexpected end of file');
  if (trailer.readUInt32LE(0) !== crc) return new Error('incorrect data check');
  return trailer.readUInt32LE(4) === length % 2 ** 32 ? undefined : new Error('incorrect length check');
}
