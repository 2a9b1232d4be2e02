// Bytes of the WebAssembly binary format: LEB128 numbers, names and sections, written and read
// (WebAssembly core specification, sections 5.2 and 5.5).

export class ByteWriter {
  private bytes = new Uint8Array(1 << 16);
  length = 0;

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  raw(values: ArrayLike<number>): void {
    this.reserve(values.length);
    this.bytes.set(values, this.length);
    this.length += values.length;
  }

  unsigned(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  signed(value: bigint): void {
    let rest = value;
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) {
        this.byte(low);
        return;
      }
      this.byte(low + 128);
    }
  }

  name(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.unsigned(bytes.length);
    this.raw(bytes);
  }

  /** Appends what `fill` writes, preceded by `id` and its length. */
  section(id: number, fill: (content: ByteWriter) => void): void {
    const content = new ByteWriter();
    fill(content);
    this.byte(id);
    this.sized(content);
  }

  sized(content: ByteWriter): void {
    this.unsigned(content.length);
    this.raw(content.toBytes());
  }

  toBytes(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export class ByteReader {
  constructor(
    private readonly bytes: Uint8Array,
    public offset = 0,
    readonly end = bytes.length,
  ) {}

  /** A second reader at the same place. */
  fork(): ByteReader {
    return new ByteReader(this.bytes, this.offset, this.end);
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    const value = this.bytes[this.offset++];
    if (value === undefined || this.offset > this.end) throw new RangeError('truncated WebAssembly module');
    return value;
  }

  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  signed(): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
      if (byte < 128) return byte >= 64 ? value - (1n << shift) : value;
    }
  }

  name(): string {
    return Buffer.from(this.take(this.unsigned())).toString('utf8');
  }

  take(count: number): Uint8Array {
    if (this.offset + count > this.end) throw new RangeError('truncated WebAssembly module');
    this.offset += count;
    return this.bytes.subarray(this.offset - count, this.offset);
  }

  /** A reader of the next `count` bytes; this one continues behind them. */
  slice(count: number): ByteReader {
    const start = this.offset;
    this.take(count);
    return new ByteReader(this.bytes, start, start + count);
  }

  list<T>(read: (reader: ByteReader) => T): T[] {
    return Array.from({ length: this.unsigned() }, () => read(this));
  }
}
