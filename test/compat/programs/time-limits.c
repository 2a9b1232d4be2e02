/*
 * Clocks and timers of processor time, sleeping on clocks, which calls SA_RESTART restarts when they have a time-out
 * (signal(7)), and limits (getrlimit(2)). Prints what each call returns; times only as "enough" or "too little".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* musl has no linux/futex.h. */
#define FUTEX_WAIT 0
#define FUTEX_WAIT_BITSET 9

#define T(call)                   \
  do {                            \
    long result_ = (long)(call);  \
    report(#call, result_);       \
  } while (0)

static volatile int caught[65];

static void note(int signal) { caught[signal]++; }

static void report(const char *what, long result) {
  printf("%s = %ld%s%s\n", what, result, result < 0 ? " " : "", result < 0 ? strerror(errno) : "");
  fflush(stdout);
}

static void handle(int signal, int flags) {
  struct sigaction action = {0};
  action.sa_handler = note;
  action.sa_flags = flags;
  sigaction(signal, &action, NULL);
}

static double seconds(clockid_t clock) {
  struct timespec now;
  return clock_gettime(clock, &now) < 0 ? -1 : now.tv_sec + now.tv_nsec / 1e9;
}

static void burn(double much) {
  double end = seconds(CLOCK_PROCESS_CPUTIME_ID) + much;
  while (seconds(CLOCK_PROCESS_CPUTIME_ID) < end) {
  }
}

/* Clock numbers of a process and a thread, as clock_getcpuclockid(3) makes them; kind 0 profile, 1 user, 2 scheduler. */
static clockid_t of_process(int pid, int kind) { return ~pid * 8 + kind; }
static clockid_t of_thread(int tid, int kind) { return ~tid * 8 + 4 + kind; }

static void cpu_clocks(void) {
  struct timespec time;
  /* Linux counts the first two kinds by ticks (its CONFIG_HZ: 100 or more), of which a busy machine may take some. */
  burn(0.3);
  for (int kind = 0; kind < 3; kind++) {
    /* What is user time is not the same everywhere. */
    double least = kind == 1 ? 0 : 0.008;
    printf("kind %d: self %d, by number %d, thread %d\n", kind, seconds(of_process(0, kind)) >= least,
           seconds(of_process(getpid(), kind)) >= least, seconds(of_thread(0, kind)) >= least);
    T(clock_getres(of_process(0, kind), &time));
    printf("  of %ld ns\n", time.tv_nsec);
  }
  T(clock_gettime(of_process(0, 3), &time));
  T(clock_gettime(of_process(99999, 2), &time));
  T(clock_gettime(of_thread(99999, 2), &time));
  T(clock_getres(CLOCK_REALTIME_COARSE, &time));
  printf("  of %ld ns\n", time.tv_nsec);
  time = (struct timespec){0, 1000};
  T(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &time, NULL));
  T(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &time, NULL));
  T(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL));
  T(syscall(SYS_clock_nanosleep, of_thread(0, 2), 0, &time, NULL));
  time.tv_nsec = 0;
  T(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &time, NULL));
  /* Sleep until a child has burnt some time. */
  pid_t child = fork();
  if (child == 0) {
    burn(0.15);
    _exit(0);
  }
  time.tv_nsec = 50000000;
  T(syscall(SYS_clock_nanosleep, of_process(child, 2), TIMER_ABSTIME, &time, NULL));
  printf("  it has used %s\n", seconds(of_process(child, 2)) >= 0.05 ? "enough" : "too little");
  wait(NULL);
}

/* A process begins with no time used, whatever ran before it. */
static void fresh_clocks(void) {
  for (int round = 0; round < 3; round++) {
    pid_t child = fork();
    if (child == 0) {
      double begun = seconds(CLOCK_PROCESS_CPUTIME_ID);
      if (round == 0) burn(1);
      _exit(begun >= 1);
    }
    int status;
    waitpid(child, &status, 0);
    printf("child %d begins anew: %d\n", round, status == 0);
  }
}

