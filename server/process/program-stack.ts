/**
 * The stack of a new program (System V ABI, AMD64 supplement, 3.4.1): at the top the path it was run by, below it the
 * environment's and the arguments' strings, then 16 random bytes, the vectors and the argument count.
 *
 * Strings are pushed downwards in any number of steps; the limits are Linux's: 128 KB for one string, and for all of
 * them with their pointers a quarter of RLIMIT_STACK, within 128 KB and 6 MB (execve(2), "Limits on size").
 */

import { E2BIG, EFAULT } from '../linux/errno';
import { type AddressSpace, USER_TOP } from '../memory/address-space';
import { copyBetween, copyOut, measureString } from '../memory/copy';
import { mapRequest, place } from '../memory/map';
import { MappingKind, PROT_EXEC, PROT_READ, PROT_WRITE } from '../memory/mapping';
import { readWord64, Word, writeWord64 } from '../memory/user-words';

/** MAX_ARG_STRLEN: of one string with its NUL. */
const MAXIMUM_STRING: u64 = 131072;
const SMALLEST_TOTAL: u64 = 131072;
const LARGEST_TOTAL: u64 = 6291456;
/** What the stack spans before it grows. */
const FIRST_SPAN: u64 = 135168;

const word: Word = reserve();

/** Room for strings and pointers under a stack limit. */
export function roomFor(stackLimit: u64): u64 {
  const quarter = stackLimit >>> 2;
  return quarter < SMALLEST_TOTAL ? SMALLEST_TOTAL : quarter > LARGEST_TOTAL ? LARGEST_TOTAL : quarter;
}

/** Maps the stack of a new space. */
export function mapStack(space: AddressSpace, stackLimit: u64): void {
  mapRequest.set(USER_TOP - FIRST_SPAN, USER_TOP, PROT_READ | PROT_WRITE, MappingKind.Stack);
  mapRequest.growsDown = true;
  place(space, mapRequest);
  space.stackLimit = stackLimit < LARGEST_TOTAL + FIRST_SPAN ? LARGEST_TOTAL + FIRST_SPAN : stackLimit;
}

/** PT_GNU_STACK asked for an executable stack. */
export function makeStackExecutable(space: AddressSpace): void {
  const stack = space.find(USER_TOP - 1);
  if (stack !== null) stack.protection = PROT_READ | PROT_WRITE | PROT_EXEC;
}

/** The first address that strings are pushed below: the last word of the stack stays zero. */
export function stringsTop(): u64 {
  return USER_TOP - 8;
}

/**
 * Pushes a string of `from` (null: the server's memory) below `top`, not below `floor`. Gives its address, or -E2BIG or
 * -EFAULT.
 */
export function pushString(space: AddressSpace, top: u64, floor: u64, from: AddressSpace | null, address: u64): i64 {
  const length = measureString(from, address, MAXIMUM_STRING);
  if (length < 0) return length;
  if ((length as u64) >= MAXIMUM_STRING) return -E2BIG;
  const size = (length as u64) + 1;
  if (top < floor + size) return -E2BIG;
  const start = top - size;
  return copyBetween(from, address, space, start, size) === size ? (start as i64) : -EFAULT;
}

/** Counts the pointers of a NULL-terminated vector from `index` on, at most `budget` of them; -EFAULT; see `isCounted`. */
export function countPointers(from: AddressSpace | null, vector: u64, index: u64, budget: u64): i64 {
  isCounted = true;
  if (vector === 0) return 0;
  let count = index;
  while (count < index + budget) {
    if (!readWord64(from, vector + count * 8, word)) return -EFAULT;
    if (word.value === 0) return count as i64;
    count++;
  }
  isCounted = false;
  return count as i64;
}

/** Whether the last count came to the end of the vector. */
export let isCounted: boolean = false;

/** The pointer at `index` of a client's vector; 0 if it cannot be read. */
export function pointerAt(from: AddressSpace | null, vector: u64, index: u64): u64 {
  return readWord64(from, vector + index * 8, word) ? word.value : 0;
}

/** Writes the argument count and `words` words of the auxiliary vector; the pointers between are `writePointers`'. */
export function writeEnds(
  space: AddressSpace,
  argumentCount: u64,
  environmentCount: u64,
  vector: u64,
  words: u64,
): boolean {
  const stack = space.stackStart;
  space.vectorStart = stack + 8 * (argumentCount + environmentCount + 3);
  space.vectorEnd = space.vectorStart + words * 8;
  if (!writeWord64(space, stack, argumentCount)) return false;
  if (!writeWord64(space, stack + 8 * (argumentCount + 1), 0)) return false;
  if (!writeWord64(space, space.vectorStart - 8, 0)) return false;
  return copyOut(space, space.vectorStart, vector, words * 8) === words * 8;
}

/** Where the pointer of string `index` goes: arguments, a null, then the environment. */
function pointerPlace(space: AddressSpace, argumentCount: u64, index: u64): u64 {
  return space.stackStart + 8 * (index < argumentCount ? index + 1 : index + 2);
}

/** Writes the pointer of string `index`, which begins at `address`; gives the address behind the string, 0 on a fault. */
export function writePointer(space: AddressSpace, argumentCount: u64, index: u64, address: u64): u64 {
  const length = measureString(space, address, MAXIMUM_STRING);
  if (length < 0 || !writeWord64(space, pointerPlace(space, argumentCount, index), address)) return 0;
  return address + (length as u64) + 1;
}
