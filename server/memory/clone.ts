/**
 * Copying an address space for fork: the child gets the parent's mappings and shares its pages, private ones
 * read-only on both sides until one of them writes. It goes on in slices from the lowest address up; where the parent
 * changes in between, the child has the state of the moment when that part was copied.
 */
import { clonePages } from '../kernel/vspace';
import { EAGAIN } from '../linux/errno';
import type { Thread } from '../process/thread';
import { AGAIN } from '../wait/outcome';
import { type AddressSpace, createSpace } from './address-space';
import { Mapping, PROT_EXEC, PROT_READ, PROT_WRITE } from './mapping';
import { CHUNK_BYTES, CHUNK_SHIFT, type PageChunk, pagesWithin } from './page-chunk';
import { retainPage } from './pages';

/** Pages shared in one slice. */
const CLONE_PAGES: u64 = 3072;
/** How many of them copying a mapping counts for. */
const MAPPING_COST: i64 = 32;

/**
 * Copies the memory of `thread`. 0: done, the new space (one reference) is in `thread.call.space`; AGAIN: a slice is
 * done; -EAGAIN: kernel objects have run out, and nothing is left behind.
 */
export function cloneSpace(thread: Thread): i64 {
  const call = thread.call;
  const parent = thread.space;
  let child = call.space;
  if (child === null) {
    child = createSpace();
    if (child === null) return -EAGAIN;
    call.isDirty = true;
    call.space = child;
    copyLayout(child, parent);
  }
  let left: i64 = CLONE_PAGES as i64;
  while (left > 0) {
    const mapping = parent.findFrom(call.progress);
    if (mapping === null) return 0;
    const from: u64 = call.progress > mapping.start ? call.progress : mapping.start;
    const resident = child.resident;
    const reached: u64 = mapping.staysOnFork ? mapping.end : clonePart(parent, child, mapping, from, left as u64);
    if (reached === 0) {
      call.space = null;
      child.drop();
      return -EAGAIN;
    }
    call.progress = reached;
    if (reached < mapping.end) return AGAIN;
    left -= ((child.resident - resident) as i64) + MAPPING_COST;
  }
  return AGAIN;
}

/** The numbers that execve and brk left. */
function copyLayout(child: AddressSpace, parent: AddressSpace): void {
  child.searchTop = parent.searchTop;
  child.stackLimit = parent.stackLimit;
  child.codeStart = parent.codeStart;
  child.codeEnd = parent.codeEnd;
  child.dataStart = parent.dataStart;
  child.dataEnd = parent.dataEnd;
  child.breakStart = parent.breakStart;
  child.breakEnd = parent.breakEnd;
  child.stackStart = parent.stackStart;
  child.argumentsStart = parent.argumentsStart;
  child.argumentsEnd = parent.argumentsEnd;
  child.environmentStart = parent.environmentStart;
  child.environmentEnd = parent.environmentEnd;
  child.vectorStart = parent.vectorStart;
  child.vectorEnd = parent.vectorEnd;
}

/** Copies a mapping from `from` on, about `budget` pages of it. Gives the address reached; 0: kernel objects ran out. */
function clonePart(parent: AddressSpace, child: AddressSpace, mapping: Mapping, from: u64, budget: u64): u64 {
  const keep: u64 = mapping.isShared ? PROT_READ | PROT_WRITE | PROT_EXEC : PROT_READ | PROT_EXEC;
  let left: i64 = budget as i64;
  let runStart: u64 = 0;
  let runEnd: u64 = 0;
  let at = from;
  while (at < mapping.end && left > 0) {
    const chunk: PageChunk | null = parent.chunks.atLeast(at >>> CHUNK_SHIFT);
    if (chunk === null || chunk.start >= mapping.end) {
      at = mapping.end;
      break;
    }
    const base = chunk.start;
    const bits = chunk.present & pagesWithin(chunk.number, at > base ? at : base, mapping.end);
    at = base + CHUNK_BYTES;
    if (bits === 0 || mapping.isWipedOnFork) continue;
    const first = base + (trailingZeros(bits) << 12);
    if (runEnd === 0) runStart = first;
    else if (runEnd + CHUNK_BYTES < first) {
      if (!clonePages(parent.kit, child.kit, runStart, runEnd, keep, keep)) return 0;
      runStart = first;
    } else left -= (((first - runEnd) >>> 12) * 3) as i64;
    runEnd = base + ((64 - leadingZeros(bits)) << 12);
    sharePages(child, chunk, bits, mapping.isShared);
    left -= (populationCount(bits) as i64) + 8;
  }
  if (at > mapping.end) at = mapping.end;
  const copy = new Mapping();
  copy.copyAttributes(mapping);
  copy.isLocked = false;
  copy.start = from;
  copy.end = at;
  copy.back(mapping.inode, mapping.inode === null ? 0 : mapping.offset + (from - mapping.start));
  child.insert(copy);
  if (runEnd !== 0 && !clonePages(parent.kit, child.kit, runStart, runEnd, keep, keep)) return 0;
  return at;
}

/** Gives the child a reference to each page in `bits`, and takes the right to write private ones from both. */
function sharePages(child: AddressSpace, chunk: PageChunk, bits: u64, isShared: boolean): void {
  const copy = child.makeChunk(chunk.start);
  if (!isShared) chunk.writable &= ~bits;
  copy.present |= bits;
  copy.readable |= chunk.readable & bits;
  copy.writable |= chunk.writable & bits;
  child.resident += populationCount(bits);
  let left = bits;
  while (left !== 0) {
    const index = trailingZeros(left);
    const frame = chunk.frames[index];
    retainPage(frame);
    copy.frames[index] = frame;
    left &= left - 1;
  }
}
