/* sets WORK...: epoll with thousands of interests, sets and sets within sets. What it prints, measure.h tells. */
#include "measure.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* At most 500 ways may lead from a counter to an outer set, by each of its numbers and each set (epoll_ctl(2)). */
enum { MOST = 4096, COUNTERS = 4000, GROUPS = 20, COPIES = 100, FULL_SETS = 3, SETS = 12, WATCHED_SETS = 20, WATCHED_COPIES = 3900 };
enum { ENDED_SETS = 40, POLLERS = 250, READERS = 1100 };

static int ends[2];
static struct epoll_event found[MOST];

static void raiseLimit(void) {
  struct rlimit limit = {MOST, MOST};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

static int newSet(void) {
  int set = epoll_create1(0);
  must(set >= 0, "epoll_create1");
  return set;
}

static void add(int set, int file, uint32_t events) {
  struct epoll_event event = {events, {.fd = file}};
  must(epoll_ctl(set, EPOLL_CTL_ADD, file, &event) == 0, "epoll_ctl");
}

/* A set interested in one pipe under thousands of numbers. */
static int fullSet(void) {
  int set = newSet(), count = 0;
  raiseLimit();
  must(pipe(ends) == 0, "pipe");
  add(set, ends[0], EPOLLIN);
  for (int copy; (copy = dup(ends[0])) >= 0; count++) add(set, copy, EPOLLIN);
  must(count > 4000, "count");
  return set;
}

static void manyInterests(void) {
  int set = fullSet();
  begin();
  must(write(ends[1], "", 1) == 1, "write");
  beat();
  while (epoll_wait(set, found, MOST, -1) < MOST - 5) beat();
  beat();
  must(epoll_wait(set, found, MOST, 10) == MOST - 5, "epoll_wait");
  beat();
  must(read(ends[0], found, 1) == 1, "read");
  must(epoll_wait(set, found, MOST, 0) == 0, "epoll_wait");
  beat();
  close(set);
  finish();
}

static void exitWithInterests(void) {
  fullSet();
  begin();
  _exit(0);
}

/* An end of a pipe that 2,000 sets watch. */
static void closeFile(void) {
  raiseLimit();
  must(pipe(ends) == 0, "pipe");
  for (int index = 0; index < 2000; index++) add(newSet(), ends[0], EPOLLIN);
  begin();
  must(write(ends[1], "", 1) == 1, "write");
  beat();
  close(ends[0]);
  finish();
}

/* An end of a pipe that is watched 78,000 times, under 3,900 numbers. */
static void closeCopies(void) {
  int sets[WATCHED_SETS], last = -1;
  raiseLimit();
  for (int index = 0; index < WATCHED_SETS; index++) sets[index] = newSet();
  must(pipe(ends) == 0, "pipe");
  for (int copy = 0; copy < WATCHED_COPIES; copy++) {
    last = dup(ends[0]);
    must(last >= 0, "dup");
    for (int index = 0; index < WATCHED_SETS; index++) add(sets[index], last, EPOLLIN | EPOLLET);
  }
  close(ends[0]);
  begin();
  must(write(ends[1], "", 1) == 1, "write");
  beat();
  must(syscall(SYS_close_range, ends[1] + 1, last, 0) == 0, "close_range");
  beat();
  for (int index = 0; index < WATCHED_SETS; index++) must(epoll_wait(sets[index], found, MOST, 0) == 0, "epoll_wait");
  finish();
}

static void exitWithWatchers(void) {
  raiseLimit();
  int set = newSet();
  for (int both[2]; pipe(both) == 0;) {
    add(set, both[0], EPOLLIN);
    add(set, both[1], EPOLLIN | EPOLLET);
  }
  begin();
  _exit(0);
}

/* Another process's sets watch the ends to read of 2,000 pipes, of which this one holds the ends to write. */
static void exitWithEnds(void) {
  static int writers[MOST];
  int sets[ENDED_SETS], count = 0;
  volatile int *isReady = sharedWord();
  raiseLimit();
  for (int index = 0; index < ENDED_SETS; index++) sets[index] = newSet();
  for (int both[2]; pipe(both) == 0; writers[count++] = both[1])
    for (int index = 0; index < ENDED_SETS; index++) add(sets[index], both[0], EPOLLIN);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int index = 0; index < count; index++) close(writers[index]);
    *isReady = 1;
    while (pause()) continue;
  }
  while (!*isReady) sched_yield();
  begin();
  _exit(0);
}

/* Thousands of numbers, in groups of `copies` for one counter, in which each of `sets` is interested. */
static void watchCounters(const int *sets, int setCount, int counters, int copies) {
  for (int index = 0; index < counters; index++) {
    int counter = eventfd(0, 0);
    for (int copy = 0; copy < copies; copy++) {
      int file = copy == 0 ? counter : dup(counter);
      must(file >= 0, "eventfd");
      for (int set = 0; set < setCount; set++) add(sets[set], file, EPOLLIN);
    }
  }
}

static void nestFullSets(void) {
  int sets[FULL_SETS], outer = newSet();
  raiseLimit();
  for (int index = 0; index < FULL_SETS; index++) sets[index] = newSet();
  watchCounters(sets, FULL_SETS, GROUPS, COPIES);
  begin();
  for (int index = 0; index < FULL_SETS; index++) {
    add(outer, sets[index], EPOLLIN);
    beat();
  }
  finish();
}

