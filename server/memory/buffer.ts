/**
 * Where a read puts its bytes, or a write takes them: a client's memory or the server's own. Every read and write of a
 * file goes through one, so that the file need not know whose memory it is.
 *
 * Each function moves at most what is left, advances past what it moved, and returns how much that was; less than asked
 * (and than was left) means that the client's address faults there.
 */
import type { AddressSpace } from './address-space';
import { copyIn, copyOut, fillOut } from './copy';

export class Buffer {
  /** Null: the server's own memory. */
  space!: AddressSpace | null;
  address!: u64;
  /** Bytes left. */
  length!: u64;

  set(space: AddressSpace | null, address: u64, length: u64): void {
    this.space = space;
    this.address = address;
    this.length = length;
  }

  /** Bytes from `source` into the buffer. */
  put(source: u64, count: u64): u64 {
    const wanted: u64 = count < this.length ? count : this.length;
    return this.advance(copyOut(this.space, this.address, source, wanted));
  }

  /** Bytes from the buffer to `destination`. */
  take(destination: u64, count: u64): u64 {
    const wanted: u64 = count < this.length ? count : this.length;
    return this.advance(copyIn(this.space, destination, this.address, wanted));
  }

  /** `count` times the same byte into the buffer. */
  fill(byte: u64, count: u64): u64 {
    const wanted: u64 = count < this.length ? count : this.length;
    return this.advance(fillOut(this.space, this.address, byte, wanted));
  }

  private advance(count: u64): u64 {
    this.address += count;
    this.length -= count;
    return count;
  }
}
