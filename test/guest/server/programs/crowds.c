/* crowds WORK...: a thousand processes or threads that one request concerns. What it prints, measure.h tells. */
#include "measure.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

/* FEW: what a user may have without privilege. */
enum { CROWD = 1000, FEW = 500, RUNNERS = 20, STACK = 16384, USER = 1000 };
/* Of <linux/futex.h>, which musl's compiler does not find. */
enum { FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE = 3 };

/* A word to wait for, how many of the crowd have come by, and whether a child has gathered its own. */
static volatile int *word, *there, *isGathered;
static int ends[2];

/* Children that do `work` and end with us. */
static void gatherSome(int count, void (*work)(void)) {
  there = sharedWord();
  for (int index = 0; index < count; index++) {
    pid_t child = fork();
    must(child >= 0, "fork");
    if (child != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    __sync_fetch_and_add(there, 1);
    work();
    _exit(0);
  }
  while (*there < count) sched_yield();
}

static void gather(void (*work)(void)) { gatherSome(CROWD, work); }

static void rest(void) {
  for (;;) pause();
}

static void nothing(void) {}

/* Having done its work it rests: the ends of a thousand threads are requests of their own, during which nobody beats. */
static void *threadOf(void *work) {
  __sync_fetch_and_add(there, 1);
  ((void (*)(void))work)();
  rest();
  return NULL;
}

/* More threads of ours that do `work`. */
static void gatherSomeThreads(int count, void (*work)(void)) {
  *word = 0;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  there = sharedWord();
  for (int index = 0; index < count; index++) {
    pthread_t thread;
    must(pthread_create(&thread, &attributes, threadOf, (void *)work) == 0, "pthread_create");
  }
  while (*there < count) sched_yield();
  for (int round = 0; round < 100; round++) sched_yield();
}

static void gatherThreads(void (*work)(void)) { gatherSomeThreads(CROWD, work); }

static void waitForWord(void) {
  while (*word == 0) {
    syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
    beat();
  }
  beat();
  __sync_fetch_and_add(there, 1);
}

static void awaitCrowd(int count) {
  while (*there < count) {
    sched_yield();
    beat();
  }
}

static void killAll(void) {
  must(setuid(USER) == 0, "setuid");
  gatherSome(FEW, rest);
  begin();
  must(kill(-1, SIGKILL) == 0, "kill");
  while (waitpid(-1, NULL, 0) > 0) beat();
  finish();
}

static void killGroup(void) {
  setpgid(0, 0);
  gather(rest);
  signal(SIGTERM, SIG_IGN);
  begin();
  must(kill(0, SIGTERM) == 0, "kill");
  while (waitpid(-1, NULL, 0) > 0) beat();
  finish();
}

static void ignore(int signal) { (void)signal; }

static void stopAndGo(void) {
  *isGathered = 0;
  pid_t leader = fork();
  if (leader == 0) {
    setpgid(0, 0);
    gather(rest);
    *isGathered = 1;
    rest();
  }
  while (*isGathered == 0) sched_yield();
  begin();
  must(kill(-leader, SIGSTOP) == 0, "kill");
  beat();
  must(kill(-leader, SIGCONT) == 0, "kill");
  beat();
  must(kill(-leader, SIGKILL) == 0, "kill");
  finish();
}

static void waitForMany(void) {
  gather(nothing);
  begin();
  for (int index = 0; index < CROWD; index++) {
    must(waitpid(-1, NULL, 0) > 0, "wait");
    beat();
  }
  finish();
}

/* A parent goes whose children are a group of their own: each of them is handed over, and may orphan that group. */
static void leaveChildren(void) {
  char byte;
  must(pipe(ends) == 0, "pipe");
  pid_t parent = fork();
  if (parent == 0) {
    close(ends[1]);
    pid_t group = 0;
    for (int index = 0; index < CROWD; index++) {
      pid_t child = fork();
      if (child == 0) {
        read(ends[0], &byte, 1);
        _exit(0);
      }
      setpgid(child, group);
      if (index == 0) group = child;
    }
    begin();
    _exit(0);
  }
  waitpid(parent, NULL, 0);
  finish();
}

static void leaveZombies(void) {
  gather(nothing);
  for (int round = 0; round < 100; round++) sched_yield();
  begin();
  _exit(0);
}

static void exitThreads(void) {
  gatherThreads(waitForWord);
  begin();
  _exit(0);
}

static void executeThreads(void) {
  gatherThreads(waitForWord);
  begin();
  execl("/proc/self/exe", "crowds", "nothing", NULL);
  must(0, "execl");
}

static void spin(void) {
  for (;;) beat();
}

static void exitRunning(void) {
  gatherSomeThreads(RUNNERS, spin);
  begin();
  _exit(0);
}

static void yield(void) {
  for (;;) {
    beat();
    sched_yield();
  }
}

static void exitYielding(void) {
  gatherThreads(yield);
  begin();
  _exit(0);
}

static void executeYielding(void) {
  gatherThreads(yield);
  begin();
  execl("/proc/self/exe", "crowds", "nothing", NULL);
  must(0, "execl");
}

static void signalCrowd(void (*work)(void)) {
  *isGathered = 0;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGUSR1, ignore);
    gatherThreads(work);
    *isGathered = 1;
    rest();
  }
  while (*isGathered == 0) sched_yield();
  begin();
  must(kill(child, SIGUSR1) == 0, "kill");
  beat();
  must(kill(child, SIGSTOP) == 0, "kill");
  beat();
  must(waitpid(child, NULL, WUNTRACED) == child, "wait");
  beat();
  must(kill(child, SIGCONT) == 0, "kill");
  beat();
  must(kill(child, SIGKILL) == 0, "kill");
  must(waitpid(child, NULL, 0) == child, "wait");
  finish();
}