static void wakeForNothing(int first) {
  uint64_t value = 1;
  for (int counter = first; counter < first + COUNTERS; counter++) {
    must(write(counter, &value, 8) == 8, "write");
    beat();
    must(read(counter, &value, 8) == 8, "read");
    beat();
  }
}

/* Sets within a set that seem ready, and are not. */
static void setsWithinSets(void) {
  int sets[SETS], outer = newSet();
  struct pollfd entry = {outer, POLLIN, 0};
  raiseLimit();
  for (int index = 0; index < SETS; index++) {
    sets[index] = newSet();
    add(outer, sets[index], EPOLLIN);
  }
  watchCounters(sets, SETS, COUNTERS, 1);
  int first = sets[SETS - 1] + 1;
  begin();
  wakeForNothing(first);
  must(epoll_wait(outer, found, MOST, 0) == 0, "epoll_wait");
  beat();
  wakeForNothing(first);
  must(poll(&entry, 1, 0) == 0, "poll");
  beat();
  wakeForNothing(first);
  must(epoll_wait(outer, found, MOST, 10) == 0, "epoll_wait");
  beat();
  close(outer);
  finish();
}

/* Thousands of sets that are ready because of a set within each: poll and select look into all. */
static void lookIntoSets(void) {
  static struct pollfd entries[MOST];
  static unsigned long words[MOST / 64];
  int count = 0, counter = eventfd(1, 0), least = counter + 1, last = counter;
  raiseLimit();
  for (int inner; (inner = epoll_create1(0)) >= 0; count++) {
    int outer = epoll_create1(0);
    if (outer < 0) break;
    if (count < 500) add(inner, counter, EPOLLIN);
    add(outer, inner, EPOLLIN);
    entries[count] = (struct pollfd){outer, POLLIN, 0};
    words[outer / 64] |= 1UL << outer % 64;
    last = outer;
  }
  must(count > 2000 && least < last, "sets");
  begin();
  must(poll(entries, count, -1) == 500, "poll");
  beat();
  must(syscall(SYS_select, last + 1, words, NULL, NULL, NULL) == 500, "select");
  finish();
}

static struct pollfd watched[MOST];
static volatile int asked, answered;

/* More threads of ours, which have asked for what `routine` asks for when this returns. */
static void gather(int count, void *(*routine)(void *)) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 16384);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int index = 0; index < count; index++) must(pthread_create(&thread, &attributes, routine, NULL) == 0, "pthread_create");
  while (asked < count) sched_yield();
  usleep(500000);
}

static void *pollAll(void *nothing) {
  __sync_fetch_and_add(&asked, 1);
  poll(watched, MOST, -1);
  beat();
  __sync_fetch_and_add(&answered, 1);
  while (pause()) continue;
  return nothing;
}

static void *readCounter(void *nothing) {
  uint64_t value;
  __sync_fetch_and_add(&asked, 1);
  read(ends[0], &value, 8);
  beat();
  __sync_fetch_and_add(&answered, 1);
  while (pause()) continue;
  return nothing;
}

static void gatherPollers(void) {
  raiseLimit();
  ends[0] = eventfd(0, 0);
  for (int index = 0; index < MOST; index++) watched[index] = (struct pollfd){ends[0], POLLIN, 0};
  gather(POLLERS, pollAll);
}

static void wakePollers(void) {
  uint64_t one = 1;
  gatherPollers();
  begin();
  must(write(ends[0], &one, 8) == 8, "write");
  beat();
  while (answered < POLLERS) {
    sched_yield();
    beat();
  }
  finish();
}

static void exitWithPollers(void) {
  gatherPollers();
  begin();
  _exit(0);
}

static void endPollers(int signal) {
  volatile int *isReady = sharedWord();
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    gatherPollers();
    *isReady = 1;
    while (pause()) continue;
  }
  while (!*isReady) sched_yield();
  begin();
  must(kill(child, signal) == 0, "kill");
  beat();
  if (signal == SIGSTOP) finish();
  kill(child, SIGKILL);
  must(waitpid(child, NULL, 0) == child, "waitpid");
  finish();
}

static void killPollers(void) { endPollers(SIGKILL); }

static void terminatePollers(void) { endPollers(SIGTERM); }

static void stopPollers(void) { endPollers(SIGSTOP); }

/* A counter for which a crowd waits is closed. */
static void closeCounter(void) {
  ends[0] = eventfd(0, 0);
  gather(READERS, readCounter);
  begin();
  close(ends[0]);
  beat();
  while (answered < READERS) {
    sched_yield();
    beat();
  }
  finish();
}

static const struct work works[] = {
    {"interests", manyInterests}, {"exit-interests", exitWithInterests}, {"close", closeFile}, {"close-copies", closeCopies},
    {"exit-watchers", exitWithWatchers}, {"exit-ends", exitWithEnds}, {"nest", nestFullSets}, {"nested", setsWithinSets}, {"look", lookIntoSets},
    {"pollers", wakePollers}, {"exit-pollers", exitWithPollers}, {"kill-pollers", killPollers},
    {"terminate-pollers", terminatePollers}, {"stop-pollers", stopPollers}, {"close-counter", closeCounter},
};

int main(int count, char **words) { return measureAll(count, words, works, sizeof works / sizeof *works); }
