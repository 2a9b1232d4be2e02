/** Files that change under their mappings. */
import type { Inode } from '../vfs/inode';
import { unmapPagesOf } from './unmap';

/** Takes the pages of `inode` from the one behind `size` on out of every address space: the file has been cut there. */
export function truncatePages(inode: Inode, size: u64): void {
  forgetFilePages(inode, (size + 4095) & ~4095, 0x7fff_ffff_ffff_f000);
}

/** Takes the pages between two page-aligned offsets of `inode` out of every address space (truncate(2), fallocate(2)). */
export function forgetFilePages(inode: Inode, start: u64, end: u64): void {
  let mapping = inode.firstMapping;
  while (mapping !== null) {
    const length = mapping.end - mapping.start;
    const first: u64 = start > mapping.offset ? start - mapping.offset : 0;
    const last: u64 = end > mapping.offset ? end - mapping.offset : 0;
    if (first < length && first < last) {
      unmapPagesOf(mapping.space, mapping.start + first, last < length ? mapping.start + last : mapping.end);
    }
    mapping = mapping.nextOfInode;
  }
}
