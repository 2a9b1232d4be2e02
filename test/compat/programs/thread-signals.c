/*
 * Signals to a process of several threads: only the thread that takes one is interrupted, and one that blocks it is
 * never chosen.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static pthread_t mainThread;
static volatile int taken, takenElsewhere;
static int ends[2];

static void take(int signal) {
  (void)signal;
  if (pthread_equal(pthread_self(), mainThread)) taken++;
  else takenElsewhere++;
}

static void say(const char *what, int result) {
  printf("%s: %d%s\n", what, result, result < 0 && errno == EINTR ? " interrupted" : "");
}

/* Lets the main thread send, and goes on without a system call in between when it has taken that. */
static void letOneBeTaken(void) {
  int before = taken;
  write(ends[1], "", 1);
  while (taken == before);
}

static void *wait(void *unused) {
  struct epoll_event event;
  struct timespec shortly = {0, 40000000};
  struct pollfd entry = {ends[0], POLLIN, 0};
  int set = epoll_create1(0);
  letOneBeTaken();
  say("poll", poll(&entry, 0, 40));
  letOneBeTaken();
  say("epoll_wait", epoll_wait(set, &event, 1, 40));
  letOneBeTaken();
  say("nanosleep", nanosleep(&shortly, NULL));
  return unused;
}

int main(void) {
  struct timespec soon = {0, 5000000};
  sigset_t set, old;
  pthread_t other;
  char byte;
  mainThread = pthread_self();
  signal(SIGUSR1, take);
  pipe(ends);
  setvbuf(stdout, NULL, _IOLBF, 0);
  pthread_create(&other, NULL, wait, NULL);
  for (int round = 0; round < 3; round++) {
    read(ends[0], &byte, 1);
    // One while the other thread runs, the others while it waits.
    for (int sent = 0; sent < 4; sent++) {
      kill(getpid(), SIGUSR1);
      nanosleep(&soon, NULL);
    }
  }
  pthread_join(other, NULL);
  printf("taken by the main thread: %d, elsewhere: %d\n", taken, takenElsewhere);

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, &old);
  kill(getpid(), SIGUSR1);
  sigpending(&set);
  printf("blocked: pending %d, taken %d\n", sigismember(&set, SIGUSR1), taken);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  printf("unblocked: taken %d\n", taken);
  return 0;
}
