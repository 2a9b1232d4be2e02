/** The bits of `Thread.attention`: what is due besides the answer, before a thread goes back to user mode. */

/** A signal that is neither blocked nor ignored is pending. */
export const ATTENTION_SIGNAL: u32 = 1;
/** The process is stopped: the thread is held. */
export const ATTENTION_STOP: u32 = 2;
/** The process is exiting: the thread must die. */
export const ATTENTION_EXIT: u32 = 4;
/** System calls are traced to the log. */
export const ATTENTION_TRACE: u32 = 8;
/** A mask saved by sigsuspend, ppoll or pselect is to be put back. */
export const ATTENTION_MASK: u32 = 16;
