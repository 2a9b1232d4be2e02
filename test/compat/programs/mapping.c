/*
 * The corners of mmap and its relatives: every error that Linux gives for a wrong address, length, flag or file, and
 * what happens to pages that are shared, moved, cut off or given back. Prints one line per case.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096, TIMES = 2000, RW = PROT_READ | PROT_WRITE, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS, SHARED = MAP_SHARED | MAP_ANONYMOUS };

static sigjmp_buf back;
static volatile int code;

static void caught(int signal, siginfo_t *information, void *context) {
  (void)context;
  code = signal * 100 + information->si_code;
  siglongjmp(back, 1);
}

/* "ok" for an address, else the error. */
static const char *outcome(void *address) { return address == MAP_FAILED ? strerror(errno) : "ok"; }

static const char *status(long result) { return result < 0 ? strerror(errno) : "ok"; }

/* What touching a byte does: the signal and its code, or 0. */
static int touch(volatile char *at, int writes) {
  code = 0;
  if (sigsetjmp(back, 1) == 0) {
    if (writes) *at = 1;
    else (void)*at;
  }
  return code;
}

static char *area(int pages) { return mmap(NULL, pages * PAGE, RW, PRIVATE, -1, 0); }

static void badArguments(int file) {
  char *free3 = area(3);
  munmap(free3, 3 * PAGE);
  printf("length 0: %s\n", outcome(mmap(NULL, 0, RW, PRIVATE, -1, 0)));
  printf("huge length: %s\n", outcome(mmap(NULL, (size_t)-1, RW, PRIVATE, -1, 0)));
  printf("2^63: %s\n", outcome(mmap(NULL, (size_t)1 << 63, RW, PRIVATE, -1, 0)));
  printf("2^46: %s\n", outcome(mmap(NULL, (size_t)1 << 46, RW, PRIVATE, -1, 0)));
  printf("no type: %s\n", outcome(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0)));
  printf("odd offset: %s\n", status(syscall(SYS_mmap, NULL, PAGE, RW, MAP_PRIVATE, file, 1)));
  printf("bad descriptor: %s\n", outcome(mmap(NULL, PAGE, RW, MAP_PRIVATE, 999, 0)));
  printf("odd fixed: %s\n", outcome(mmap(free3 + 1, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0)));
  printf("kernel fixed: %s\n", outcome(mmap((void *)0xffff800000000000, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0)));
  printf("top fixed: %s\n", outcome(mmap((void *)0x7ffffffff000, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0)));
  printf("no replace: %s\n", outcome(mmap(&badArguments, 1, RW, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0)));
  printf("validate anonymous: %s\n", outcome(mmap(NULL, PAGE, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0)));
  printf("unmap odd: %s, none: %s, wrap: %s\n", status(munmap(free3 + 1, PAGE)), status(munmap(free3, 0)), status(munmap(free3, -1ul)));
  printf("unmap nothing: %s\n", status(munmap(free3, PAGE)));
  printf("protect odd: %s, none: %s\n", status(mprotect(free3 + 1, PAGE, RW)), status(mprotect(free3, 0, RW)));
  printf("protect hole: %s, wrap: %s\n", status(mprotect(free3, PAGE, RW)), status(mprotect(free3, -PAGE, RW)));
  printf("protect unknown: %s\n", status(mprotect(free3, PAGE, 0x40)));
}

