/** The wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/), as far as OTLP needs it. Pure. */

import { WireError } from './wireRecord.ts';

/** Goes through the fields of one message. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;
  /** Of the current field. */
  field = 0;
  #type = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Goes to the next field, whose value has to be read or skipped then; false at the end. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const key = Number(this.varint());
    this.field = Math.floor(key / 8);
    this.#type = key & 7;
    if (this.field === 0) throw new WireError('a field without a number');
    return true;
  }

  varint(): bigint {
    let low = 0;
    let shift = 0;
    for (; shift < 28; shift += 7) {
      const byte = this.#byte();
      low += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (; shift < 70; shift += 7) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a number that is too long');
  }

  /** Of a field that is a number. */
  uint(): number {
    this.#expect(0);
    return Number(this.varint());
  }

  int64(): bigint {
    this.#expect(0);
    return BigInt.asIntN(64, this.varint());
  }

  /** A thousandth of a fixed64, as a whole number: µs of ns, which a number could not hold. */
  fixedThousandths(): number {
    this.#expect(1);
    const at = this.#skip(8);
    const [low, high] = [this.#bytes.readUInt32LE(at), this.#bytes.readUInt32LE(at + 4)];
    // 2^32 = 4 294 967 × 1000 + 296
    return high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
  }

  double(): number {
    this.#expect(1);
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  text(): string {
    const [start, end] = this.#range();
    return this.#bytes.toString('utf8', start, end);
  }

  bytes(): Buffer {
    const [start, end] = this.#range();
    return this.#bytes.subarray(start, end);
  }

  message(): ProtobufReader {
    const [start, end] = this.#range();
    return new ProtobufReader(this.#bytes, start, end);
  }

  skip(): void {
    if (this.#type === 0) this.varint();
    else if (this.#type === 1) this.#skip(8);
    else if (this.#type === 2) this.#range();
    else if (this.#type === 5) this.#skip(4);
    else throw new WireError('a field of an unknown kind');
  }

  #range(): [number, number] {
    this.#expect(2);
    const start = this.#skip(Number(this.varint()));
    return [start, this.#at];
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new WireError('a field of another kind');
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new WireError('a message that ends too early');
    return this.#bytes[this.#at++] ?? 0;
  }

  #skip(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw new WireError('a message that ends too early');
    this.#at = at + length;
    return at;
  }
}

/** A field of a number, 0 to 2^53. */
export function protobufNumber(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varintBytes(value)]);
}

/** A field of bytes, a text or a message. */
export function protobufBytes(field: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value as Buffer);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varintBytes(bytes.length)]), bytes]);
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  bytes.push(left);
  return bytes;
}
