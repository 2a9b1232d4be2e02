/*
 * slices WHAT: one process asks for something long while another calls getppid as fast as it can. Prints how many calls
 * were answered meanwhile and the longest time from one answer to the next, in ticks of the time-stamp counter.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, ARGUMENTS = 18, ARGUMENT_BYTES = 100000, AFTERWARDS = 20000 };
enum { PREPARING, WORKING, DONE };

/* Shared by the two: what the worker is at. Only what lies wholly within WORKING counts: before and after it the worker
 * computes, and may keep the processor for as long as the scheduler lets it. */
static volatile struct {
  int phase;
  /* The caller has noticed: it measures from here on. */
  int isWatched;
  /* When the worker's call came back; 0 if it does not. */
  uint64_t finished;
} *shared;

static uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
}

static void begin(void) {
  shared->phase = WORKING;
  while (!shared->isWatched) sched_yield();
}

static void finish(void) {
  shared->finished = ticks();
  shared->phase = DONE;
}

static char *touched(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) exit(1);
  memset(memory, 1, bytes);
  return memory;
}

static void readZeros(void) {
  size_t bytes = 256UL * MEGABYTE;
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int zero = open("/dev/zero", O_RDONLY);
  begin();
  if (read(zero, memory, bytes) != (ssize_t)bytes) exit(1);
  finish();
}

static void writeBytes(int isMeasured) {
  size_t bytes = 64UL * MEGABYTE;
  char *memory = touched(bytes);
  int file = open("/tmp/big", O_CREAT | O_WRONLY, 0600);
  if (isMeasured) begin();
  if (write(file, memory, bytes) != (ssize_t)bytes) exit(1);
  if (isMeasured) finish();
  close(file);
}

static void writeFile(void) { writeBytes(1); }

static void removeFile(void) {
  writeBytes(0);
  begin();
  if (unlink("/tmp/big") != 0) exit(1);
}

static void forkMuch(void) {
  touched(64UL * MEGABYTE);
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  if (child < 0 || waitpid(child, NULL, 0) != child) exit(1);
}

static void unmapMuch(void) {
  char *memory = touched(64UL * MEGABYTE);
  begin();
  if (munmap(memory, 64UL * MEGABYTE) != 0) exit(1);
  finish();
}

static void protectMuch(void) {
  char *memory = touched(64UL * MEGABYTE);
  begin();
  if (mprotect(memory, 64UL * MEGABYTE, PROT_READ) != 0) exit(1);
  finish();
}

static void exitWithMuch(void) {
  touched(64UL * MEGABYTE);
  begin();
  _exit(0);
}

static void executeWithMuch(void) {
  touched(64UL * MEGABYTE);
  char *words[ARGUMENTS + 3] = {"slices", "nothing"};
  for (int index = 0; index < ARGUMENTS; index++) {
    words[index + 2] = malloc(ARGUMENT_BYTES + 1);
    memset(words[index + 2], 'x', ARGUMENT_BYTES);
    words[index + 2][ARGUMENT_BYTES] = 0;
  }
  begin();
  execv("/proc/self/exe", words);
  exit(1);
}

static const struct { const char *name; void (*run)(void); } works[] = {
    {"read", readZeros}, {"write", writeFile}, {"unlink", removeFile}, {"fork", forkMuch}, {"munmap", unmapMuch},
    {"mprotect", protectMuch}, {"exit", exitWithMuch}, {"execve", executeWithMuch},
};

int main(int count, char **words) {
  if (count < 2) return 2;
  if (strcmp(words[1], "nothing") == 0) return 0;
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (size_t index = 0; index < sizeof works / sizeof *works; index++) {
    if (strcmp(words[1], works[index].name) != 0) continue;
    pid_t child = fork();
    if (child == 0) {
      works[index].run();
      _exit(0);
    }
    uint64_t calls = 0, longest = 0, last = 0;
    int status = 0;
    /* What the worker left behind is taken away after its end: a while longer. */
    for (int rest = AFTERWARDS; rest > 0;) {
      int isOver = rest < AFTERWARDS || waitpid(child, &status, WNOHANG) != 0;
      if (isOver) rest--;
      int isWatching = isOver || shared->phase == WORKING;
      syscall(SYS_getppid);
      uint64_t now = ticks(), until = shared->phase == DONE && !isOver ? shared->finished : now;
      if (last != 0 && until > last && until - last > longest) longest = until - last;
      if (last != 0) calls++;
      last = isWatching && (isOver || shared->phase == WORKING) ? now : 0;
      if (last != 0) shared->isWatched = 1;
    }
    printf("%s: status %d, %llu calls, longest %llu\n", words[1], WEXITSTATUS(status), (unsigned long long)calls,
           (unsigned long long)longest);
    return 0;
  }
  return 2;
}
