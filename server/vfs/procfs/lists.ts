/** The texts of /proc of unbounded length, written a page at a time: lists by lines, copies of memory by bytes. */
import type { Process } from '../../process/process';
import type { Text } from '../text';
import { ProcessEntry } from './entries';
import { writeMaps, writeSpan } from './memory-text';
import { writeMountLines } from './mount-text';

/** There are no more lines. */
export const CURSOR_END: u64 = 0xffff_ffff_ffff_ffff;
/**
 * Ends a line that began at `before`. False: it did not fit behind others, so it was taken back and the next piece
 * begins with it. A line that is longer than a piece of its own is cut.
 */
export function keepLine(text: Text, before: u64): boolean {
  if (!text.isFull || before === 0) return true;
  text.length = before;
  text.isFull = false;
  return false;
}

export function isList(entry: u32): boolean {
  switch (entry) {
    case ProcessEntry.Maps:
    case ProcessEntry.Mounts:
    case ProcessEntry.MountInformation:
    case ProcessEntry.CommandLine:
    case ProcessEntry.Environment:
      return true;
    default:
      return false;
  }
}

/** Writes what follows `cursor`; where to go on, or CURSOR_END. */
export function writeListPiece(process: Process, entry: u32, cursor: u64, text: Text): u64 {
  const space = process.space;
  switch (entry) {
    case ProcessEntry.Maps:
      return writeMaps(process, cursor, text);
    case ProcessEntry.CommandLine:
      return writeSpan(space, space.argumentsStart, space.argumentsEnd, cursor, text);
    case ProcessEntry.Environment:
      return writeSpan(space, space.environmentStart, space.environmentEnd, cursor, text);
    default:
      return writeMountLines(process, cursor, entry === ProcessEntry.MountInformation, text);
  }
}