static void cpu_timers(void) {
  struct itimerval timer = {{0, 10000}, {0, 20000}}, old;
  handle(SIGVTALRM, 0);
  handle(SIGPROF, 0);
  T(setitimer(ITIMER_VIRTUAL, &timer, NULL));
  T(setitimer(ITIMER_PROF, &timer, NULL));
  T(setitimer(3, &timer, NULL));
  for (double end = seconds(CLOCK_MONOTONIC) + 10; seconds(CLOCK_MONOTONIC) < end;) {
    burn(0.01);
    if (caught[SIGVTALRM] >= 2 && caught[SIGPROF] >= 2) break;
  }
  printf("fired: %d %d\n", caught[SIGVTALRM] >= 2, caught[SIGPROF] >= 2);
  timer.it_value.tv_usec = timer.it_interval.tv_usec = 0;
  T(setitimer(ITIMER_VIRTUAL, &timer, &old));
  printf("  every %ld us, left %d\n", (long)old.it_interval.tv_usec, old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 20000);
  T(setitimer(ITIMER_PROF, &timer, NULL));
  T(getitimer(ITIMER_PROF, &old));
  printf("  left %ld %ld\n", (long)old.it_value.tv_sec, (long)old.it_value.tv_usec);
  /* The soft limit warns, the hard one ends. */
  pid_t child = fork();
  if (child == 0) {
    handle(SIGXCPU, 0);
    setrlimit(RLIMIT_CPU, &(struct rlimit){1, 60});
    while (caught[SIGXCPU] == 0) burn(0.05);
    printf("warned after %s\n", seconds(CLOCK_PROCESS_CPUTIME_ID) >= 0.8 ? "a second" : "too little");
    fflush(stdout);
    setrlimit(RLIMIT_CPU, &(struct rlimit){1, 1});
    for (;;) {
    }
  }
  int status;
  waitpid(child, &status, 0);
  printf("ended by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

static void restarts(void) {
  int word = 0;
  struct timespec short_time = {2, 0}, far;
  clock_gettime(CLOCK_MONOTONIC, &far);
  far.tv_sec += 2;
  handle(SIGALRM, SA_RESTART);
  struct itimerval soon = {{0, 0}, {0, 30000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  T(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &short_time, NULL, 0));
  setitimer(ITIMER_REAL, &soon, NULL);
  T(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &far, NULL, -1));
  setitimer(ITIMER_REAL, &soon, NULL);
  T(clock_nanosleep(CLOCK_MONOTONIC, 0, &short_time, NULL));
  printf("alarms %d\n", caught[SIGALRM]);
}

static void limits(void) {
  static char bytes[65536];
  struct stat attributes;
  T(setrlimit(RLIMIT_NOFILE, &(struct rlimit){10, 1 << 30}));
  handle(SIGXFSZ, 0);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, RLIM_INFINITY});
  int file = open("limited", O_CREAT | O_RDWR, 0600);
  T(write(file, bytes, 900));
  T(write(file, bytes, 900));
  printf("signals %d\n", caught[SIGXFSZ]);
  T(write(file, bytes, 900));
  T(ftruncate(file, 2000));
  fstat(file, &attributes);
  printf("signals %d, size %ld\n", caught[SIGXFSZ], (long)attributes.st_size);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
  T(getrandom(bytes, sizeof bytes, 0));
  T(getrandom(bytes, 8, GRND_RANDOM | 4));
  if (fork() == 0) {
    T(setresuid(1000, 1000, 1000));
    T(syscall(SYS_setpriority, PRIO_PROCESS, 0, -1));
    T(prctl(PR_CAPBSET_DROP, 1));
    _exit(0);
  }
  wait(NULL);
  T(prctl(PR_CAPBSET_DROP, 39));
  T(prctl(PR_CAPBSET_READ, 39));
  T(prctl(PR_CAPBSET_DROP, 99));
}

int main(void) {
  cpu_clocks();
  fresh_clocks();
  cpu_timers();
  restarts();
  limits();
  return 0;
}
