/* locks WORK...: thousands of record locks on one file, and thousands who wait for them. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { MOST = 4096, MANY = 100000, OTHERS = 8000, WAITERS = 1000, STACK = 16384 };

static int file;

static void openFile(void) {
  struct rlimit limit = {MOST, MOST};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  file = open("/tmp/locked", O_CREAT | O_RDWR, 0600);
  must(file >= 0 && unlink("/tmp/locked") == 0, "open");
}

static int change(int command, int type, long start, long length) {
  struct flock lock = {type, SEEK_SET, start, length, 0};
  return fcntl(file, command, &lock);
}

/* Every other byte, as far as the table of locks reaches. */
static int lockSome(int most) {
  for (int index = 0; index < most; index++) {
    if (change(F_SETLK, F_WRLCK, index * 2, 1) == 0) continue;
    must(errno == ENOLCK, "ENOLCK");
    return index;
  }
  return most;
}

static pid_t beside(void (*work)(void)) {
  volatile int *isDone = sharedWord();
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    work();
    *isDone = 1;
    for (;;) pause();
  }
  while (*isDone == 0) sched_yield();
  return child;
}

static void lockAsOther(void) { must(lockSome(OTHERS) == OTHERS, "locks"); }

/* One whose locks are many: takes one more, asks, lets go of all. */
static void many(void) {
  openFile();
  int count = lockSome(MANY);
  must(count > 1000, "locks");
  struct flock lock = {F_WRLCK, SEEK_SET, 0, 0, 0};
  begin();
  change(F_SETLK, F_RDLCK, count - count % 2, 1);
  beat();
  must(fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK, "F_OFD_GETLK");
  beat();
  must(change(F_SETLK, F_UNLCK, 0, 0) == 0, "unlock");
  beat();
  must(change(F_SETLK, F_WRLCK, 0, 1) == 0, "lock");
  finish();
  lockSome(MANY);
  begin();
  close(file);
  finish();
}

/* Thousands of descriptors of a file that others have locked are closed by one who has had locks too. */
static void closeCopies(void) {
  openFile();
  pid_t other = beside(lockAsOther);
  must(change(F_SETLK, F_WRLCK, 1, 1) == 0, "lock");
  while (dup(file) >= 0);
  begin();
  must(syscall(SYS_close_range, 3, MOST, 0) == 0, "close_range");
  finish();
  kill(other, SIGKILL);
}

static void exitCopies(void) {
  openFile();
  beside(lockAsOther);
  must(change(F_SETLK, F_WRLCK, 1, 1) == 0, "lock");
  while (dup(file) >= 0);
  begin();
  _exit(0);
}

static volatile int *there;

static void *waitForLock(void *unused) {
  (void)unused;
  __sync_fetch_and_add(there, 1);
  struct flock lock = {F_RDLCK, SEEK_SET, 0, 1, 0};
  must(fcntl(3, F_SETLKW, &lock) == 0, "wait");
  beat();
  __sync_fetch_and_add(there, 1);
  for (;;) pause();
  return NULL;
}

/* A crowd waits for one lock, which others' locks and deadlocks have nothing to do with. */
static void crowd(void) {
  openFile();
  must(dup2(file, 3) == 3, "dup2");
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK);
  there = sharedWord();
  must(change(F_SETLK, F_WRLCK, 0, 1) == 0 && change(F_SETLK, F_WRLCK, 4, 1) == 0, "lock");
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int index = 0; index < WAITERS; index++) {
      pthread_t thread;
      must(pthread_create(&thread, &attributes, waitForLock, NULL) == 0, "pthread_create");
    }
    for (;;) pause();
  }
  while (*there < WAITERS) sched_yield();
  for (int round = 0; round < 100; round++) sched_yield();
  begin();
  must(change(F_SETLK, F_WRLCK, 2, 1) == 0, "lock");
  beat();
  must(change(F_SETLK, F_UNLCK, 0, 1) == 0, "unlock");
  while (*there < 2 * WAITERS) {
    sched_yield();
    beat();
  }
  finish();
  kill(child, SIGKILL);
}

static const struct work works[] = {{"many", many}, {"close-copies", closeCopies}, {"exit-copies", exitCopies}, {"crowd", crowd}};

int main(int count, char **words) { return measureAll(count, words, works, sizeof works / sizeof *works); }
