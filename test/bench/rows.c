/*
 * Measures what operations cost on whatever system runs it, in ticks of the time-stamp counter, which under
 * `tools/kairo run --icount` are guest instructions. Prints `name<TAB>ticks` per row: the median of many rounds, the
 * operation's user part included, the measurement's own cost taken off.
 * Arguments: the path of a tiny program to execute.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 201, FEW = 41, PAGE = 4096 };

static uint64_t sample[MANY], overhead;
static char buffer[PAGE];
static const char *tiny;

static inline uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
  return (uint64_t)high << 32 | low;
}

static int compare(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return a < b ? -1 : a > b;
}

static uint64_t median(int rounds) {
  qsort(sample, rounds, sizeof *sample, compare);
  return sample[rounds / 2];
}

static void print(const char *name, uint64_t value) {
  printf("%s\t%lu\n", name, value);
  fflush(stdout);
}

/* One row: `statement` measured `rounds` times; `divisor` operations happen in each. */
#define ROW(name, rounds, divisor, statement)              \
  do {                                                     \
    for (int round = 0; round < (rounds); round++) {       \
      uint64_t start = ticks();                            \
      statement;                                           \
      sample[round] = ticks() - start - overhead;          \
    }                                                      \
    print(name, median(rounds) / (divisor));               \
  } while (0)

static void handler(int signal) { (void)signal; }

static int noThread(void *argument) { return argument != NULL; }

/* A thread as a C library makes it, without the library: clone, exit, and a futex wait until the kernel clears `alive`. */
static void runThread(void) {
  static char stack[16384] __attribute__((aligned(16)));
  static volatile int alive;
  const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  alive = 1;
  clone(noThread, stack + sizeof stack, flags, NULL, &alive, NULL, &alive);
  for (int seen = alive; seen != 0; seen = alive) syscall(SYS_futex, &alive, 0 /* FUTEX_WAIT */, seen, NULL);
}

static pid_t forked(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  return child;
}

static void execute(pid_t child) {
  if (child == 0) {
    execl(tiny, tiny, (char *)NULL);
    _exit(127);
  }
  int status;
  waitpid(child, &status, 0);
  if (status != 0) _exit(1);
}

