/** What a panic reports of the processor itself. */
import type { Frame } from '../../../lib/abi/frame.js';

/** CR0, CR2, CR3 or CR4. */
export function controlRegister(number: number): u64 {
  switch (number) {
    case 0:
      return readCr0();
    case 2:
      return readCr2();
    case 3:
      return readCr3();
    default:
      return readCr4();
  }
}

/** The frame pointer from which a backtrace of the caller starts. */
export function callerFrame(): u64 {
  return framePointer();
}

/** The general registers, rip, rflags and segments as they are here, into `frame`. */
export function captureRegisters(frame: Frame): void {
  storeRegisters(addressOf(frame));
}
