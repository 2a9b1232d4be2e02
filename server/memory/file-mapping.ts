/**
 * Files whose pages go while they are mapped (truncate(2), fallocate(2)).
 *
 * A file may be mapped any number of times, so its mappings are visited in slices, while others come and go. The
 * inode counts its cuts, and each mapping remembers the last one that it has seen. In the inode's list those that
 * have seen the current cut come last; one that is new, or that got pages from another, stands first and has not. So
 * the cut is through when the first mapping has seen it. Of one inode there is one cut at a time (vfs/tmpfs/cut.ts).
 */
import type { Inode } from '../vfs/inode';
import { removeFilePages, removePages } from './unmap';

/** Pages dropped in one slice, and how many of them looking at a mapping counts for. */
const SLICE: i64 = 2048;
const MAPPING_COST: i64 = 12;

/** Begins a cut of `inode`: its mappings have not seen it. */
export function beginCut(inode: Inode): void {
  inode.cuts = (inode.cuts + 1) as u32;
}

/**
 * Takes the pages between two page-aligned offsets of `inode` out of every address space that has not seen the current
 * cut; with `keepsCopies` all but private copies of them. None may come back meanwhile. False: a slice is done, and
 * there is more to do.
 */
export function forgetFilePages(inode: Inode, start: u64, end: u64, keepsCopies: boolean): boolean {
  let left: i64 = SLICE;
  for (;;) {
    const mapping = inode.firstMapping;
    if (mapping === null || mapping.cutSeen === inode.cuts) return true;
    if (left <= 0) return false;
    const length = mapping.end - mapping.start;
    const first: u64 = start > mapping.offset ? start - mapping.offset : 0;
    const last: u64 = end > mapping.offset ? end - mapping.offset : 0;
    if (first < length && first < last) {
      const space = mapping.space;
      const stop: u64 = last < length ? mapping.start + last : mapping.end;
      const before = space.resident;
      const reached =
        keepsCopies && !mapping.isShared
          ? removeFilePages(space, mapping.start + first, stop, left as u64)
          : removePages(space, mapping.start + first, stop, left as u64);
      left -= (before - space.resident) as i64;
      if (reached < stop) return false;
    }
    left -= MAPPING_COST;
    mapping.sawCut(inode);
  }
}
