/**
 * A bounded window on physical memory that firmware or a loader filled: reads beyond its end give 0 and are remembered,
 * so a parser of hostile tables checks `overrun` once instead of every offset. Fields there need not be aligned.
 */
import { mapForReading } from './kernel-map.js';
import { directAddress } from './memory.js';

export class PhysicalView {
  address!: u64;
  length!: u64;
  /** A read went beyond the end. */
  overrun!: boolean;

  /** Shows [physical, physical + length); false, and an empty window, if that cannot be. */
  open(physical: u64, length: u64): boolean {
    this.overrun = false;
    this.length = 0;
    if (physical === 0 || !mapForReading(physical, length)) {
      return false;
    }
    this.address = directAddress(physical);
    this.length = length;
    return true;
  }

  /** Whether `bytes` bytes at `offset` lie inside. */
  has(offset: u64, bytes: u64): boolean {
    return offset <= this.length && bytes <= this.length - offset;
  }

  u8At(offset: u64): u8 {
    return this.reaches(offset, 1) ? load8(this.address + offset) : 0;
  }

  u16At(offset: u64): u16 {
    return this.reaches(offset, 2) ? load16(this.address + offset) : 0;
  }

  u32At(offset: u64): u32 {
    return this.reaches(offset, 4) ? load32(this.address + offset) : 0;
  }

  u64At(offset: u64): u64 {
    return this.reaches(offset, 8) ? load64(this.address + offset) : 0;
  }

  /** Whether all bytes add up to 0 modulo 256, as ACPI's tables do (ACPI 6.5, 5.2.5.3). */
  hasZeroSum(bytes: u64): boolean {
    let sum: u64 = 0;
    for (let offset: u64 = 0; offset < bytes; offset++) {
      sum += this.u8At(offset);
    }
    return (sum & 0xff) === 0 && !this.overrun;
  }

  private reaches(offset: u64, bytes: u64): boolean {
    if (this.has(offset, bytes)) {
      return true;
    }
    this.overrun = true;
    return false;
  }
}
