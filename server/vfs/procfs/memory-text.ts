/** Texts of /proc about a process's memory, and those that are copied out of it (proc(5)). */
import { type AddressSpace } from '../../memory/address-space';
import { copyIn } from '../../memory/copy';
import { type Mapping, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../memory/mapping';
import type { Process } from '../../process/process';
import { majorOf, minorOf } from '../device';
import type { Text } from '../text';
import { CURSOR_END, LINES_PER_PIECE } from './lists';

/** At most this much of arguments and environment is shown. */
const LONGEST: u64 = 131072;
const PIECE: u64 = 1024;
const NAME_COLUMN: u64 = 73;

const piece: Fixed<u8, 1024> = reserve();

/** Copies a range of a process's memory; what is not there ends it. */
function copyRange(space: AddressSpace, start: u64, end: u64, text: Text): void {
  let at: u64 = start;
  const stop: u64 = end - start > LONGEST ? start + LONGEST : end;
  while (at < stop && !text.isFull) {
    const count: u64 = stop - at < PIECE ? stop - at : PIECE;
    const got = copyIn(space, addressOf(piece), at, count);
    text.putBytes(addressOf(piece), got);
    if (got !== count) return;
    at += count;
  }
}

export function writeArguments(space: AddressSpace, text: Text): void {
  if (space.argumentsEnd > space.argumentsStart) copyRange(space, space.argumentsStart, space.argumentsEnd, text);
}

export function writeEnvironment(space: AddressSpace, text: Text): void {
  if (space.environmentEnd > space.environmentStart)
    copyRange(space, space.environmentStart, space.environmentEnd, text);
}

export function writeAuxiliary(space: AddressSpace, text: Text): void {
  if (space.vectorEnd > space.vectorStart) copyRange(space, space.vectorStart, space.vectorEnd, text);
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
  let left: u64 = LINES_PER_PIECE;
  let mapping: Mapping | null = space.mappings.atLeast(from);
  while (mapping !== null) {
    if (left === 0) return mapping.start;
    left -= 1;
    writeMapping(process, mapping, text);
    mapping = space.mappings.atLeast(mapping.start + 1);
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
