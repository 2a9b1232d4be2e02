/** The mask of sigsuspend, ppoll, pselect and epoll_pwait: in force during the call, put back at delivery. */
import { ATTENTION_MASK } from '../process/attention';
import type { Thread } from '../process/thread';
import { KILL_AND_STOP } from './numbers';
import { reconsider } from './send';

/** Puts `mask` in force until the call ends; harmless when the call runs again. */
export function useTemporaryMask(thread: Thread, mask: u64): void {
  if (thread.hasSavedMask) return;
  thread.savedMask = thread.mask;
  thread.hasSavedMask = true;
  thread.mask = mask & ~KILL_AND_STOP;
  thread.attention |= ATTENTION_MASK;
  reconsider(thread);
}