static void signalThreads(void) { signalCrowd(waitForWord); }

static void signalYielding(void) { signalCrowd(yield); }

static struct timespec meeting;

static void sleepUntilMeeting(void) {
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &meeting, NULL);
  beat();
  __sync_fetch_and_add(there, 1);
}

static void meet(void) {
  clock_gettime(CLOCK_MONOTONIC, &meeting);
  if ((meeting.tv_nsec += 300000000) >= 1000000000) meeting.tv_nsec -= 1000000000, meeting.tv_sec++;
  gatherThreads(sleepUntilMeeting);
  begin();
  awaitCrowd(2 * CROWD);
  finish();
}

static void wakeAll(void) {
  gatherThreads(waitForWord);
  begin();
  *word = 1;
  must(syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0) == CROWD, "futex");
  awaitCrowd(2 * CROWD);
  finish();
}

static void requeueAll(void) {
  gatherThreads(waitForWord);
  begin();
  must(syscall(SYS_futex, word, FUTEX_REQUEUE, 0, 1 << 30, word + 1, 0) == 0, "futex");
  beat();
  *word = 1;
  must(syscall(SYS_futex, word + 1, FUTEX_WAKE, 1 << 30, NULL, NULL, 0) == CROWD, "futex");
  awaitCrowd(2 * CROWD);
  finish();
}

static void readByte(void) {
  char byte;
  read(ends[0], &byte, 1);
  beat();
  __sync_fetch_and_add(there, 1);
}

static void writeToReaders(void) {
  must(pipe(ends) == 0, "pipe");
  gatherThreads(readByte);
  begin();
  must(write(ends[1], "", 1) == 1, "write");
  awaitCrowd(CROWD + 1);
  beat();
  close(ends[1]);
  awaitCrowd(2 * CROWD);
  finish();
}

static void pollPipe(void) {
  struct pollfd entry = {ends[0], POLLIN, 0};
  poll(&entry, 1, -1);
  beat();
  __sync_fetch_and_add(there, 1);
}

static void writeToPollers(void) {
  must(pipe(ends) == 0, "pipe");
  gatherThreads(pollPipe);
  begin();
  must(write(ends[1], "", 1) == 1, "write");
  awaitCrowd(2 * CROWD);
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

static void listWhole(const char *path, int least) {
  static char entries[65536];
  int directory = open(path, O_RDONLY | O_DIRECTORY), found = 0;
  must(directory >= 0, path);
  beat();
  for (long got; (got = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0; beat())
    for (long at = 0; at < got; at += *(unsigned short *)(entries + at + 16)) found++;
  close(directory);
  must(found >= least, path);
  beat();
}

static void lookAtProcesses(void) {
  gather(rest);
  begin();
  listWhole("/proc", CROWD);
  readWhole("/proc/stat");
  readWhole("/proc/loadavg");
  readWhole("/proc/uptime");
  finish();
}

static void lookAtThreads(void) {
  struct rusage usage;
  gatherThreads(waitForWord);
  begin();
  listWhole("/proc/self/task", CROWD);
  listWhole("/proc", 3);
  readWhole("/proc/self/stat");
  readWhole("/proc/self/status");
  getrusage(RUSAGE_SELF, &usage);
  beat();
  finish();
}

/* While a thousand rest, one has something long done: looking for who could run must not take long either. */
static void readAmidCrowd(void) {
  gather(rest);
  char *memory = room(64UL * MEGABYTE);
  int zero = open("/dev/zero", O_RDONLY);
  begin();
  must(read(zero, memory, 64UL * MEGABYTE) == (ssize_t)(64UL * MEGABYTE), "read");
  finish();
}

static const struct work works[] = {
    {"kill-all", killAll}, {"kill-group", killGroup}, {"stop-group", stopAndGo}, {"wait", waitForMany},
    {"leave-children", leaveChildren}, {"leave-zombies", leaveZombies}, {"exit-threads", exitThreads},
    {"execve-threads", executeThreads}, {"exit-running", exitRunning}, {"signal-threads", signalThreads},
    {"exit-yielding", exitYielding}, {"execve-yielding", executeYielding}, {"signal-yielding", signalYielding},
    {"timers", meet}, {"futex-wake", wakeAll}, {"futex-requeue", requeueAll}, {"pipe-readers", writeToReaders},
    {"pipe-pollers", writeToPollers}, {"proc", lookAtProcesses}, {"proc-task", lookAtThreads},
    {"read-amid", readAmidCrowd},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  word = sharedWord();
  isGathered = sharedWord();
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
