/**
 * The root task's program, an ELF64 executable inside the kernel image (System V gABI chapters 4 and 5): its span, and
 * its loadable segments copied to physical memory. The file was linked with the kernel, so it is trusted to be whole,
 * but not to be of another kind than this reads: that panics.
 */
import { directAddress } from '../../../arch/x86_64/memory.js';
import { panic } from '../../../panic.js';

const ELF_MAGIC: u64 = 0x464c_457f;
const EXECUTABLE: u64 = 2;
const X86_64: u64 = 62;
const LOADABLE: u64 = 1;

const HEADER_TYPE: u64 = 16;
const HEADER_MACHINE: u64 = 18;
const HEADER_ENTRY: u64 = 24;
const HEADER_SEGMENTS: u64 = 32;
const HEADER_SEGMENT_BYTES: u64 = 54;
const HEADER_SEGMENT_COUNT: u64 = 56;

const SEGMENT_FLAGS: u64 = 4;
const SEGMENT_OFFSET: u64 = 8;
const SEGMENT_ADDRESS: u64 = 16;
const SEGMENT_FILE_BYTES: u64 = 32;
const SEGMENT_MEMORY_BYTES: u64 = 40;

/** Flags of a segment. */
export const SEGMENT_EXECUTE = 1;
export const SEGMENT_WRITE = 2;

/** Checks that this is an executable for this machine; panics otherwise. */
export function checkElf(): void {
  const file = serverImageStart();
  if (load32(file) !== ELF_MAGIC || load16(file + HEADER_TYPE) !== EXECUTABLE) {
    panic('the root task is not an ELF executable');
  }
  if (load16(file + HEADER_MACHINE) !== X86_64) {
    panic('the root task is not for x86-64');
  }
}

export function elfEntry(): u64 {
  return load64(serverImageStart() + HEADER_ENTRY);
}

export function segmentCount(): u64 {
  return load16(serverImageStart() + HEADER_SEGMENT_COUNT);
}

function segment(index: u64): u64 {
  const file = serverImageStart();
  return file + load64(file + HEADER_SEGMENTS) + index * load16(file + HEADER_SEGMENT_BYTES);
}

/** The address of a loadable segment; its length is 0 for any other. */
export function segmentAddress(index: u64): u64 {
  return load64(segment(index) + SEGMENT_ADDRESS);
}

export function segmentBytes(index: u64): u64 {
  const header = segment(index);
  return load32(header) === LOADABLE ? load64(header + SEGMENT_MEMORY_BYTES) : 0;
}

export function segmentFlags(index: u64): u64 {
  return load32(segment(index) + SEGMENT_FLAGS);
}

/** Copies the segment's part of the file to cleared physical memory. */
export function copySegment(index: u64, physical: u64): void {
  const header = segment(index);
  const source = serverImageStart() + load64(header + SEGMENT_OFFSET);
  copyBytes(directAddress(physical), source, load64(header + SEGMENT_FILE_BYTES));
}
