/** Copying whole register frames. */
import type { Frame } from '../../../lib/abi/frame';
import { copyMemory } from '../../../lib/arch/x86_64/bytes';

export function copyFrame(to: Frame, from: Frame): void {
  copyMemory(addressOf(to), addressOf(from), sizeOf<Frame>() as u64);
}
