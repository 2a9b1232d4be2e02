/** A frame as an array of words, for copying it to a message. */
import type { Frame } from '../../../../lib/abi/frame.js';

export function frameWord(frame: Frame, index: u64): u64 {
  return load64(addressOf(frame) + index * 8);
}