static void files(int file) {
  char name[] = "/tmp/mapping.XXXXXX";
  int reader = open("/bin/sh", O_RDONLY), directory = open("/", O_RDONLY), null = open("/dev/null", O_RDWR), writer;
  close(mkstemp(name));
  writer = open(name, O_WRONLY);
  printf("read-only file, shared write: %s\n", outcome(mmap(NULL, PAGE, RW, MAP_SHARED, reader, 0)));
  printf("read-only file, private write: %s\n", outcome(mmap(NULL, PAGE, RW, MAP_PRIVATE, reader, 0)));
  printf("write-only file: %s\n", outcome(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writer, 0)));
  printf("directory: %s, null: %s\n", outcome(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, directory, 0)),
         outcome(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, null, 0)));
  char *readable = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
  printf("make it writable: %s\n", status(mprotect(readable, PAGE, RW)));
  unlink(name);
  ftruncate(file, 2 * PAGE + 100);
  char *shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, file, 0), *own = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, file, 0);
  shared[0] = 'a';
  printf("private sees %c\n", own[0]);
  own[0] = 'b';
  shared[0] = 'c';
  char byte;
  pread(file, &byte, 1, 0);
  printf("shared %c, private %c, file %c\n", shared[0], own[0], byte);
  printf("last page: %d, beyond: %d, private beyond: %d\n", touch(shared + 2 * PAGE + 200, 1), touch(shared + 3 * PAGE, 0),
         touch(own + 3 * PAGE, 1));
  own[PAGE] = 'x';
  ftruncate(file, 50);
  printf("cut: shared %d, private copy %d\n", touch(shared + PAGE, 0), touch(own + PAGE, 0));
  ftruncate(file, 2 * PAGE);
  printf("grown: shared %d reads %d\n", touch(shared + PAGE, 0), shared[PAGE]);
  pwrite(file, "z", 1, PAGE);
  printf("written: %c\n", shared[PAGE]);
  munmap(shared, 4 * PAGE);
  munmap(own, 4 * PAGE);
}

