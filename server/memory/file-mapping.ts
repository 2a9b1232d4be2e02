/** Files that change under their mappings. */
import type { Inode } from '../vfs/inode';
import { removePages } from './unmap';

/** Pages dropped in one slice. */
const SLICE: u64 = 4096;

/**
 * Takes the pages of `inode` from the one behind `size` on out of every address space: the file has been cut there. The
 * size must have been changed before, so that none comes back. False: a slice is done, and there is more to do.
 */
export function truncatePages(inode: Inode, size: u64): boolean {
  return forgetFilePages(inode, (size + 4095) & ~4095, 0x7fff_ffff_ffff_f000);
}

/**
 * Takes the pages between two page-aligned offsets of `inode` out of every address space (truncate(2), fallocate(2)).
 * False: a slice is done, and there is more to do.
 */
export function forgetFilePages(inode: Inode, start: u64, end: u64): boolean {
  let left: i64 = SLICE as i64;
  let mapping = inode.firstMapping;
  while (mapping !== null) {
    const length = mapping.end - mapping.start;
    const first: u64 = start > mapping.offset ? start - mapping.offset : 0;
    const last: u64 = end > mapping.offset ? end - mapping.offset : 0;
    if (first < length && first < last) {
      const stop: u64 = last < length ? mapping.start + last : mapping.end;
      const before = mapping.space.resident;
      const reached = removePages(mapping.space, mapping.start + first, stop, left as u64);
      left -= (before - mapping.space.resident) as i64;
      if (reached < stop || left <= 0) return false;
    }
    mapping = mapping.nextOfInode;
  }
  return true;
}
