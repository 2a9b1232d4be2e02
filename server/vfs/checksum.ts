/** The CRC-32 that gzip uses (RFC 1952, section 8; ISO 3309), four bits at a time. */
import { byteAt } from '../../lib/arch/x86_64/bytes';

const TABLE: readonly u32[] = [
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
  0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
];

/** The checksum of what `before` is the checksum of, followed by `count` bytes; 0 is that of nothing. */
export function updateChecksum(before: u32, address: u64, count: u64): u32 {
  let sum: u64 = (before ^ 0xffff_ffff) & 0xffff_ffff;
  for (let index: u64 = 0; index < count; index++) {
    sum = sum ^ byteAt(address + index);
    sum = (sum >>> 4) ^ TABLE[sum & 15];
    sum = (sum >>> 4) ^ TABLE[sum & 15];
  }
  return (sum ^ 0xffff_ffff) as u32;
}
