/**
 * I/O port accesses of 1, 2 or 4 bytes on behalf of a PortRange capability, which has been checked. Strings go
 * through the bulk area of the caller's UTCB.
 */
import type { Utcb } from '../../../../lib/abi/utcb.js';

export function portRead(port: u64, bytes: u64): u64 {
  switch (bytes) {
    case 1:
      return in8(port);
    case 2:
      return in16(port);
    default:
      return in32(port);
  }
}

export function portWrite(port: u64, bytes: u64, value: u64): void {
  switch (bytes) {
    case 1:
      out8(port, value);
      break;
    case 2:
      out16(port, value);
      break;
    default:
      out32(port, value);
      break;
  }
}

export function portReadString(port: u64, bytes: u64, count: u64, utcb: Utcb): void {
  const address = addressOf(utcb.data);
  switch (bytes) {
    case 1:
      inString8(port, address, count);
      break;
    case 2:
      inString16(port, address, count);
      break;
    default:
      inString32(port, address, count);
      break;
  }
}

export function portWriteString(port: u64, bytes: u64, count: u64, utcb: Utcb): void {
  const address = addressOf(utcb.data);
  switch (bytes) {
    case 1:
      outString8(port, address, count);
      break;
    case 2:
      outString16(port, address, count);
      break;
    default:
      outString32(port, address, count);
      break;
  }
}
