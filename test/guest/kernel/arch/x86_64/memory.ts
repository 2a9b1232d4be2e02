/** The test root task's own memory by address. */
import type { BootInformation } from '../../../../../lib/abi/boot-information.js';
import type { Utcb } from '../../../../../lib/abi/utcb.js';

export function bootInformationAt(address: u64): BootInformation {
  return reference<BootInformation>(address);
}

export function utcbAt(address: u64): Utcb {
  return reference<Utcb>(address);
}

export function wordAt(address: u64): u64 {
  return load64(address);
}

export function setWord(address: u64, value: u64): void {
  store64(address, value);
}

export function copy(to: u64, from: u64, bytes: u64): void {
  copyBytes(to, from, bytes);
}

export function clear(address: u64, bytes: u64): void {
  fillBytes(address, 0, bytes);
}

/** The character at `index` of a constant. */
export function bytesAt(address: u64): u8 {
  return load8(address);
}
