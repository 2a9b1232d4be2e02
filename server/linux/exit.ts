/** exit(2) and exit_group(2). */
import { ATTENTION_EXIT } from '../process/attention';
import { exitGroup } from '../process/exit';
import type { Thread } from '../process/thread';
import { REGISTERS_SET } from '../wait/outcome';

/** Ends the calling thread; the status counts if it is the last. */
export function sysExit(thread: Thread): i64 {
  thread.exitStatus = ((thread.frame.rdi & 0xff) << 8) as u32;
  thread.attention |= ATTENTION_EXIT;
  return REGISTERS_SET;
}

/** Ends the process. */
export function sysExitGroup(thread: Thread): i64 {
  exitGroup(thread.process, ((thread.frame.rdi & 0xff) << 8) as u32);
  return REGISTERS_SET;
}
