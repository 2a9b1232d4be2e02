/** What the processor says of itself (Intel SDM 2A, CPUID). */

/** Register `which` (0 eax, 1 ebx, 2 ecx, 3 edx) of CPUID for a leaf; 0 for leaves that it does not have. */
export function processorWord(leaf: u64, which: u64): u64 {
  const base: u64 = leaf & 0x8000_0000;
  return leaf > cpuidWord(base, 0) ? 0 : cpuidWord(leaf, which);
}
