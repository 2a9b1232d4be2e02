/** Why the FPU trapped, from the state it left: x87 status and control word, MXCSR (Intel SDM 1, 8.1.3 and 10.2.3). */
import { word16At, word32At } from '../../../lib/arch/x86_64/bytes';
import { saveFpu } from '../../kernel/threads';
import type { Thread } from '../../process/thread';

/** The FXSAVE image begins with FCW and FSW; MXCSR is at 24, its masks 7 bits above its flags. */
const STATUS_AT: u64 = 2;
const MXCSR_AT: u64 = 24;
const MASKS_SHIFT: u64 = 7;
const start: Fixed<u64, 4> = reserve();

/** The exceptions that are flagged and not masked, as both units number them (bit 0 invalid ... bit 5 inexact). */
export function floatingPointErrors(thread: Thread, isSimd: boolean): u64 {
  const image = addressOf(start);
  saveFpu(thread, image, 32);
  if (!isSimd) return word16At(image + STATUS_AT) & ~word16At(image) & 0x3f;
  const control = word32At(image + MXCSR_AT);
  return control & ~(control >> MASKS_SHIFT) & 0x3f;
}
