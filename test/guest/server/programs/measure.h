/*
 * How long one process's request keeps others from being answered. `measure` starts a worker, which asks for something
 * long, and meanwhile calls getppid as fast as it can. Every process and thread that takes part says so with `beat`
 * whenever it runs; the longest time between two beats of anybody is how long the server was away from all of them. In
 * ticks of the time-stamp counter, which under --icount are instructions.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, PAGE = 4096, AFTERWARDS = 20000 };
enum { PREPARING, WORKING, DONE };

/* Shared by all who take part. Only what lies wholly within WORKING counts: before and after it the worker computes, and
 * may keep the processor for as long as the scheduler lets it. */
static volatile struct {
  int phase;
  /* The caller has noticed: it measures from here on. */
  int isWatched;
  uint64_t last, longest, beats;
} *shared;

struct work { const char *name; void (*run)(void); };

static inline uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
}

/* Whoever is interrupted in between by another's beat leaves it to that one. */
static inline void beat(void) {
  uint64_t last = shared->last, now = ticks();
  if (shared->phase != WORKING || shared->last != last) return;
  if (last != 0 && now > last && now - last > shared->longest) shared->longest = now - last;
  __sync_bool_compare_and_swap(&shared->last, last, now);
  shared->beats++;
}

static inline void begin(void) {
  shared->last = 0;
  shared->phase = WORKING;
  while (!shared->isWatched) sched_yield();
  beat();
}

static inline void finish(void) {
  beat();
  shared->phase = DONE;
}

static inline void must(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  _exit(1);
}

static inline char *room(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  must(memory != MAP_FAILED, "mmap");
  return memory;
}

static inline char *touched(size_t bytes) {
  char *memory = room(bytes);
  memset(memory, 1, bytes);
  return memory;
}

/* A word that threads and processes may share, and wait for. */
static inline volatile int *sharedWord(void) {
  void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(memory != MAP_FAILED, "mmap");
  return memory;
}

/* Prints how often anybody ran meanwhile and the longest time between two of those. */
static int measure(const struct work *work) {
  int status = 0;
  memset((void *)shared, 0, sizeof *shared);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    work->run();
    _exit(0);
  }
  while (shared->phase == PREPARING && waitpid(child, &status, WNOHANG) == 0) sched_yield();
  shared->isWatched = 1;
  /* What the worker left behind is taken away after its end: a while longer. */
  for (int rest = AFTERWARDS; rest > 0;) {
    if (rest < AFTERWARDS || waitpid(child, &status, WNOHANG) != 0) rest--;
    syscall(SYS_getppid);
    beat();
    if (rest == AFTERWARDS) sched_yield();
  }
  shared->phase = PREPARING;
  while (waitpid(-1, NULL, 0) > 0);
  printf("%s: status %d, %llu beats, longest %llu\n", work->name, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
         (unsigned long long)shared->beats, (unsigned long long)shared->longest);
  return 0;
}

/* The works that are named, one after another; without a name, all. */
static int measureAll(int count, char **words, const struct work *works, size_t many) {
  shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (size_t index = 0; index < many; index++) {
    int isWanted = count < 2;
    for (int word = 1; word < count; word++) isWanted |= strcmp(words[word], works[index].name) == 0;
    if (isWanted) measure(&works[index]);
  }
  return 0;
}
