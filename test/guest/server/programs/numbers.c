/* numbers WORK...: as many processes, threads and zombies as 1 GB of memory allows. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <time.h>

enum { ZOMBIES = 28000, LAST_PID = 32767, STACK = 16384 };

/* A child that is gone at once: its number. */
static pid_t zombie(void) {
  pid_t child = vfork();
  if (child == 0) _exit(0);
  must(child > 0, "vfork");
  return child;
}

/* Nearly all numbers are taken, in a row: a new one is behind them all. */
static void zombies(void) {
  pid_t first = zombie(), last = first;
  for (int index = 1; index < ZOMBIES; index++) last = zombie();
  while (last < LAST_PID - 1) {
    last = zombie();
    must(waitpid(last, NULL, 0) == last, "wait");
  }
  begin();
  for (int round = 0; round < 4; round++) {
    pid_t child = zombie();
    beat();
    must(waitpid(child, NULL, 0) == child, "wait");
    beat();
  }
  must(waitpid(first, NULL, 0) == first, "wait");
  beat();
  pid_t child = fork();
  if (child == 0) {
    usleep(1000);
    _exit(0);
  }
  setpgid(child, child);
  must(waitpid(-child, NULL, WNOHANG) == 0, "wait");
  beat();
  must(kill(-1, 0) == 0, "kill");
  beat();
  must(kill(0, 0) == 0, "kill");
  finish();
}

static void readWhole(const char *path) {
  static char text[65536];
  int file = open(path, O_RDONLY);
  must(file >= 0, path);
  beat();
  while (read(file, text, sizeof text) > 0) beat();
  close(file);
  beat();
}

static volatile int *there;

static void statistics(void) {
  int count = 0;
  there = sharedWord();
  for (pid_t child; (child = fork()) >= 0; count++) {
    if (child != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    __sync_fetch_and_add(there, 1);
    for (;;) pause();
  }
  must(errno == EAGAIN && count > 1000, "fork");
  while (*there < count) sched_yield();
  begin();
  readWhole("/proc/stat");
  readWhole("/proc/loadavg");
  readWhole("/proc/uptime");
  finish();
}

static void *rest(void *unused) {
  __sync_fetch_and_add(there, 1);
  for (;;) pause();
  return unused;
}

static void threads(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK);
  there = sharedWord();
  int count = 0;
  for (pthread_t thread; pthread_create(&thread, &attributes, rest, NULL) == 0;) count++;
  must(count > 1000, "pthread_create");
  while (*there < count) sched_yield();
  static char entries[65536], path[4096];
  struct rusage usage;
  struct tms times_;
  struct timespec now;
  struct stat status;
  int directory = open("/proc/self/task", O_RDONLY | O_DIRECTORY), found = 0;
  begin();
  for (long got; (got = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0; beat())
    for (long at = 0; at < got; at += *(unsigned short *)(entries + at + 16)) found++;
  must(found == count + 3, "getdents64");
  directory = open("/proc", O_RDONLY | O_DIRECTORY);
  while (syscall(SYS_getdents64, directory, entries, sizeof entries) > 0) beat();
  getrusage(RUSAGE_SELF, &usage);
  beat();
  times(&times_);
  beat();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  beat();
  readWhole("/proc/self/stat");
  readWhole("/proc/self/status");
  finish();
  must(chdir("/proc/self/task") == 0, "chdir");
  while (strlen(path) < 4000) sprintf(path + strlen(path), "%d/../", getpid());
  begin();
  stat(path, &status);
  finish();
}

static const struct work works[] = {{"zombies", zombies}, {"statistics", statistics}, {"threads", threads}};

int main(int count, char **words) { return measureAll(count, words, works, sizeof works / sizeof *works); }
