/** What the process server needs from the processor besides memory and kernel operations (C in intrinsics.h here). */

/** Reads the time stamp counter (Intel SDM 2B, RDTSC). */
declare function readTimeStamp(): u64;

/** EDX of CPUID leaf 1: the processor's features as AT_HWCAP gives them (Intel SDM 2A, CPUID). */
declare function readCpuFeatures(): u64;

/** Register `which` (0 eax, 1 ebx, 2 ecx, 3 edx) of CPUID for a leaf, subleaf 0 (Intel SDM 2A, CPUID). */
declare function cpuidWord(leaf: u64, which: u64): u64;
