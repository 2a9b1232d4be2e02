/* hordes WORK...: what there can be more of than of threads: zombies, queued signals. What it prints, measure.h tells. */
#include "measure.h"
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>

enum { THREADS = 1000, PROCESSES = 1000, ZOMBIES = 28000, SIGNALS = 200000, STACK = 4096 };
enum { FUTEX_WAIT };

static volatile int *word, *there;

static void *waitForWord(void *unused) {
  __sync_fetch_and_add(there, 1);
  while (*word == 0) {
    syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
    beat();
  }
  return unused;
}

static void gatherThreads(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int index = 0; index < THREADS; index++) {
    pthread_t thread;
    must(pthread_create(&thread, &attributes, waitForWord, NULL) == 0, "pthread_create");
  }
  while (*there < THREADS) sched_yield();
}

/* What all threads have used is asked of each. */
static void askForTimes(void) {
  struct rusage usage;
  struct timespec time;
  struct tms ticks;
  gatherThreads();
  begin();
  must(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
  beat();
  must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0, "clock_gettime");
  beat();
  must(times(&ticks) != (clock_t)-1, "times");
  finish();
}

/* A parent goes whose children are of two stopped groups in turn: both become orphans and are hung up. */
static void leaveStopped(void) {
  pid_t parent = fork();
  if (parent == 0) {
    pid_t groups[2] = {0, 0};
    for (int index = 0; index < PROCESSES; index++) {
      pid_t child = fork();
      must(child >= 0, "fork");
      if (child == 0) {
        __sync_fetch_and_add(there, 1);
        for (;;) pause();
      }
      must(setpgid(child, groups[index % 2]) == 0, "setpgid");
      if (index < 2) groups[index] = child;
    }
    while (*there < PROCESSES) sched_yield();
    must(kill(groups[0], SIGSTOP) == 0 && kill(groups[1], SIGSTOP) == 0, "kill");
    begin();
    _exit(0);
  }
  waitpid(parent, NULL, 0);
  for (int round = 0; round < 5000; round++) {
    sched_yield();
    beat();
  }
  finish();
}

/* The dead are no threads: of them there may be as many as there are numbers. */
static void gatherZombies(void) {
  for (int index = 0; index < ZOMBIES; index++) {
    pid_t child = vfork();
    must(child >= 0, "vfork");
    if (child == 0) _exit(0);
  }
}

static void leaveZombies(void) {
  gatherZombies();
  begin();
  _exit(0);
}

static void waitAmongZombies(void) {
  pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  gatherZombies();
  begin();
  must(waitpid(child, NULL, WNOHANG) == 0, "wait");
  beat();
  must(kill(0, 0) == 0, "kill");
  beat();
  must(kill(child, SIGKILL) == 0, "kill");
  must(waitpid(child, NULL, 0) == child, "wait");
  finish();
}

/* So many signals wait that to look through them or to free them takes long. */
static void queueSignals(void) {
  struct rlimit limit = {SIGNALS + 1, SIGNALS + 1};
  sigset_t all;
  union sigval value = {0};
  must(setrlimit(RLIMIT_SIGPENDING, &limit) == 0, "setrlimit");
  sigfillset(&all);
  must(sigprocmask(SIG_BLOCK, &all, NULL) == 0, "sigprocmask");
  for (int index = 0; index < SIGNALS; index++) must(sigqueue(getpid(), SIGRTMIN, value) == 0, "sigqueue");
  begin();
}

static void takeSignals(void) {
  sigset_t one;
  siginfo_t information;
  queueSignals();
  must(kill(getpid(), SIGUSR1) == 0, "kill");
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  must(sigwaitinfo(&one, &information) == SIGUSR1, "sigwaitinfo");
  beat();
  signal(SIGRTMIN, SIG_IGN);
  finish();
}

static void exitWithSignals(void) {
  queueSignals();
  _exit(0);
}

static const struct work works[] = {
    {"times", askForTimes}, {"leave-stopped", leaveStopped}, {"leave-zombies", leaveZombies},
    {"wait", waitAmongZombies}, {"take-signals", takeSignals}, {"exit-signals", exitWithSignals},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  for (int index = 1; index < count; index++) {
    char *one[] = {words[0], words[index]};
    word = sharedWord();
    there = sharedWord();
    measureAll(2, one, works, sizeof works / sizeof *works);
  }
  return 0;
}
