/**
 * Copying between the server and a client's memory. A client's address is looked up page by page and may be anything:
 * every function stops at the first byte that the client itself could not have accessed, and says how far it came.
 * With `space` null the addresses are the server's own.
 */
import { byteAt, copyMemory, fillMemory, setByteAt, word64At } from '../../lib/arch/x86_64/bytes';
import { EFAULT, ENAMETOOLONG } from '../linux/errno';
import { type AddressSpace, USER_TOP } from './address-space';
import { bringInForServer } from './fault';
import { pageIndex } from './page-chunk';
import { addressOfPage } from './pages';

/** Where the server finds the byte at `address` of `space`, for reading; 0 if the client may not read it. */
export function reachForRead(space: AddressSpace, address: u64): u64 {
  const chunk = space.chunkAt(address);
  if (chunk !== null) {
    const index = pageIndex(address);
    if (((chunk.readable >>> index) & 1) !== 0) return addressOfPage(chunk.frames[index]) + (address & 4095);
  }
  return reachSlowly(space, address, false);
}

/** The same for writing. */
export function reachForWrite(space: AddressSpace, address: u64): u64 {
  const chunk = space.chunkAt(address);
  if (chunk !== null) {
    const index = pageIndex(address);
    if (((chunk.writable >>> index) & 1) !== 0) return addressOfPage(chunk.frames[index]) + (address & 4095);
  }
  return reachSlowly(space, address, true);
}

function reachSlowly(space: AddressSpace, address: u64, isWrite: boolean): u64 {
  if (address >= USER_TOP || bringInForServer(space, address, isWrite) !== 0) return 0;
  const chunk = space.chunkAt(address);
  if (chunk === null) return 0;
  return addressOfPage(chunk.frames[pageIndex(address)]) + (address & 4095);
}

/** Bytes from `address` to the end of its page, but no more than `count`. */
function withinPage(address: u64, count: u64): u64 {
  const room = 4096 - (address & 4095);
  return count < room ? count : room;
}

/** Copies `count` bytes to a client; gives the bytes copied. */
export function copyOut(space: AddressSpace | null, address: u64, source: u64, count: u64): u64 {
  if (space === null) {
    copyMemory(address, source, count);
    return count;
  }
  let done: u64 = 0;
  while (done < count) {
    const there = reachForWrite(space, address + done);
    if (there === 0) break;
    const step = withinPage(there, count - done);
    copyMemory(there, source + done, step);
    done += step;
  }
  return done;
}

/** Copies `count` bytes from a client; gives the bytes copied. */
export function copyIn(space: AddressSpace | null, destination: u64, address: u64, count: u64): u64 {
  if (space === null) {
    copyMemory(destination, address, count);
    return count;
  }
  let done: u64 = 0;
  while (done < count) {
    const there = reachForRead(space, address + done);
    if (there === 0) break;
    const step = withinPage(there, count - done);
    copyMemory(destination + done, there, step);
    done += step;
  }
  return done;
}

/** Stores `byte` into `count` bytes of a client; gives the bytes stored. */
export function fillOut(space: AddressSpace | null, address: u64, byte: u64, count: u64): u64 {
  if (space === null) {
    fillMemory(address, byte, count);
    return count;
  }
  let done: u64 = 0;
  while (done < count) {
    const there = reachForWrite(space, address + done);
    if (there === 0) break;
    const step = withinPage(there, count - done);
    fillMemory(there, byte, step);
    done += step;
  }
  return done;
}

/**
 * Copies a NUL-terminated string of fewer than `limit` bytes, the NUL too. Gives its length without the NUL, -EFAULT or
 * -ENAMETOOLONG.
 */
export function copyInString(space: AddressSpace | null, destination: u64, address: u64, limit: u64): i64 {
  let done: u64 = 0;
  while (done < limit) {
    const from = address + done;
    const there = space === null ? from : reachForRead(space, from);
    if (there === 0) return -EFAULT;
    const step = withinPage(there, limit - done);
    for (let index: u64 = 0; index < step; index++) {
      const byte = byteAt(there + index);
      setByteAt(destination + done + index, byte);
      if (byte === 0) return (done + index) as i64;
    }
    done += step;
  }
  return -ENAMETOOLONG;
}

/** Copies between two address spaces (null: the server's own memory); gives the bytes copied. */
export function copyBetween(
  from: AddressSpace | null,
  source: u64,
  to: AddressSpace | null,
  target: u64,
  count: u64,
): u64 {
  let done: u64 = 0;
  while (done < count) {
    const there = from === null ? source + done : reachForRead(from, source + done);
    if (there === 0) break;
    const step = withinPage(there, count - done);
    const moved = copyOut(to, target + done, there, step);
    done += moved;
    if (moved !== step) break;
  }
  return done;
}

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/** Length of the string at `address` without its NUL; `limit` if there is none in so many bytes; -EFAULT. */
export function measureString(space: AddressSpace | null, address: u64, limit: u64): i64 {
  let done: u64 = 0;
  while (done < limit) {
    const from = address + done;
    const there = space === null ? from : reachForRead(space, from);
    if (there === 0) return -EFAULT;
    const step = withinPage(there, limit - done);
    const length = findZero(there, step);
    done += length;
    if (length !== step) return done as i64;
  }
  return limit as i64;
}

/** Index of the first zero byte in `count` bytes of server memory, `count` if there is none; eight bytes at a time. */
function findZero(address: u64, count: u64): u64 {
  let done: u64 = 0;
  while (done + 8 <= count) {
    const word = word64At(address + done);
    const zeros = (word - LOW_BITS) & ~word & HIGH_BITS;
    if (zeros !== 0) return done + (trailingZeros(zeros) >>> 3);
    done += 8;
  }
  while (done < count && byteAt(address + done) !== 0) done++;
  return done;
}
