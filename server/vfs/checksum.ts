/** The CRC-32 that gzip uses (RFC 1952, section 8; ISO 3309), a byte at a time. */
import { byteAt } from '../../lib/arch/x86_64/bytes';

/** The polynomial with its bits reversed. */
const POLYNOMIAL: u64 = 0xedb8_8320;

/** What each byte adds; made at the first use. */
const table: Fixed<u32, 256> = reserve();

function makeTable(): void {
  for (let byte: u64 = 0; byte < 256; byte++) {
    let sum: u64 = byte;
    for (let bit: u64 = 0; bit < 8; bit++) sum = (sum & 1) !== 0 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    table[byte] = sum as u32;
  }
}

/** The checksum of what `before` is the checksum of, followed by `count` bytes; 0 is that of nothing. */
export function updateChecksum(before: u32, address: u64, count: u64): u32 {
  if (table[1] === 0) makeTable();
  let sum: u64 = (before ^ 0xffff_ffff) & 0xffff_ffff;
  for (let index: u64 = 0; index < count; index++) {
    sum = table[(sum ^ byteAt(address + index)) & 255] ^ (sum >>> 8);
  }
  return (sum ^ 0xffff_ffff) as u32;
}