static void pingPong(const char *name, int there[2], int back[2]) {
  pid_t child = fork();
  if (child == 0) {
    while (read(there[0], buffer, 1) == 1) {
      if (write(back[1], buffer, 1) != 1) _exit(1);
    }
    _exit(0);
  }
  ROW(name, MANY, 1, if (write(there[1], buffer, 1) != 1 || read(back[0], buffer, 1) != 1) exit(1));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void files(void) {
  int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY), fd;
  struct pollfd watched = {.fd = zero, .events = POLLIN};
  struct stat information;
  ROW("read-zero", MANY, 1, read(zero, buffer, 1));
  ROW("write-null", MANY, 1, write(null, buffer, 1));
  ROW("poll", MANY, 1, poll(&watched, 1, 0));
  ROW("stat", MANY, 1, stat("/", &information));
  ROW("open-close", MANY, 1, close(open("/dev/null", O_WRONLY)));
  ROW("proc-stat", MANY, 1, fd = open("/proc/self/stat", O_RDONLY); read(fd, buffer, PAGE); close(fd));
  fd = open("/tmp/bench", O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (pwrite(fd, buffer, PAGE, 0) != PAGE) exit(1);
  ROW("pwrite-4k", MANY, 1, pwrite(fd, buffer, PAGE, 0));
  ROW("pread-4k", MANY, 1, pread(fd, buffer, PAGE, 0));
  ROW("create-unlink", MANY, 1, close(open("/tmp/bench-x", O_CREAT | O_RDWR, 0600)); unlink("/tmp/bench-x"));
  unlink("/tmp/bench");
}

static void memory(void) {
  enum { PAGES = MANY };
  char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ROW("page-fault", PAGES, 1, ((volatile char *)area)[(long)round * PAGE] = 1);
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  ROW("copy-on-write", PAGES, 1, ((volatile char *)area)[(long)round * PAGE] = 2);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  munmap(area, PAGES * PAGE);
  ROW("mmap-touch-munmap", MANY, 64, area = mmap(NULL, 64 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      for (int page = 0; page < 64; page++) ((volatile char *)area)[page * PAGE] = 1; munmap(area, 64 * PAGE));
  ROW("mmap-munmap-64", MANY, 1, area = mmap(NULL, 64 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      munmap(area, 64 * PAGE));
}

static void processes(void) {
  posix_spawnattr_t attributes;
  char *arguments[] = {(char *)tiny, NULL};
  pid_t child;
  ROW("fork-wait", FEW, 1, waitpid(forked(), NULL, 0));
  for (int round = 0; round < FEW; round++) {
    uint64_t start = ticks();
    child = forked();
    sample[round] = ticks() - start - overhead;
    waitpid(child, NULL, 0);
  }
  print("fork", median(FEW));
  ROW("vfork-exec-wait", FEW, 1, execute(vfork()));
  ROW("fork-exec-wait", FEW, 1, execute(fork()));
  posix_spawnattr_init(&attributes);
  ROW("spawn-wait", FEW, 1, posix_spawn(&child, tiny, NULL, &attributes, arguments, NULL); waitpid(child, NULL, 0));
  ROW("thread", FEW, 1, runThread());

  ROW("yield", MANY, 1, sched_yield());
  /* Equal real-time priorities take turns at every yield (sched(7)); a fair scheduler would not. */
  const struct sched_param priority = {.sched_priority = 1};
  syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &priority); /* musl would not */
  child = fork();
  if (child == 0) {
    for (;;) sched_yield();
  }
  for (int settle = 0; settle < 10; settle++) sched_yield();
  for (int round = 0; round < MANY; round++) {
    uint64_t start = ticks();
    sched_yield();
    sample[round] = ticks() - start - overhead;
  }
  uint64_t total = 0;
  for (int round = 0; round < MANY; round++) total += sample[round];
  print("context-switch", total / MANY / 2);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  tiny = arguments[1];
  for (int round = 0; round < MANY; round++) {
    uint64_t start = ticks();
    sample[round] = ticks() - start;
  }
  overhead = median(MANY);

  ROW("getppid", MANY, 1, getppid());
  ROW("getpid", MANY, 1, getpid());
  ROW("no-such-call", MANY, 1, syscall(9999));
  sigset_t set;
  sigemptyset(&set);
  ROW("sigprocmask", MANY, 1, sigprocmask(SIG_BLOCK, &set, NULL));
  struct sigaction action = {.sa_handler = handler};
  ROW("sigaction", MANY, 1, sigaction(SIGUSR1, &action, NULL));
  struct timespec now;
  ROW("clock-gettime", MANY, 1, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now));
  ROW("kill-0", MANY, 1, kill(getpid(), 0));
  ROW("signal-self", MANY, 1, kill(getpid(), SIGUSR1));
  files();

  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) return 1;
  ROW("pipe-1", MANY, 1, write(there[1], buffer, 1); read(there[0], buffer, 1));
  ROW("pipe-4k", MANY, 1, write(there[1], buffer, PAGE); read(there[0], buffer, PAGE));
  int ends[2];
  ROW("pipe-create", MANY, 1, if (pipe(ends) == 0) { close(ends[0]); close(ends[1]); });
  pingPong("pipe-ping-pong", there, back);
  memory();
  processes();
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0) {
    pid_t child = fork();
    if (child == 0) {
      while (read(sockets[1], buffer, 1) == 1 && write(sockets[1], buffer, 1) == 1) {}
      _exit(0);
    }
    ROW("unix-ping-pong", MANY, 1, if (write(sockets[0], buffer, 1) != 1 || read(sockets[0], buffer, 1) != 1) return 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  return 0;
}
