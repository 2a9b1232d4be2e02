/** Texts of /proc about a process's memory, and those that are copied out of it (proc(5)). */
import { type AddressSpace } from '../../memory/address-space';
import { copyIn } from '../../memory/copy';
import { type Mapping, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../memory/mapping';
import type { Process } from '../../process/process';
import { majorOf, minorOf } from '../device';
import type { Text } from '../text';
import { CURSOR_END, keepLine } from './lists';

/** What one piece of a copy moves. */
const PIECE: u64 = 2048;
const NAME_COLUMN: u64 = 73;

const piece: Fixed<u8, 2048> = reserve();

/** Copies what lies `cursor` bytes into a range of a process's memory; what is not there ends it. */
export function writeSpan(space: AddressSpace, start: u64, end: u64, cursor: u64, text: Text): u64 {
  if (end <= start || cursor >= end - start) return CURSOR_END;
  const left: u64 = end - start - cursor;
  const count: u64 = left < PIECE ? left : PIECE;
  const got = copyIn(space, addressOf(piece), start + cursor, count);
  text.putBytes(addressOf(piece), got);
  return got === count && count !== left ? cursor + count : CURSOR_END;
}

export function writeAuxiliary(space: AddressSpace, text: Text): void {
  writeSpan(space, space.vectorStart, space.vectorEnd, 0, text);
}

export function writePages(space: AddressSpace, text: Text): void {
  text.putDecimal(space.virtualPages());
  text.space();
  text.putDecimal(space.residentPages());
  text.putString(' 0 ');
  text.putDecimal((space.codeEnd - space.codeStart + 4095) >>> 12);
  text.putString(' 0 ');
  text.putDecimal(space.data);
  text.putString(' 0\n');
}

/** Lines of /proc/PID/maps from the mapping at or after `from` on; the address to go on from, or CURSOR_END. */
export function writeMaps(process: Process, from: u64, text: Text): u64 {
  const space = process.space;
  let mapping: Mapping | null = space.mappings.atLeast(from);
  while (mapping !== null) {
    const before: u64 = text.length;
    writeMapping(process, mapping, text);
    if (!keepLine(text, before)) return mapping.start;
    mapping = space.mappings.after(mapping);
  }
  return CURSOR_END;
}

function writeMapping(process: Process, mapping: Mapping, text: Text): void {
  const before: u64 = text.length;
  text.putHex(mapping.start, 8);
  text.putByte(45);
  text.putHex(mapping.end, 8);
  text.space();
  text.putString((mapping.protection & PROT_READ) !== 0 ? 'r' : '-');
  text.putString((mapping.protection & PROT_WRITE) !== 0 ? 'w' : '-');
  text.putString((mapping.protection & PROT_EXEC) !== 0 ? 'x' : '-');
  text.putString(mapping.isShared ? 's ' : 'p ');
  text.putHex(mapping.offset, 8);
  text.space();
  const inode = mapping.inode;
  const device: u32 = inode === null ? 0 : inode.fileSystem.device;
  text.putHex(majorOf(device), 2);
  text.putByte(58);
  text.putHex(minorOf(device), 2);
  text.space();
  text.putDecimal(inode === null ? 0 : inode.number);
  text.space();
  const isProgram = inode !== null && inode === process.executable;
  const space = process.space;
  const isHeap =
    inode === null &&
    mapping.start <= space.breakEnd &&
    mapping.end > space.breakStart &&
    space.breakEnd > space.breakStart;
  const isStack = inode === null && mapping.start <= space.stackStart && mapping.end > space.stackStart;
  if (isProgram || isHeap || isStack) {
    while (text.length - before < NAME_COLUMN && !text.isFull) text.space();
    if (isProgram) text.putBytes(process.executablePath, process.executablePathLength);
    else text.putString(isHeap ? '[heap]' : '[stack]');
  }
  text.newline();
}
