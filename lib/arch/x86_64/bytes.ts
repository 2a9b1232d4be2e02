/**
 * Memory of the running program by address: single integers, and spans copied, filled and compared. Everything outside
 * the `arch/x86_64` folders that must look at bytes it did not declare as a class (names, page contents, archives)
 * goes through here.
 *
 * Addresses are the caller's promise: no function checks them. Spans are moved eight bytes at a time where they can be,
 * because one step of a string instruction costs the same for a byte and for a word.
 */

export function byteAt(address: u64): u8 {
  return load8(address);
}

export function setByteAt(address: u64, value: u64): void {
  store8(address, value);
}

export function word16At(address: u64): u16 {
  return load16(address);
}

export function setWord16At(address: u64, value: u64): void {
  store16(address, value);
}

export function word32At(address: u64): u32 {
  return load32(address);
}

export function setWord32At(address: u64, value: u64): void {
  store32(address, value);
}

export function word64At(address: u64): u64 {
  return load64(address);
}

export function setWord64At(address: u64, value: u64): void {
  store64(address, value);
}

/** Where the characters of a string constant are. */
export function addressOfString(text: string): u64 {
  return bytesOf(text);
}

/** Copies upwards. The spans do not overlap, or the destination is the lower one. */
export function copyMemory(destination: u64, source: u64, count: u64): void {
  const words: u64 = count >>> 3;
  if (words !== 0) {
    copyWords(destination, source, words);
  }
  let done: u64 = count & ~7;
  while (done < count) {
    store8(destination + done, load8(source + done));
    done += 1;
  }
}

/** Stores the low byte of `byte` into each of `count` bytes. */
export function fillMemory(destination: u64, byte: u64, count: u64): void {
  const words: u64 = count >>> 3;
  const low: u64 = byte & 255;
  if (words !== 0) {
    fillWords(destination, low * 0x0101_0101_0101_0101, words);
  }
  let done: u64 = count & ~7;
  while (done < count) {
    store8(destination + done, low);
    done += 1;
  }
}

/** True when the two spans hold the same bytes. */
export function sameBytes(first: u64, second: u64, count: u64): boolean {
  let done: u64 = 0;
  while (done + 8 <= count) {
    if (load64(first + done) !== load64(second + done)) {
      return false;
    }
    done += 8;
  }
  while (done < count) {
    if (load8(first + done) !== load8(second + done)) {
      return false;
    }
    done += 1;
  }
  return true;
}

/** FNV-1a over a span: short keys such as file names, where spreading well matters more than speed per byte. */
export function hashBytes(address: u64, count: u64): u64 {
  let hash: u64 = 0xcbf2_9ce4_8422_2325;
  let done: u64 = 0;
  while (done < count) {
    hash = (hash ^ load8(address + done)) * 0x0000_0100_0000_01b3;
    done += 1;
  }
  return hash;
}
