/*
 * Says as the first program how many ticks of the time-stamp counter have passed since the machine was reset: under
 * icount, instructions. Everything it does before reading the counter is the C library's start.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  printf("init %lu\n", (uint64_t)high << 32 | low);
  fflush(stdout);
  sync();
  return reboot(RB_POWER_OFF);
}
