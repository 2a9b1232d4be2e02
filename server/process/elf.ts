/**
 * ELF files (System V gABI chapters 4 and 5; elf(5)): what of them matters to execve, and the checks that Linux makes
 * before the point of no return. Everything in a file is hostile: a header is copied out of the file's pages and
 * checked before it is used, and all sums are tested for wrapping where they are formed.
 */
import { copyMemory, fillMemory } from '../../lib/arch/x86_64/bytes';
import { addressOfPage } from '../memory/pages';
import type { Inode } from '../vfs/inode';

export const PT_LOAD: u32 = 1;
export const PT_INTERP: u32 = 3;
export const PT_GNU_STACK: u32 = 0x6474_e551;
export const PF_X: u32 = 1;
export const PF_W: u32 = 2;
export const PF_R: u32 = 4;
const ET_EXEC: u32 = 2;
const ET_DYN: u32 = 3;
const EM_X86_64: u32 = 62;
/** 0x7f 'E' 'L' 'F'. */
const ELF_MAGIC: u32 = 0x464c_457f;

/** Elf64_Ehdr. */
export class ElfHeader {
  magic!: u32;
  identification!: Fixed<u8, 12>;
  type!: u16;
  machine!: u16;
  version!: u32;
  entry!: u64;
  programOffset!: u64;
  sectionOffset!: u64;
  flags!: u32;
  headerSize!: u16;
  programEntrySize!: u16;
  programCount!: u16;
  sectionEntrySize!: u16;
  sectionCount!: u16;
  nameSection!: u16;

  get isRelocatable(): boolean {
    return this.type === ET_DYN;
  }
}
staticAssert(sizeOf<ElfHeader>() === 64, 'Elf64_Ehdr');

/** Elf64_Phdr. */
export class ProgramHeader {
  type!: u32;
  flags!: u32;
  offset!: u64;
  address!: u64;
  physical!: u64;
  fileSize!: u64;
  memorySize!: u64;
  alignment!: u64;
}
staticAssert(sizeOf<ProgramHeader>() === 56, 'Elf64_Phdr');

/** Linux reads no more than 64 KB of program headers. */
export const MAXIMUM_HEADERS = 1170;

/** A file's headers, copied. */
export class ElfImage {
  header!: Inline<ElfHeader>;
  headers!: Fixed<Inline<ProgramHeader>, 1170>;
}

/** Copies bytes of a file; what lies beyond its end is missing from the count, holes read as zeros. */
export function readContents(inode: Inode, offset: u64, destination: u64, count: u64): u64 {
  if (offset >= inode.size) return 0;
  let wanted: u64 = inode.size - offset;
  if (wanted > count) wanted = count;
  let done: u64 = 0;
  while (done < wanted) {
    const at = offset + done;
    const within = at & 4095;
    let step: u64 = 4096 - within;
    if (step > wanted - done) step = wanted - done;
    const frame = inode.page(at >>> 12, false);
    if (frame === 0) fillMemory(destination + done, 0, step);
    else copyMemory(destination + done, addressOfPage(frame) + within, step);
    done += step;
  }
  return wanted;
}

/** Whether this is the header of a program for this machine. */
export function isProgram(header: ElfHeader): boolean {
  if (header.magic !== ELF_MAGIC || header.machine !== EM_X86_64) return false;
  return header.type === ET_EXEC || header.type === ET_DYN;
}

/** Copies header and program headers of `inode` into `image`; false if they are not a program's, or are not all there. */
export function readImage(inode: Inode, image: ElfImage): boolean {
  const header: ElfHeader = image.header;
  if (readContents(inode, 0, addressOf(header), 64) !== 64 || !isProgram(header)) return false;
  return readProgramHeaders(inode, image);
}

function readProgramHeaders(inode: Inode, image: ElfImage): boolean {
  const header: ElfHeader = image.header;
  const count: u64 = header.programCount;
  if (header.programEntrySize !== 56 || count === 0 || count > MAXIMUM_HEADERS) return false;
  return readContents(inode, header.programOffset, addressOf(image.headers), count * 56) === count * 56;
}

/** Span of the loadable segments in pages, from the first one's page to the end of the last: 0 if there are none. */
export function spanOf(image: ElfImage): u64 {
  let isFirst = true;
  let low: u64 = 0xffff_ffff_ffff_ffff;
  let high: u64 = 0;
  for (let index: u64 = 0; index < image.header.programCount; index++) {
    const segment: ProgramHeader = image.headers[index];
    if (segment.type !== PT_LOAD) continue;
    const start = segment.address & ~4095;
    if (isFirst || start < low) low = start;
    if (segment.address + segment.memorySize > high) high = segment.address + segment.memorySize;
    isFirst = false;
  }
  return isFirst || high <= low ? 0 : high - low;
}
