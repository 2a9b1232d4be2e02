/** Kernel invocations as functions: the operations of lib/abi/arch/x86_64, for the portable rest of the server. */

import { ROOT_UTCB_ADDRESS } from '../../../lib/abi/boot-information';
import { Operation } from '../../../lib/abi/operation';
import type { Utcb } from '../../../lib/abi/utcb';

/** Invokes `capability`; gives the error (KernelError). Results are read with `result0` and so on, before the next call. */
export function invoke(capability: u64, label: u64, word0: u64, word1: u64, word2: u64, word3: u64): u64 {
  return kernelCall(capability, label, word0, word1, word2, word3);
}

export function result0(): u64 {
  return kernelWord0();
}

export function result1(): u64 {
  return kernelWord1();
}

export function result2(): u64 {
  return kernelWord2();
}

export function result3(): u64 {
  return kernelWord3();
}

/** Appends a byte to the kernel's log. */
export function logByte(byte: u64): void {
  kernelOperation(Operation.DebugPut, byte, 0, 0, 0, 0, 0);
}

/** The server's own message page: bulk data of invocations passes through `data`. */
export function ownUtcb(): Utcb {
  return reference<Utcb>(ROOT_UTCB_ADDRESS);
}
