/**
 * Function names for backtraces. tools/image/symbols.ts makes the table from the first link's symbols, and the second
 * link puts it behind the constants (section .symbols): a count, then per function its offset from the image's start and
 * the offset of its name from the table's start (two u32, ascending), then the names, each ended by 0. The table of the
 * first link is a count of zero (boot/symbols.asm).
 */
import { logByteOut, logNumber, logText } from '../../log.js';

const MAXIMUM_NAME = 128;

/** Whether `address` is in the kernel's code. */
export function isKernelCode(address: u64): boolean {
  return address >= imageStart() && address < textEnd();
}

/** Logs `name+offset` of the function that contains `address`, or nothing if there is no name. */
export function logSymbol(address: u64): void {
  const table = symbolTable();
  const count: u64 = load32(table);
  const offset = address - imageStart();
  if (!isKernelCode(address) || count === 0 || load32(table + 4) > offset) {
    return;
  }
  let low: u64 = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (load32(table + 4 + middle * 8) <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  let name = table + load32(table + 8 + low * 8);
  for (let length = 0; length < MAXIMUM_NAME && load8(name) !== 0; length++) {
    logByteOut(load8(name));
    name++;
  }
  logText('+');
  logNumber(offset - load32(table + 4 + low * 8));
}
