/** The texts of /proc that are lists of unbounded length, written some lines at a time. */
import type { Process } from '../../process/process';
import type { Text } from '../text';
import { ProcessEntry } from './entries';
import { writeMaps } from './memory-text';
import { writeMountLines } from './mount-text';

/** There are no more lines. */
export const CURSOR_END: u64 = 0xffff_ffff_ffff_ffff;
/** Enough that a reader with a small buffer rarely waits for the next piece, few enough for one slice. */
export const LINES_PER_PIECE: u64 = 64;

export function isList(entry: u32): boolean {
  return entry === ProcessEntry.Maps || entry === ProcessEntry.Mounts || entry === ProcessEntry.MountInformation;
}

/** Writes the lines from `cursor` on; where to go on, or CURSOR_END. */
export function writeListPiece(process: Process, entry: u32, cursor: u64, text: Text): u64 {
  if (entry === ProcessEntry.Maps) return writeMaps(process, cursor, text);
  return writeMountLines(process, cursor, entry === ProcessEntry.MountInformation, text);
}
