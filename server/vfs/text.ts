/**
 * Text under construction in server memory: what procfs files, links and messages are written with. It never overflows:
 * what does not fit is dropped and `isFull` says so, so a caller can grow the room and write again.
 */
import { addressOfString, copyMemory, setByteAt } from '../../lib/arch/x86_64/bytes';

export class Text {
  address!: u64;
  capacity!: u64;
  length!: u64;
  isFull!: boolean;

  /** Starts over in `capacity` bytes at `address`. */
  begin(address: u64, capacity: u64): void {
    this.address = address;
    this.capacity = capacity;
    this.length = 0;
    this.isFull = false;
  }

  putByte(byte: u64): void {
    if (this.length >= this.capacity) {
      this.isFull = true;
      return;
    }
    setByteAt(this.address + this.length, byte);
    this.length += 1;
  }

  putBytes(source: u64, count: u64): void {
    let fitting: u64 = count;
    if (fitting > this.capacity - this.length) {
      fitting = this.capacity - this.length;
      this.isFull = true;
    }
    copyMemory(this.address + this.length, source, fitting);
    this.length += fitting;
  }

  putString(text: string): void {
    this.putBytes(addressOfString(text), text.length as u64);
  }

  putDecimal(value: u64): void {
    let rest: u64 = value;
    let digits: u64 = 1;
    let scale: u64 = rest / 10;
    while (scale !== 0) {
      digits += 1;
      scale = scale / 10;
    }
    if (digits > this.capacity - this.length) {
      this.isFull = true;
      return;
    }
    let at: u64 = this.address + this.length + digits;
    this.length += digits;
    while (digits !== 0) {
      const quotient: u64 = rest / 10;
      at -= 1;
      setByteAt(at, 48 + (rest - quotient * 10));
      rest = quotient;
      digits -= 1;
    }
  }

  putSigned(value: i64): void {
    if (value < 0) {
      this.putByte(45);
      this.putDecimal((0 - value) as u64);
    } else {
      this.putDecimal(value as u64);
    }
  }

  /** At least `width` digits, filled with `fill` on the left. */
  putPadded(value: u64, width: u64, fill: u64): void {
    let digits: u64 = 1;
    let scale: u64 = value / 10;
    while (scale !== 0) {
      digits += 1;
      scale = scale / 10;
    }
    while (digits < width) {
      this.putByte(fill);
      digits += 1;
    }
    this.putDecimal(value);
  }

  /** Hexadecimal in lower case, at least `width` digits. */
  putHex(value: u64, width: u64): void {
    let digits: u64 = 1;
    while (digits < 16 && value >>> (digits * 4) !== 0) digits += 1;
    if (digits < width) digits = width;
    while (digits !== 0) {
      digits -= 1;
      const digit: u64 = (value >>> (digits * 4)) & 15;
      this.putByte(digit < 10 ? 48 + digit : 87 + digit);
    }
  }

  /** Octal with at least `width` digits. */
  putOctal(value: u64, width: u64): void {
    let digits: u64 = 1;
    while (digits < 22 && value >>> (digits * 3) !== 0) digits += 1;
    if (digits < width) digits = width;
    while (digits !== 0) {
      digits -= 1;
      this.putByte(48 + ((value >>> (digits * 3)) & 7));
    }
  }

  newline(): void {
    this.putByte(10);
  }

  space(): void {
    this.putByte(32);
  }
}
