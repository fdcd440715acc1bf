/** Where the members of a generation begin that Safelog has compressed: read from their headers alone, nothing is decompressed. */
import type { FileHandle } from 'node:fs/promises';
import { BLOCK_BYTES, MEMBER_HEADER_BYTES, readMember } from '../generation/memberGzip.ts';
import type { Checkpoint, Segment, Starts } from './checkpoint.ts';
import { BEGINNING, lastNotAfter } from './checkpoint.ts';
import { combineCrc } from './checksum.ts';
import { TRAILER } from './gzipMember.ts';

/** More than this a header does not get believed; deflate adds 5 bytes to 16 KiB at the worst. */
const MAX_MEMBER_BYTES = BLOCK_BYTES + (BLOCK_BYTES >> 8);

export class MemberTable implements Starts {
  /** Offsets of member i and of its block; the last pair is the end of both. */
  private constructor(
    private readonly inputs: Float64Array,
    private readonly outputs: Float64Array,
  ) {}

  /** Undefined where not the whole file, to its last byte, is members of ours. */
  static async read(file: FileHandle): Promise<MemberTable | undefined> {
    const { size } = await file.stat();
    const inputs = [0];
    const outputs = [0];
    const header = Buffer.alloc(MEMBER_HEADER_BYTES);
    let output = 0;
    for (let input = 0; input < size; ) {
      const { bytesRead } = await file.read(header, 0, header.length, input);
      const member = readMember(header.subarray(0, bytesRead));
      if (member === undefined || member.blockBytes > BLOCK_BYTES || member.memberBytes > MAX_MEMBER_BYTES) return undefined;
      input += member.memberBytes;
      output += member.blockBytes;
      inputs.push(input);
      outputs.push(output);
      if (input > size) return undefined;
    }
    return size === 0 ? undefined : new MemberTable(Float64Array.from(inputs), Float64Array.from(outputs));
  }

  get length(): number {
    return this.outputs.at(-1) ?? 0;
  }

  get bytes(): number {
    return this.inputs.byteLength * 2;
  }

  before(output: number): Checkpoint {
    const member = Math.min(this.memberAt(output), this.inputs.length - 2);
    return this.start(member);
  }

  segment(output: number): Segment | undefined {
    const member = this.memberAt(output);
    if (member < 0 || member >= this.inputs.length - 1) return undefined;
    const [start = 0, end = 0] = this.outputs.subarray(member, member + 2);
    const nextInput = this.inputs[member + 1];
    return { from: this.start(member), length: end - start, nextInput };
  }

  private start(member: number): Checkpoint {
    return member <= 0 ? BEGINNING : { input: this.inputs[member] ?? 0, bits: 0, output: this.outputs[member] ?? 0 };
  }

  /** CRC-32 of what is decompressed, as the members' trailers tell it. */
  async checksum(file: FileHandle): Promise<number> {
    const trailer = Buffer.alloc(TRAILER);
    let crc = 0;
    for (let member = 1; member < this.inputs.length; member++) {
      await file.read(trailer, 0, TRAILER, (this.inputs[member] ?? 0) - TRAILER);
      crc = combineCrc(crc, trailer.readUInt32LE(0), (this.outputs[member] ?? 0) - (this.outputs[member - 1] ?? 0));
    }
    return crc;
  }

  private memberAt(output: number): number {
    return lastNotAfter(this.outputs.length, (index) => this.outputs[index] ?? Number.POSITIVE_INFINITY, output);
  }
}
