/** The boot information page and other memory of the root task, seen by the kernel while it fills them. */
import type { BootInformation } from '../../../../lib/abi/boot-information.js';
import { directAddress } from '../../../arch/x86_64/memory.js';

const COM2_SCRATCH: u64 = 0x2ff;

export function bootInformationAt(physical: u64): BootInformation {
  return reference<BootInformation>(directAddress(physical));
}

/** Copies physical memory upwards. */
export function copyMemory(destination: u64, source: u64, bytes: u64): void {
  copyBytes(directAddress(destination), directAddress(source), bytes);
}

/** Whether a 16550 answers at COM2: its scratch register keeps what is written. */
export function hasSecondSerial(): boolean {
  out8(COM2_SCRATCH, 0x5a);
  const first = in8(COM2_SCRATCH);
  out8(COM2_SCRATCH, 0xa5);
  return first === 0x5a && in8(COM2_SCRATCH) === 0xa5;
}
