/** CRC-32 as gzip has it (RFC 1952, 8), of two parts of which only the checksums are known. The checksums themselves are zlib's. */

/** The polynomial, reflected: the highest bit is the coefficient of x^0. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
/** x^8: a byte more. */
const BYTE = 0x00800000;

/** The product of two polynomials over GF(2), modulo that one. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}

/** x^(8 × bytes): what a checksum is multiplied with when so many bytes come after. */
function shiftBy(bytes: number): number {
  let result = ONE;
  for (let rest = bytes, power = BYTE; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

/**
 * The CRC-32 of two parts, one after the other.
 * @param length bytes of the second one
 */
export function combineCrc(first: number, second: number, length: number): number {
  return (multiply(first, shiftBy(length)) ^ second) >>> 0;
}
