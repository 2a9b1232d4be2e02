/**
 * Mapping an ELF image into a new address space, as Linux 6.1 does (fs/binfmt_elf.c): segments in file order, each
 * replacing what lies under it, then the memory beyond the file's part. What is refused here is refused after the
 * point of no return, so the process dies of it.
 *
 * A file may have more than a thousand segments, so they are mapped in slices. All but the mapping itself follows from
 * the headers and is found again in every slice, for other programs may be loaded in between.
 */
import { EEXIST, EFAULT, EINVAL, ENOMEM } from '../linux/errno';
import { type AddressSpace, USER_TOP } from '../memory/address-space';
import { fillOut } from '../memory/copy';
import { findRoom, isFree, mapRequest, place } from '../memory/map';
import { MappingKind, PROT_EXEC, PROT_READ, PROT_WRITE } from '../memory/mapping';
import { totalPages } from '../memory/pages';
import { unmapRange } from '../memory/unmap';
import type { Inode } from '../vfs/inode';
import { AGAIN } from '../wait/outcome';
import { type ElfImage, MAXIMUM_HEADERS, PF_R, PF_W, PF_X, type ProgramHeader, PT_LOAD, spanOf } from './elf';

/** Where position-independent programs with an interpreter go (two thirds up, as Linux without randomisation). */
const PROGRAM_BASE: u64 = 0x5555_5555_4000;
/** What one slice may spend: unmapped pages count as one, areas and steps as more. */
const SLICE: i64 = 4096;
const AREA_COST: u64 = 24;
const STEP_COST: i64 = 48;
/** More than the steps of any image: a step is a segment's part in the file, or the memory beyond those before it. */
export const ALL_STEPS: u64 = 4096;
staticAssert(ALL_STEPS > 2 * MAXIMUM_HEADERS, 'each segment is two steps');

/** What loading found out; one image is loaded at a time. */
export class LoadedImage {
  /** Added to every address of the file. */
  bias!: u64;
  entry!: u64;
  /** Where the program headers are in memory; 0: in no segment. */
  headers!: u64;
  codeStart!: u64;
  codeEnd!: u64;
  dataStart!: u64;
  dataEnd!: u64;
  /** The end of all segments: the heap begins in the next page. */
  end!: u64;
  /** The step that a slice did not come to. */
  next!: u64;
}

export const loaded: LoadedImage = reserve();

/** End of the files' parts and of the memory of the segments so far, and the protection of the memory beyond. */
let fileEnd: u64 = 0;
let memoryEnd: u64 = 0;
let beyondProtection: u64 = 0;
/** What is left of the slice. */
let left: i64 = 0;

/**
 * Maps `image` of `inode` into `space`, as much of it as a slice may do, from step `from` on: what comes before is there.
 * 0; AGAIN with the step to go on from in `loaded.next`; or a negated errno with the space in whatever state.
 */
export function loadImage(space: AddressSpace, inode: Inode, image: ElfImage, hasInterpreter: boolean, from: u64): i64 {
  left = SLICE;
  fileEnd = 0;
  memoryEnd = 0;
  loaded.bias = 0;
  loaded.headers = 0;
  loaded.codeStart = 0xffff_ffff_ffff_ffff;
  loaded.codeEnd = 0;
  loaded.dataStart = 0;
  loaded.dataEnd = 0;
  let isFirst = true;
  for (let index: u64 = 0; index < image.header.programCount; index++) {
    const segment: ProgramHeader = image.headers[index];
    if (segment.type !== PT_LOAD) continue;
    loaded.next = 2 * index;
    if (memoryEnd > fileEnd && loaded.next >= from) {
      const outcome = mapBeyond(space);
      if (outcome !== 0) return outcome;
    }
    if (isFirst && image.header.isRelocatable) {
      const error = chooseBias(space, image, segment, hasInterpreter);
      if (error !== 0) return error;
    }
    loaded.next++;
    if (loaded.next >= from) {
      const outcome = mapSegment(space, inode, segment, isFirst && !image.header.isRelocatable);
      if (outcome !== 0) return outcome;
    }
    isFirst = false;
    noteSegment(image, segment);
    const problem = extend(segment);
    if (problem !== 0) return problem;
  }
  loaded.entry = image.header.entry + loaded.bias;
  loaded.next = 2 * (image.header.programCount as u64);
  return finish(space, loaded.next >= from);
}

/** Empties a range as far as the slice allows; false: it must be tried again. */
function makeRoom(space: AddressSpace, start: u64, end: u64): boolean {
  const before = space.resident + space.mappings.count * AREA_COST;
  const reached = unmapRange(space, start, end, left as u64);
  const after = space.resident + space.mappings.count * AREA_COST;
  if (before > after) left -= (before - after) as i64;
  return reached === end;
}