static void sharing(void) {
  char *shared = mmap(NULL, 2 * PAGE, RW, SHARED, -1, 0), *own = area(2);
  own[0] = 1;
  pid_t child = fork();
  if (child == 0) {
    shared[0] = 7;
    shared[PAGE] = 8;
    own[0] = own[PAGE] = 9;
    _exit(0);
  }
  waitpid(child, NULL, 0);
  printf("shared %d %d, private %d %d\n", shared[0], shared[PAGE], own[0], own[PAGE]);
  madvise(own, PAGE, MADV_DONTFORK);
  madvise(own + PAGE, PAGE, MADV_WIPEONFORK);
  own[PAGE] = 5;
  child = fork();
  if (child == 0) {
    printf("not forked: %d, wiped: %d\n", touch(own, 0), own[PAGE]);
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  printf("parent keeps %d %d\n", own[0], own[PAGE]);
}

static void moving(void) {
  char *old = area(4), *grown;
  for (int page = 0; page < 4; page++) old[page * PAGE] = page + 1;
  char *blocked = area(1);
  (void)blocked;
  printf("mremap odd: %s, to nothing: %s\n", outcome(mremap(old + 1, PAGE, PAGE, 0)), outcome(mremap(old, PAGE, 0, 0)));
  printf("flags: %s, fixed alone: %s\n", outcome(mremap(old, PAGE, PAGE, 8)), outcome(mremap(old, PAGE, PAGE, MREMAP_FIXED, old)));
  printf("overlap: %s\n", outcome(mremap(old, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, old + PAGE)));
  grown = mremap(old, 4 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
  printf("grown: %s %d %d %d\n", outcome(grown), grown[0], grown[3 * PAGE], grown[599 * PAGE]);
  grown[599 * PAGE] = 99;
  printf("old place: %d\n", grown == old ? 1101 : touch(old, 0));
  printf("shrunk in place: %d\n", mremap(grown, 600 * PAGE, 2 * PAGE, 0) == grown);
  printf("beyond: %d, kept %d\n", touch(grown + 2 * PAGE, 0), grown[PAGE]);
  char *target = area(2);
  printf("to a fixed place: %d\n", mremap(grown, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
  printf("moved %d %d, gone %d\n", target[0], target[PAGE], touch(grown, 0));
  printf("nothing there: %s\n", outcome(mremap(grown, PAGE, 2 * PAGE, MREMAP_MAYMOVE)));
  printf("across two: %s\n", outcome(mremap(target, 4000 * PAGE, 5000 * PAGE, MREMAP_MAYMOVE)));
}

static void protecting(void) {
  char *three = area(3);
  three[0] = three[PAGE] = three[2 * PAGE] = 1;
  mprotect(three + PAGE, PAGE, PROT_READ);
  printf("read-only: read %d, write %d\n", touch(three + PAGE, 0), touch(three + PAGE, 1));
  mprotect(three + PAGE, PAGE, PROT_NONE);
  printf("none: read %d, write %d\n", touch(three + PAGE, 0), touch(three + PAGE, 1));
  mprotect(three, 3 * PAGE, RW);
  printf("all again: %d %d\n", touch(three + PAGE, 1), three[2 * PAGE]);
  munmap(three + PAGE, PAGE);
  printf("hole: %d, protect over it: %s, first page now %d\n", touch(three + PAGE, 0), status(mprotect(three, 3 * PAGE, PROT_READ)),
         touch(three, 1));
}

static void advising(void) {
  char *three = area(3);
  unsigned char core[3];
  three[0] = three[PAGE] = 1;
  mincore(three, 3 * PAGE, core);
  printf("in core: %d %d %d\n", core[0] & 1, core[1] & 1, core[2] & 1);
  printf("mincore odd: %s, bad vector: %s\n", status(mincore(three + 1, PAGE, core)), status(mincore(three, PAGE, (void *)8)));
  printf("advice: %s, odd: %s, none: %s\n", status(madvise(three, PAGE, 999)), status(madvise(three + 1, PAGE, MADV_NORMAL)),
         status(madvise(three, 0, MADV_NORMAL)));
  madvise(three, PAGE, MADV_DONTNEED);
  printf("given back: %d %d\n", three[0], three[PAGE]);
  munmap(three + PAGE, PAGE);
  printf("across a hole: %s\n", status(madvise(three, 3 * PAGE, MADV_DONTNEED)));
  printf("mincore hole: %s\n", status(mincore(three, 3 * PAGE, core)));
  printf("msync: %s, both: %s, unknown: %s, hole: %s, odd: %s\n", status(msync(three, PAGE, MS_SYNC)),
         status(msync(three, PAGE, MS_SYNC | MS_ASYNC)), status(msync(three, PAGE, 64)), status(msync(three, 3 * PAGE, MS_SYNC)),
         status(msync(three + 1, PAGE, MS_SYNC)));
  printf("lock: %s, hole: %s, unlock: %s, all: %s, bad: %s\n", status(mlock(three, PAGE)), status(mlock(three, 3 * PAGE)),
         status(munlock(three, PAGE)), status(mlockall(MCL_CURRENT)), status(mlockall(0)));
  munlockall();
  madvise(three, PAGE, MADV_POPULATE_WRITE);
  mincore(three, PAGE, core);
  printf("populated: %d\n", core[0] & 1);
}

static void limiting(void) {
  struct rlimit limit;
  /* By number: the C library keeps its own idea of the break. */
  char *start = (char *)syscall(SYS_brk, 0);
  printf("brk: %d\n", (int)((char *)syscall(SYS_brk, start + 100000) - start));
  printf("its end: %d\n", touch(start + 99999, 1));
  printf("back: %d\n", (int)((char *)syscall(SYS_brk, start) - start));
  printf("brk into the sky: %d\n", (int)((char *)syscall(SYS_brk, 0x700000000000) - start));
  getrlimit(RLIMIT_AS, &limit);
  struct rlimit small = {64 << 20, limit.rlim_max};
  setrlimit(RLIMIT_AS, &small);
  printf("beyond RLIMIT_AS: %s\n", outcome(mmap(NULL, 65 << 20, PROT_NONE, PRIVATE, -1, 0)));
  setrlimit(RLIMIT_AS, &limit);
  getrlimit(RLIMIT_DATA, &limit);
  small.rlim_cur = 8 << 20;
  setrlimit(RLIMIT_DATA, &small);
  printf("beyond RLIMIT_DATA: %s, reading is free: %s\n", outcome(mmap(NULL, 9 << 20, RW, PRIVATE, -1, 0)),
         outcome(mmap(NULL, 9 << 20, PROT_READ, PRIVATE, -1, 0)));
  setrlimit(RLIMIT_DATA, &limit);
}

static int deep(int level) {
  volatile char frame[PAGE];
  frame[0] = (char)level;
  return level == 0 ? 0 : deep(level - 1) + (frame[0] == (char)level);
}

/* How many of the mappings read `value` at `offset`; a signal counts as -1. */
static int reading(char **maps, int offset, int value) {
  int found = 0;
  for (int index = 0; index < TIMES; index++) {
    int outcome = touch(maps[index] + offset, 0) == 0 ? maps[index][offset] : -1;
    found += outcome == value;
  }
  return found;
}

/* A file that is mapped many times over, here and in a child, loses pages amid it and at its end. */
static void cutting(int file) {
  static char *maps[TIMES];
  ftruncate(file, 4 * PAGE);
  char *own = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, file, 0);
  for (int index = 0; index < TIMES; index++) {
    maps[index] = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, file, 0);
    maps[index][PAGE] = maps[index][2 * PAGE] = maps[index][3 * PAGE] = 5;
  }
  own[PAGE] = own[3 * PAGE] = 7;
  printf("before: own %d %d %d\n", own[PAGE], own[2 * PAGE], own[3 * PAGE]);
  pid_t child = fork();
  if (child == 0) raise(SIGSTOP);
  if (child != 0) {
    waitpid(child, NULL, WUNTRACED);
    printf("punch: %s\n", status(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, 2 * PAGE)));
    maps[TIMES / 2][PAGE] = 6;
    kill(child, SIGCONT);
    waitpid(child, NULL, 0);
  }
  const char *who = child == 0 ? "child" : "parent";
  printf("%s: in the hole %d %d, behind it %d\n", who, reading(maps, PAGE, 6), reading(maps, 2 * PAGE, 0), reading(maps, 3 * PAGE, 5));
  printf("%s: own copies stay %d %d, the rest is the file's %d\n", who, own[PAGE], own[3 * PAGE], own[2 * PAGE]);
  if (child == 0) _exit(0);
  munmap(maps[0], PAGE);
  maps[0] = mremap(maps[0] + PAGE, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area(3));
  maps[0] -= PAGE;
  printf("cut: %s\n", status(ftruncate(file, 2 * PAGE)));
  printf("before the end %d, behind it %d, own %d %d\n", reading(maps, PAGE, 6), reading(maps, 2 * PAGE, -1), touch(own + 2 * PAGE, 0),
         touch(own + 3 * PAGE, 0));
  printf("longer: %s\n", status(ftruncate(file, 4 * PAGE)));
  printf("behind the old end %d %d, own %d\n", reading(maps, 2 * PAGE, 0), reading(maps, 3 * PAGE, 0), own[3 * PAGE]);
  for (int index = 0; index < TIMES; index++) munmap(maps[index], 4 * PAGE);
}

enum { AREAS = 6000 };
static char *volatile crowded;
static volatile int isDone, intrusions;

/* Takes whatever room there is, again and again. */
static void *takingRoom(void *nothing) {
  while (!isDone) {
    char *own = area(1);
    *own = 5;
    intrusions += own >= crowded && own < crowded + AREAS * PAGE;
    sched_yield();
    intrusions += *own != 5;
    munmap(own, PAGE);
  }
  return nothing;
}

/* A mapping takes the place of very many, or another is moved there: no other thread gets room in between. */
static void replacing(void) {
  pthread_t other;
  crowded = area(AREAS);
  pthread_create(&other, NULL, takingRoom, NULL);
  for (int round = 0; round < 4; round++) {
    for (int index = 0; index < AREAS; index += 2) mprotect(crowded + index * PAGE, PAGE, PROT_NONE);
    if (round % 2 == 0) mmap(crowded, AREAS * PAGE, RW, (round == 0 ? PRIVATE : SHARED) | MAP_FIXED, -1, 0);
    else mremap(area(AREAS), AREAS * PAGE, AREAS * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, crowded);
    crowded[0] = crowded[AREAS * PAGE - 1] = 1;
  }
  isDone = 1;
  pthread_join(other, NULL);
  printf("intrusions: %d\n", intrusions);
}

int main(void) {
  char name[] = "/tmp/mapped.XXXXXX";
  int file = mkstemp(name);
  unlink(name);
  static char alternate[65536];
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  setvbuf(stdout, NULL, _IONBF, 0);
  badArguments(file);
  files(file);
  sharing();
  moving();
  protecting();
  advising();
  limiting();
  // Last, for the memory they leave mapped is more than an ordinary user may lock.
  cutting(file);
  replacing();
  char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  printf("below 2 GB: %d\n", low != MAP_FAILED && (unsigned long)low < 0x80000000);
  printf("a stack of 7 MB: %d\n", deep(1750));
  code = 0;
  if (sigsetjmp(back, 1) == 0) deep(1 << 20);
  printf("a stack without end: %d\n", code);
  return 0;
}
