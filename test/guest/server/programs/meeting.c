/* meeting: while hundreds wait for ever and one reads much, twenty sleep until the same moment. All of it must end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IDLE = 700, SLEEPERS = 20, ROUNDS = 10, BYTES = 64 << 20 };

int main(void) {
  char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int zero = open("/dev/zero", O_RDONLY);
  setpgid(0, 0);
  signal(SIGTERM, SIG_IGN);
  for (int index = 0; index < IDLE; index++)
    if (fork() == 0) {
      signal(SIGTERM, SIG_DFL);
      for (;;) pause();
    }
  for (int round = 0; round < ROUNDS; round++) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    if ((moment.tv_nsec += 20000000) >= 1000000000) moment.tv_nsec -= 1000000000, moment.tv_sec++;
    for (int index = 0; index < SLEEPERS; index++)
      if (fork() == 0) _exit(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL));
    if (read(zero, memory, BYTES) != BYTES) return 1;
    for (int index = 0; index < SLEEPERS; index++) wait(NULL);
  }
  kill(0, SIGTERM);
  while (wait(NULL) > 0);
  puts("met");
  return 0;
}
