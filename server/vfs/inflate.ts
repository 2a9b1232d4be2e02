/**
 * Decompression of gzip members (RFC 1952) holding DEFLATE data (RFC 1951), a piece at a time: `run` stops whenever the
 * window is half full, hands out what is new, and goes on from there.
 *
 * Nothing in the input is trusted: code lengths must form a complete code (or a single code of one bit, as RFC 1951
 * allows for distances), distances must stay within what was written, and every read of the input is checked.
 */
import { byteAt, setByteAt, word64At } from '../../lib/arch/x86_64/bytes';
import { updateChecksum } from './checksum';

/** The window is 64 KB. */
const WINDOW_MASK: u64 = 65535;
/** One run writes at most this much, so a window's worth of history is always left. */
const PIECE: u64 = 32768;
const MAXIMUM_BITS: u64 = 15;
const END_OF_BLOCK: u64 = 256;

export enum InflateError {
  None,
  /** The input ended inside the stream. */
  Truncated,
  BadHeader,
  BadBlock,
  BadCode,
  BadDistance,
  BadChecksum,
}

enum InflateState {
  Block,
  Stored,
  Coded,
  Trailer,
  Done,
}

/** Base values and extra bits of length symbols 257 to 285 and distance symbols 0 to 29 (RFC 1951, 3.2.5). */
const LENGTH_BASE: readonly u16[] = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS: readonly u8[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE: readonly u16[] = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_BITS: readonly u8[] = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which the lengths of the code-length code come (RFC 1951, 3.2.7). */
const LENGTH_ORDER: readonly u8[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Codes up to this length are found with one look. */
const FAST_BITS: u64 = 9;
const FAST_ENTRIES: u64 = 512;

/**
 * A canonical prefix code: how many codes there are of each length, and their symbols in order of code; and for the next
 * nine bits of input, the symbol that they begin with (above its length in the low four bits), 0 if that is longer.
 */
class PrefixCode {
  counts!: Fixed<u16, 16>;
  symbols!: Fixed<u16, 320>;
  fast!: Fixed<u16, 512>;

  /** Builds the code from `lengths`; false if it is over-subscribed, or incomplete with more than one code. */
  build(lengths: Fixed<u8, 320>, first: u64, count: u64): boolean {
    for (let length: u64 = 0; length <= MAXIMUM_BITS; length++) this.counts[length] = 0;
    for (let index: u64 = 0; index < count; index++) this.counts[lengths[first + index]] += 1;
    let left: i64 = 1;
    let total: u64 = 0;
    for (let length: u64 = 1; length <= MAXIMUM_BITS; length++) {
      left = left * 2 - this.counts[length];
      if (left < 0) return false;
      total += this.counts[length];
    }
    if (left > 0 && total > 1) return false;
    codeOffsets[1] = 0;
    for (let length: u64 = 1; length < MAXIMUM_BITS; length++) {
      codeOffsets[length + 1] = (codeOffsets[length] + this.counts[length]) as u16;
    }
    for (let index: u64 = 0; index < count; index++) {
      const length: u64 = lengths[first + index];
      if (length === 0) continue;
      this.symbols[codeOffsets[length]] = index as u16;
      codeOffsets[length] = (codeOffsets[length] + 1) as u16;
    }
    this.buildFast();
    return true;
  }

  /** Enters every short code under all inputs that begin with it; in the input a code's first bit comes lowest. */
  private buildFast(): void {
    for (let index: u64 = 0; index < FAST_ENTRIES; index++) this.fast[index] = 0;
    let code: u64 = 0;
    let position: u64 = 0;
    for (let length: u64 = 1; length <= FAST_BITS; length++) {
      for (let left: u64 = this.counts[length]; left !== 0; left--) {
        let index: u64 = reversed(code, length);
        while (index < FAST_ENTRIES) {
          this.fast[index] = ((this.symbols[position] << 4) | length) as u16;
          index += (1 as u64) << length;
        }
        code += 1;
        position += 1;
      }
      code = code << 1;
    }
  }
}

function reversed(code: u64, length: u64): u64 {
  let rest: u64 = code;
  let result: u64 = 0;
  for (let bit: u64 = 0; bit < length; bit++) {
    result = (result << 1) | (rest & 1);
    rest = rest >>> 1;
  }
  return result;
}

const codeOffsets: Fixed<u16, 16> = reserve();
const codeLengths: Fixed<u8, 320> = reserve();

export class Inflate {
  /** The input that is left. */
  position!: u64;
  end!: u64;
  state!: InflateState;
  error!: InflateError;
  isLastBlock!: boolean;
  bits!: u64;
  bitCount!: u64;
  storedLeft!: u64;
  /** Bytes written since the member began; the window holds the last of them. */
  written!: u64;
  checksum!: u32;
  expectedChecksum!: u32;
  /** What is left of a match that the end of a piece cut. */
  matchLeft!: u64;
  matchDistance!: u64;
  /** Where the piece that `run` made begins and how long it is. */
  piece!: u64;
  pieceLength!: u64;
  literals!: Inline<PrefixCode>;
  distances!: Inline<PrefixCode>;
  window!: Fixed<u8, 65536>;

  /** Reads a member's header; the stream then yields its contents. False, with `error` set: it is none. */
  begin(address: u64, length: u64): boolean {
    this.position = address;
    this.end = address + length;
    this.state = InflateState.Block;
    this.error = InflateError.None;
    this.isLastBlock = false;
    this.bits = 0;
    this.bitCount = 0;
    this.written = 0;
    this.checksum = 0;
    this.matchLeft = 0;
    if (!this.readHeader() && this.error === InflateError.None) this.error = InflateError.BadHeader;
    return this.error === InflateError.None;
  }

  get isDone(): boolean {
    return this.state === InflateState.Done;
  }

  /** Makes the next piece, at most 32 KB; false when something is wrong with the input. */
  run(): boolean {
    const start = this.written;
    // A run begins on either half of the window, so that a piece never wraps around its end.
    const limit: u64 = (start | (PIECE - 1)) + 1;
    while (this.written < limit && this.state !== InflateState.Done) {
      if (this.state === InflateState.Block) this.readBlock();
      else if (this.state === InflateState.Stored) this.copyStored(limit);
      else if (this.state === InflateState.Coded) this.decode(limit);
      else this.readTrailer();
      if (this.error !== InflateError.None) return false;
    }
    this.piece = addressOf(this.window) + (start & WINDOW_MASK);
    this.pieceLength = this.written - start;
    this.checksum = updateChecksum(this.checksum, this.piece, this.pieceLength);
    if (this.state === InflateState.Done && this.checksum !== this.expectedChecksum) {
      this.error = InflateError.BadChecksum;
      return false;
    }
    return true;
  }

  private byte(): u64 {
    if (this.position >= this.end) {
      this.error = InflateError.Truncated;
      return 0;
    }
    const value = byteAt(this.position);
    this.position += 1;
    return value;
  }

  private skipText(): void {
    while (this.error === InflateError.None && this.byte() !== 0);
  }

  private readHeader(): boolean {
    if (this.byte() !== 0x1f || this.byte() !== 0x8b || this.byte() !== 8) return false;
    const flags = this.byte();
    if ((flags & 0xe0) !== 0) return false;
    for (let skipped: u64 = 0; skipped < 6; skipped++) this.byte();
    if ((flags & 4) !== 0) {
      let extra: u64 = this.byte();
      extra += this.byte() << 8;
      while (extra !== 0 && this.error === InflateError.None) {
        this.byte();
        extra -= 1;
      }
    }
    if ((flags & 8) !== 0) this.skipText();
    if ((flags & 16) !== 0) this.skipText();
    if ((flags & 2) !== 0) {
      this.byte();
      this.byte();
    }
    return this.error === InflateError.None;
  }

  /** Gets at least 48 bits ready, or all that are left. */
  private fill(): void {
    if (this.end - this.position >= 8) {
      this.bits = this.bits | (word64At(this.position) << this.bitCount);
      this.position += (63 - this.bitCount) >>> 3;
      this.bitCount = this.bitCount | 56;
      return;
    }
    while (this.bitCount <= 48 && this.position < this.end) {
      this.bits = this.bits | ((byteAt(this.position) as u64) << this.bitCount);
      this.position += 1;
      this.bitCount += 8;
    }
  }

  /** Goes back to the start of the first whole byte that was not used. */
  private align(): void {
    this.position -= this.bitCount >>> 3;
    this.bits = 0;
    this.bitCount = 0;
  }

  private drop(count: u64): void {
    if (count > this.bitCount) {
      this.error = InflateError.Truncated;
      return;
    }
    this.bits = this.bits >>> count;
    this.bitCount -= count;
  }

  private take(count: u64): u64 {
    if (this.bitCount < count) this.fill();
    const value: u64 = this.bits & (((1 as u64) << count) - 1);
    this.drop(count);
    return this.error === InflateError.None ? value : 0;
  }

  private symbol(code: PrefixCode): u64 {
    if (this.bitCount < MAXIMUM_BITS) this.fill();
    const entry: u64 = code.fast[this.bits & (FAST_ENTRIES - 1)];
    if (entry === 0) return this.longSymbol(code);
    this.drop(entry & 15);
    return entry >>> 4;
  }

  /** The next symbol of a code, bit by bit from the shortest length (RFC 1951, 3.2.2). */
  private longSymbol(code: PrefixCode): u64 {
    let value: i64 = 0;
    let first: i64 = 0;
    let index: i64 = 0;
    for (let length: u64 = 1; length <= MAXIMUM_BITS; length++) {
      value = value | (this.take(1) as i64);
      if (this.error !== InflateError.None) return 0;
      const count: i64 = code.counts[length];
      if (value - count < first) return code.symbols[index + (value - first)];
      index += count;
      first = (first + count) << 1;
      value = value << 1;
    }
    this.error = InflateError.BadCode;
    return 0;
  }

  private readBlock(): void {
    if (this.isLastBlock) {
      this.state = InflateState.Trailer;
      return;
    }
    this.isLastBlock = this.take(1) === 1;
    const type = this.take(2);
    if (this.error !== InflateError.None) return;
    if (type === 0) this.readStored();
    else if (type === 1) this.useFixedCodes();
    else if (type === 2) this.readCodes();
    else this.error = InflateError.BadBlock;
  }

  private readStored(): void {
    this.align();
    let length: u64 = this.byte();
    length += this.byte() << 8;
    let inverse: u64 = this.byte();
    inverse += this.byte() << 8;
    if (this.error === InflateError.None && (length ^ inverse) !== 0xffff) this.error = InflateError.BadBlock;
    this.storedLeft = length;
    this.state = InflateState.Stored;
  }

  private copyStored(limit: u64): void {
    while (this.storedLeft !== 0 && this.written < limit && this.error === InflateError.None) {
      this.put(this.byte());
      this.storedLeft -= 1;
    }
    if (this.storedLeft === 0) this.state = InflateState.Block;
  }

  private put(value: u64): void {
    setByteAt(addressOf(this.window) + (this.written & WINDOW_MASK), value);
    this.written += 1;
  }

  private useFixedCodes(): void {
    for (let index: u64 = 0; index < 288; index++) {
      let length: u64 = 8;
      if (index >= 144 && index < 256) length = 9;
      else if (index >= 256 && index < 280) length = 7;
      codeLengths[index] = length as u8;
    }
    this.literals.build(codeLengths, 0, 288);
    for (let index: u64 = 0; index < 30; index++) codeLengths[index] = 5;
    // Thirty codes of five bits leave two unused, which the check for completeness would refuse.
    codeLengths[30] = 5;
    codeLengths[31] = 5;
    this.distances.build(codeLengths, 0, 32);
    this.state = InflateState.Coded;
  }

  private readCodes(): void {
    const literalCount: u64 = this.take(5) + 257;
    const distanceCount: u64 = this.take(5) + 1;
    const lengthCount: u64 = this.take(4) + 4;
    if (literalCount > 286 || distanceCount > 30) this.error = InflateError.BadCode;
    if (this.error !== InflateError.None) return;
    for (let index: u64 = 0; index < 19; index++) codeLengths[index] = 0;
    for (let index: u64 = 0; index < lengthCount; index++) codeLengths[LENGTH_ORDER[index]] = this.take(3) as u8;
    if (!this.literals.build(codeLengths, 0, 19)) this.error = InflateError.BadCode;
    this.readLengths(literalCount + distanceCount);
    if (this.error !== InflateError.None) return;
    if (codeLengths[END_OF_BLOCK] === 0) this.error = InflateError.BadCode;
    if (!this.distances.build(codeLengths, literalCount, distanceCount)) this.error = InflateError.BadCode;
    if (!this.literals.build(codeLengths, 0, literalCount)) this.error = InflateError.BadCode;
    this.state = InflateState.Coded;
  }

  /** The lengths of both codes, in one run with repeats (symbols 16 to 18). */
  private readLengths(total: u64): void {
    let index: u64 = 0;
    while (index < total && this.error === InflateError.None) {
      const symbol = this.symbol(this.literals);
      if (symbol < 16) {
        codeLengths[index] = symbol as u8;
        index += 1;
        continue;
      }
      let repeated: u64 = 0;
      let times: u64 = 0;
      if (symbol === 16) {
        if (index === 0) {
          this.error = InflateError.BadCode;
          return;
        }
        repeated = codeLengths[index - 1];
        times = 3 + this.take(2);
      } else if (symbol === 17) {
        times = 3 + this.take(3);
      } else {
        times = 11 + this.take(7);
      }
      if (index + times > total) {
        this.error = InflateError.BadCode;
        return;
      }
      while (times !== 0) {
        codeLengths[index] = repeated as u8;
        index += 1;
        times -= 1;
      }
    }
  }

  /** Symbols until the piece is full or the block ends. A match may be cut in two by the end of a piece. */
  private decode(limit: u64): void {
    if (this.matchLeft !== 0) this.copyMatch(limit);
    while (this.written < limit && this.error === InflateError.None) {
      const symbol = this.symbol(this.literals);
      if (this.error !== InflateError.None) return;
      if (symbol < END_OF_BLOCK) {
        this.put(symbol);
        continue;
      }
      if (symbol === END_OF_BLOCK) {
        this.state = InflateState.Block;
        return;
      }
      this.readMatch(symbol - 257);
      if (this.error === InflateError.None) this.copyMatch(limit);
    }
  }

  private readMatch(lengthSymbol: u64): void {
    if (lengthSymbol >= 29) {
      this.error = InflateError.BadCode;
      return;
    }
    this.matchLeft = LENGTH_BASE[lengthSymbol] + this.take(LENGTH_BITS[lengthSymbol]);
    const symbol = this.symbol(this.distances);
    if (this.error !== InflateError.None) return;
    if (symbol >= 30) {
      this.error = InflateError.BadCode;
      return;
    }
    this.matchDistance = DISTANCE_BASE[symbol] + this.take(DISTANCE_BITS[symbol]);
    if (this.matchDistance > this.written) this.error = InflateError.BadDistance;
  }

  private copyMatch(limit: u64): void {
    while (this.matchLeft !== 0 && this.written < limit) {
      this.put(byteAt(addressOf(this.window) + ((this.written - this.matchDistance) & WINDOW_MASK)));
      this.matchLeft -= 1;
    }
  }

  /** Checksum and length of the contents; `run` compares the checksum once the last piece is counted. */
  private readTrailer(): void {
    this.align();
    let expected: u64 = 0;
    let length: u64 = 0;
    for (let shift: u64 = 0; shift < 32; shift += 8) expected = expected | (this.byte() << shift);
    for (let shift: u64 = 0; shift < 32; shift += 8) length = length | (this.byte() << shift);
    this.expectedChecksum = expected as u32;
    if (this.error === InflateError.None && length !== (this.written & 0xffff_ffff))
      this.error = InflateError.BadChecksum;
    this.state = InflateState.Done;
  }
}
