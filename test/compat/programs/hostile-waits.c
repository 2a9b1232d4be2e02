/*
 * Waits that a careless system hangs or errs at: requeueing to the same word, alarms faster than any program, sleeping
 * for centuries, joining a group of one's own number, the handler of the signal that continues.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129
#define FUTEX_CMP_REQUEUE_PRIVATE 132

static int word;
static volatile sig_atomic_t seen;

static void note(int signal) { seen = signal; }

static void *waiter(void *unused) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL);
  return unused;
}

static void requeueing(void) {
  pthread_t threads[3];
  for (int index = 0; index < 3; index++) pthread_create(&threads[index], NULL, waiter, NULL);
  usleep(200000);
  printf("requeued: %ld\n", syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0x7fffffff, &word, 0));
  printf("woken: %ld\n", syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 10));
  for (int index = 0; index < 3; index++) pthread_join(threads[index], NULL);
}

static void alarms(void) {
  struct itimerval fast = {.it_interval = {0, 1}, .it_value = {0, 1}};
  struct itimerval none = {{0, 0}, {0, 0}};
  signal(SIGALRM, SIG_IGN);
  setitimer(ITIMER_REAL, &fast, NULL);
  volatile long sum = 0;
  for (long index = 0; index < 1000000; index++) sum += index;
  setitimer(ITIMER_REAL, &none, NULL);
  puts("fast alarms leave time");
}

static void centuries(void) {
  pid_t children[64];
  for (int index = 0; index < 64; index++) {
    children[index] = fork();
    if (children[index] == 0) {
      struct timespec far = {.tv_sec = 3000000000L + 97000000L * index};
      nanosleep(&far, NULL);
      _exit(1);
    }
  }
  usleep(200000);
  int killed = 0;
  for (int index = 0; index < 64; index++) {
    int status;
    kill(children[index], SIGKILL);
    waitpid(children[index], &status, 0);
    if (WIFSIGNALED(status)) killed++;
  }
  printf("slept for centuries: %d\n", killed);
}

static void groups(void) {
  pid_t other = fork();
  if (other == 0) pause();
  pid_t leader = fork();
  if (leader == 0) pause();
  setpgid(leader, leader);
  setpgid(other, leader);
  setpgid(leader, getpgrp());
  setpgid(leader, leader);
  kill(-leader, SIGKILL);
  int status;
  printf("both were in the group: %d %d\n", waitpid(leader, &status, 0) == leader, waitpid(other, &status, 0) == other);
}

static void continuing(void) {
  pid_t child = fork();
  if (child == 0) {
    signal(SIGCONT, note);
    raise(SIGSTOP);
    _exit(seen == SIGCONT ? 3 : 4);
  }
  int status;
  waitpid(child, &status, WUNTRACED);
  kill(child, SIGCONT);
  waitpid(child, &status, 0);
  printf("handler of SIGCONT: %d\n", WEXITSTATUS(status));
}

static void lending(void) {
  pid_t lender = fork();
  if (lender == 0) {
    if (vfork() == 0) {
      sleep(2);
      _exit(0);
    }
    _exit(1);
  }
  usleep(200000);
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  kill(lender, SIGKILL);
  int status;
  waitpid(lender, &status, 0);
  clock_gettime(CLOCK_MONOTONIC, &after);
  printf("killed while its child had its memory: %d, at once: %d\n", WTERMSIG(status), after.tv_sec - before.tv_sec < 2);
}

int main(void) {
  alarm(20);
  continuing();
  groups();
  requeueing();
  centuries();
  lending();
  alarms();
  return 0;
}
