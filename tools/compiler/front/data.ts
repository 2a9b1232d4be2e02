/**
 * Constant bytes and static storage. A string is the address of its first character; its length is the u32 before
 * it, and a zero byte follows. A table of strings holds offsets into the constant bytes, so nothing needs relocation.
 */
const STATIC_ALIGNMENT = 64;
const roundUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

export class Data {
  private readonly bytes: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  private readonly strings = new Map<string, number>();
  private statics = 0;

  get staticBytes(): number {
    return this.statics;
  }

  readOnly(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }

  /** Zeroed storage; the offset of its first byte. */
  reserve(size: number): number {
    const offset = this.statics;
    this.statics = roundUp(offset + size, STATIC_ALIGNMENT);
    return offset;
  }

  /** The offset of a string's first character. The text is ASCII. */
  string(text: string): number {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    this.align(4);
    this.append(BigInt(text.length), 4);
    const offset = this.bytes.length;
    for (let index = 0; index < text.length; index++) this.bytes.push(text.charCodeAt(index));
    this.bytes.push(0);
    this.strings.set(text, offset);
    return offset;
  }

  /** The offset of a table of `size`-byte elements. */
  table(values: readonly bigint[], size: number): number {
    this.align(Math.max(size, 1));
    const offset = this.bytes.length;
    for (const value of values) this.append(value, size);
    return offset;
  }

  private align(alignment: number): void {
    while (this.bytes.length % alignment !== 0) this.bytes.push(0);
  }

  private append(value: bigint, size: number): void {
    const bits = BigInt.asUintN(64, value);
    for (let byte = 0; byte < size; byte++) this.bytes.push(Number((bits >> BigInt(8 * byte)) & 0xffn));
  }
}
