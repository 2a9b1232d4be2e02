/* Ring-3 intrinsics of the process server: see intrinsics.d.ts beside this file. */
#ifndef KAIRO_SERVER_INTRINSICS_H
#define KAIRO_SERVER_INTRINSICS_H

static inline uint64_t readTimeStamp(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return ((uint64_t)high << 32) | low;
}

static inline uint64_t readCpuFeatures(void) {
  uint32_t eax = 1, ebx, ecx = 0, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return edx;
}

static inline uint64_t cpuidWord(uint64_t leaf, uint64_t which) {
  uint32_t eax = (uint32_t)leaf, ebx, ecx = 0, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return which == 0 ? eax : which == 1 ? ebx : which == 2 ? ecx : edx;
}

#endif
