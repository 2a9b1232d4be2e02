/**
 * One component of a path while it is being looked up: where its bytes are, how many, and their hash. It owns nothing;
 * the bytes belong to the path or the constant they were found in.
 */
import { addressOfString, byteAt, hashBytes, sameBytes } from '../../lib/arch/x86_64/bytes';

export class Name {
  address!: u64;
  length!: u64;
  hash!: u64;

  set(address: u64, length: u64): void {
    this.address = address;
    this.length = length;
    this.hash = hashBytes(address, length);
  }

  is(text: string): boolean {
    const length: u64 = text.length as u64;
    return this.length === length && sameBytes(this.address, addressOfString(text), length);
  }

  get isDot(): boolean {
    return this.length === 1 && byteAt(this.address) === 46;
  }

  get isDotDot(): boolean {
    return this.length === 2 && byteAt(this.address) === 46 && byteAt(this.address + 1) === 46;
  }

  /** The value of a name that is a decimal number without leading zeros, as procfs uses; -1 for any other. */
  get number(): i64 {
    if (this.length === 0 || this.length > 10) return -1;
    let value: i64 = 0;
    for (let index: u64 = 0; index < this.length; index++) {
      const byte = byteAt(this.address + index);
      if (byte < 48 || byte > 57) return -1;
      if (index === 1 && value === 0) return -1;
      value = value * 10 + (byte - 48);
    }
    return value;
  }
}

const constantName: Name = reserve();

/** A name from a constant; valid until the next call. */
export function nameOf(text: string): Name {
  constantName.set(addressOfString(text), text.length as u64);
  return constantName;
}
