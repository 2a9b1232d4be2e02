/** What the process server needs from the processor besides memory and kernel operations (C in intrinsics.h here). */

/** Reads the time stamp counter (Intel SDM 2B, RDTSC). */
declare function readTimeStamp(): u64;