/** Where a position-independent image goes: a fixed place for a program with an interpreter, else among mappings. */
function chooseBias(space: AddressSpace, image: ElfImage, first: ProgramHeader, hasInterpreter: boolean): i64 {
  const span = (spanOf(image) + 4095) & ~4095;
  if (span === 0) return -EINVAL;
  if (span > USER_TOP) return -ENOMEM;
  if (!hasInterpreter && space.imageStart === 0) space.imageStart = findRoom(space, 0, span);
  const start: u64 = hasInterpreter ? PROGRAM_BASE : space.imageStart;
  if (start === 0) return -ENOMEM;
  loaded.bias = start - (first.address & ~4095);
  return 0;
}

function protectionOf(segment: ProgramHeader): u64 {
  let protection: u64 = 0;
  if ((segment.flags & PF_R) !== 0) protection |= PROT_READ;
  if ((segment.flags & PF_W) !== 0) protection |= PROT_WRITE;
  if ((segment.flags & PF_X) !== 0) protection |= PROT_EXEC;
  return protection;
}

/** Maps the file's part of a segment. `keepsOthers`: the first segment of a program with fixed addresses. */
function mapSegment(space: AddressSpace, inode: Inode, segment: ProgramHeader, keepsOthers: boolean): i64 {
  const address = segment.address + loaded.bias;
  const within = address & 4095;
  const start = address - within;
  const length = (segment.fileSize + within + 4095) & ~4095;
  if (segment.fileSize > USER_TOP) return -ENOMEM;
  if (length === 0) return 0;
  const offset = segment.offset - within;
  if ((offset & 4095) !== 0 || offset + length < offset || offset > 0x7fff_ffff_ffff_f000) return -EINVAL;
  if (start > USER_TOP || length > USER_TOP - start) return -ENOMEM;
  if (keepsOthers && !isFree(space, start, start + length)) return -EEXIST;
  if (left <= 0 || !makeRoom(space, start, start + length)) return AGAIN;
  left -= STEP_COST;
  mapRequest.set(start, start + length, protectionOf(segment), MappingKind.Plain);
  mapRequest.inode = inode;
  mapRequest.offset = offset;
  place(space, mapRequest);
  return 0;
}

/** Keeps what /proc and the program are told about the layout. */
function noteSegment(image: ElfImage, segment: ProgramHeader): void {
  const table = image.header.programOffset;
  if (segment.offset <= table && table < segment.offset + segment.fileSize) {
    loaded.headers = table - segment.offset + segment.address + loaded.bias;
  }
  const start = segment.address + loaded.bias;
  const end = start + segment.fileSize;
  const isCode = (segment.flags & PF_X) !== 0;
  if (isCode && start < loaded.codeStart) loaded.codeStart = start;
  if (isCode && end > loaded.codeEnd) loaded.codeEnd = end;
  if (start > loaded.dataStart) loaded.dataStart = start;
  if (end > loaded.dataEnd) loaded.dataEnd = end;
}

/** Moves the ends on past `segment`; -EINVAL if its size would leave user space. */
function extend(segment: ProgramHeader): i64 {
  const start = segment.address + loaded.bias;
  if (segment.address >= USER_TOP || segment.fileSize > segment.memorySize || segment.memorySize > USER_TOP)
    return -EINVAL;
  if (start > USER_TOP - segment.memorySize) return -EINVAL;
  if (start + segment.fileSize > fileEnd) fileEnd = start + segment.fileSize;
  if (start + segment.memorySize > memoryEnd) {
    memoryEnd = start + segment.memorySize;
    beyondProtection = protectionOf(segment);
  }
  return 0;
}

/** Anonymous memory from the end of the files' parts to the end of the segments; the rest of the last page is zeroed. */
function mapBeyond(space: AddressSpace): i64 {
  if (left <= 0) return AGAIN;
  left -= STEP_COST;
  const start = (fileEnd + 4095) & ~4095;
  const end = (memoryEnd + 4095) & ~4095;
  if (end > start) {
    if ((end - start) >>> 12 > totalPages()) return -ENOMEM;
    if (end > USER_TOP) return -ENOMEM;
    if (!makeRoom(space, start, end)) return AGAIN;
    mapRequest.set(start, end, PROT_READ | PROT_WRITE | (beyondProtection & PROT_EXEC), MappingKind.Plain);
    place(space, mapRequest);
  }
  const rest = start - fileEnd;
  let count: u64 = memoryEnd - fileEnd;
  if (count > rest) count = rest;
  isZeroed = count === 0 || fillOut(space, fileEnd, 0, rest) === rest;
  return 0;
}

/** Whether the last `mapBeyond` could clear the end of the file's last page. */
let isZeroed: boolean = true;

/** The memory beyond the last segment; there, a page that cannot be cleared is an error. */
function finish(space: AddressSpace, isDue: boolean): i64 {
  if (memoryEnd > fileEnd && isDue) {
    const outcome = mapBeyond(space);
    if (outcome !== 0) return outcome;
    if (!isZeroed) return -EFAULT;
  }
  loaded.end = memoryEnd;
  return loaded.entry >= USER_TOP ? -EINVAL : 0;
}
