/** Single words of a client's memory, at any alignment. False: the client's address faults, and nothing was written. */
import { setWord32At, setWord64At, word32At, word64At } from '../../lib/arch/x86_64/bytes';
import type { AddressSpace } from './address-space';
import { copyIn, copyOut, reachForRead, reachForWrite } from './copy';

/** Where a word that was read is put. */
export class Word {
  value!: u64;
}

const scratch: Word = reserve();

export function readWord64(space: AddressSpace | null, address: u64, into: Word): boolean {
  if (space === null) {
    into.value = word64At(address);
    return true;
  }
  if ((address & 4095) <= 4088) {
    const there = reachForRead(space, address);
    if (there === 0) return false;
    into.value = word64At(there);
    return true;
  }
  return copyIn(space, addressOf(into), address, 8) === 8;
}

export function readWord32(space: AddressSpace | null, address: u64, into: Word): boolean {
  if (space === null) {
    into.value = word32At(address);
    return true;
  }
  if ((address & 4095) <= 4092) {
    const there = reachForRead(space, address);
    if (there === 0) return false;
    into.value = word32At(there);
    return true;
  }
  scratch.value = 0;
  if (copyIn(space, addressOf(scratch), address, 4) !== 4) return false;
  into.value = scratch.value;
  return true;
}

export function writeWord64(space: AddressSpace | null, address: u64, value: u64): boolean {
  if (space === null) {
    setWord64At(address, value);
    return true;
  }
  if ((address & 4095) <= 4088) {
    const there = reachForWrite(space, address);
    if (there === 0) return false;
    setWord64At(there, value);
    return true;
  }
  return writeAcross(space, address, value, 8);
}

export function writeWord32(space: AddressSpace | null, address: u64, value: u64): boolean {
  if (space === null) {
    setWord32At(address, value);
    return true;
  }
  if ((address & 4095) <= 4092) {
    const there = reachForWrite(space, address);
    if (there === 0) return false;
    setWord32At(there, value);
    return true;
  }
  return writeAcross(space, address, value, 4);
}

/** A word that lies in two pages: both are reached before the first byte is written. */
function writeAcross(space: AddressSpace, address: u64, value: u64, bytes: u64): boolean {
  if (reachForWrite(space, address) === 0 || reachForWrite(space, address + bytes - 1) === 0) return false;
  scratch.value = value;
  return copyOut(space, address, addressOf(scratch), bytes) === bytes;
}
