/**
 * What a system call handler returns besides a value or a negated errno. The numbers lie outside both ranges
 * (errno is at most 4095), so one comparison tells them from answers.
 */

/** The thread stands in a wait queue; its handler runs again when it is woken. */
export const BLOCKED: i64 = -65536;
/** The slice is over; the handler runs again after others had a turn. */
export const AGAIN: i64 = -65537;
/** There is nobody to answer: the thread has exited. */
export const NO_REPLY: i64 = -65538;
/** Every register was set by the handler: leave rax alone and restore all of them. */
export const REGISTERS_SET: i64 = -65539;

/** How much one slice of a long call may copy (bytes) or map (pages), so that no request holds the server long. */
export const SLICE_BYTES: u64 = 262144;
export const SLICE_PAGES: u64 = 256;
