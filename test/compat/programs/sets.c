/*
 * epoll with hundreds of interests, with sets within sets, and with files that are closed meanwhile (epoll(7),
 * epoll_ctl(2)). Prints what calls return, which must be what Linux prints; where kernels differ, whether it is allowed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#define T(call) report(__LINE__, #call, (long)(call))

enum { MANY = 700, ROUNDS = 3000, WATCHERS = 40 };

static struct epoll_event events[MANY];
static int seen[1024];

static void report(int line, const char *what, long result) {
  if (result < 0) printf("%d %s: %s\n", line, what, strerror(errno));
  else printf("%d %s = %ld\n", line, what, result);
}

static int control(int set, int operation, int file, unsigned mask) {
  struct epoll_event event = {.events = mask, .data.fd = file};
  return epoll_ctl(set, operation, file, &event);
}

static int add(int set, int file, unsigned mask) { return control(set, EPOLL_CTL_ADD, file, mask); }

/* How many events there are, and how many of them are of files that had one since `seen` was cleared. */
static void collect(int line, int set, int most) {
  int count = epoll_wait(set, events, most, 0), again = 0;
  for (int index = 0; index < count; index++) again += seen[events[index].data.fd]++ != 0;
  printf("%d wait %d: %d, %d again\n", line, most, count, again);
}

#define C(set, most) collect(__LINE__, set, most)

static void changeAll(int set, const int *files, int operation, unsigned mask) {
  int failed = 0;
  for (int index = 0; index < MANY; index++) failed += control(set, operation, files[index], mask) != 0;
  printf("changed, %d failed\n", failed);
  memset(seen, 0, sizeof seen);
}

static void manyFiles(void) {
  static int files[MANY];
  uint64_t one = 1;
  int set = epoll_create1(0), failed = 0;
  for (int index = 0; index < MANY; index++) files[index] = eventfd(1, EFD_NONBLOCK);
  puts("many, level-triggered");
  changeAll(set, files, EPOLL_CTL_ADD, EPOLLIN);
  C(set, MANY);
  C(set, MANY);
  memset(seen, 0, sizeof seen);
  C(set, 300);
  C(set, 300);
  C(set, 100);
  C(set, 300);
  puts("edge-triggered");
  changeAll(set, files, EPOLL_CTL_MOD, EPOLLIN | EPOLLET);
  C(set, 600);
  C(set, MANY);
  C(set, MANY);
  for (int index = 0; index < MANY; index += 7) failed += write(files[index], &one, 8) != 8;
  C(set, 30);
  C(set, MANY);
  C(set, MANY);
  puts("one-shot");
  changeAll(set, files, EPOLL_CTL_MOD, EPOLLIN | EPOLLONESHOT);
  C(set, 650);
  C(set, MANY);
  C(set, MANY);
  for (int index = 0; index < MANY; index += 2) control(set, EPOLL_CTL_MOD, files[index], EPOLLIN | EPOLLONESHOT);
  C(set, MANY);
  C(set, MANY);
  puts("ready no more");
  changeAll(set, files, EPOLL_CTL_MOD, EPOLLIN);
  for (int index = 0; index < MANY; index += 2) failed += read(files[index], &one, 8) != 8;
  C(set, MANY);
  printf("%d failed\n", failed);
  puts("closed");
  for (int index = 1; index < MANY; index += 4) close(files[index]);
  C(set, MANY);
  close(set);
  for (int index = 0; index < MANY; index++) close(files[index]);
}

/* Whoever writes finds at once that somebody can read, however often he has done it, while another does lengthy things. */
static void toldAtOnce(void) {
  char byte;
  fflush(stdout);
  pid_t other = fork();
  if (other == 0) {
    char *memory = malloc(1 << 24);
    int zero = open("/dev/zero", O_RDONLY);
    while (read(zero, memory, 1 << 24) > 0) continue;
    _exit(1);
  }
  int ends[2], set = epoll_create1(0), outer = epoll_create1(0), sets[12], missed = 0;
  T(pipe(ends));
  for (int index = 0; index < 12; index++) add(sets[index] = epoll_create1(0), ends[0], EPOLLIN);
  T(add(set, ends[0], EPOLLIN | EPOLLET));
  T(add(outer, set, EPOLLIN | EPOLLET));
  for (int round = 0; round < ROUNDS; round++) {
    missed += write(ends[1], "", 1) != 1;
    missed += epoll_wait(outer, events, 1, 0) != 1;
    missed += epoll_wait(set, events, 1, 0) != 1;
    missed += read(ends[0], &byte, 1) != 1;
    missed += epoll_wait(set, events, 1, 0) != 0;
  }
  printf("%d missed\n", missed);
  T(kill(other, SIGKILL));
  T(waitpid(other, NULL, 0) == other);
  for (int index = 0; index < 12; index++) close(sets[index]);
  close(ends[0]), close(ends[1]), close(set), close(outer);
}

/* A file in which many sets are interested is closed: none has an event, and the other end sees it. */
static void closedFile(void) {
  int ends[2], sets[WATCHERS], copies[WATCHERS], found = 0;
  char byte;
  T(pipe2(ends, O_NONBLOCK));
  for (int index = 0; index < WATCHERS; index++) {
    sets[index] = epoll_create1(0);
    copies[index] = dup(ends[1]);
    add(sets[index], ends[1], EPOLLOUT);
    add(sets[index], copies[index], EPOLLOUT);
  }
  for (int index = 0; index < WATCHERS; index++) found += epoll_wait(sets[index], events, 8, 0);
  printf("%d events\n", found);
  T(close(ends[1]));
  found = 0;
  for (int index = 0; index < WATCHERS; index++) found += epoll_wait(sets[index], events, 8, 0);
  printf("%d events\n", found);
  for (int index = 0; index < WATCHERS; index++) close(copies[index]);
  found = 0;
  for (int index = 0; index < WATCHERS; index++) found += epoll_wait(sets[index], events, 8, 0);
  printf("%d events\n", found);
  int flags = fcntl(ends[0], F_GETFL);
  T(fcntl(ends[0], F_SETFL, flags & ~O_NONBLOCK));
  T(read(ends[0], &byte, 1));
  for (int index = 0; index < WATCHERS; index++) close(sets[index]);
  close(ends[0]);
}

static void loops(void) {
  int sets[12], ends[2], links = 0;
  puts("loops");
  for (int index = 0; index < 12; index++) sets[index] = epoll_create1(0);
  T(add(sets[0], sets[0], EPOLLIN));
  T(add(sets[0], sets[1], EPOLLIN));
  T(add(sets[1], sets[0], EPOLLIN));
  T(add(sets[1], sets[2], EPOLLIN));
  T(add(sets[2], sets[0], EPOLLIN));
  T(add(sets[2], sets[3], EPOLLIN));
  T(add(sets[3], sets[4], EPOLLIN));
  T(add(sets[4], sets[0], EPOLLIN));
  T(add(sets[0], sets[4], EPOLLIN));
  T(pipe(ends));
  T(add(sets[4], ends[0], EPOLLIN));
  T(epoll_wait(sets[0], events, 8, 0));
  T(write(ends[1], "a", 1));
  T(epoll_wait(sets[0], events, 8, 0));
  T(epoll_wait(sets[2], events, 8, 0));
  T(control(sets[2], EPOLL_CTL_DEL, sets[3], 0));
  T(epoll_wait(sets[0], events, 8, 0));
  T(add(sets[4], sets[0], EPOLLIN));
  for (int index = 0; index < 12; index++) close(sets[index]);
  for (int index = 0; index < 12; index++) sets[index] = epoll_create1(0);
  while (links < 11 && add(sets[links + 1], sets[links], EPOLLIN) == 0) links++;
  /* 4 since Linux 6.16 and in the stable kernels of that year, 6 before, where no file is at the bottom. */
  printf("a chain ends with %s, %s\n", strerror(errno), links >= 4 && links <= 6 ? "in time" : "late");
  close(ends[0]), close(ends[1]);
  for (int index = 0; index < 12; index++) close(sets[index]);
}

/* From one file to sets that nobody watches: any number of ways of one link, 500 of two, 100 of three. */
static void ways(void) {
  int file = eventfd(1, 0), outer = epoll_create1(0), outermost = epoll_create1(0), count = 0, sets[600];
  puts("ways");
  for (int index = 0; index < 600; index++) {
    sets[index] = epoll_create1(0);
    if (add(sets[index], file, EPOLLIN) != 0) puts("one link");
  }
  while (count < 600 && add(outer, sets[count], EPOLLIN) == 0) count++;
  printf("%d sets, then %s\n", count, strerror(errno));
  T(epoll_wait(outer, events, MANY, 0));
  T(add(outermost, outer, EPOLLIN));
  for (int index = 100; index < count; index++) control(outer, EPOLL_CTL_DEL, sets[index], 0);
  T(add(outermost, outer, EPOLLIN));
  T(add(outer, sets[100], EPOLLIN));
  T(epoll_wait(outermost, events, MANY, 0));
  int last = epoll_create1(0);
  T(add(outer, last, EPOLLIN));
  T(add(last, file, EPOLLIN));
  T(control(outer, EPOLL_CTL_DEL, sets[0], 0));
  T(add(last, file, EPOLLIN));
  for (int index = 0; index < 600; index++) close(sets[index]);
  close(file), close(outer), close(outermost), close(last);
}

static void exclusive(void) {
  int file = eventfd(0, 0), set = epoll_create1(0), other = epoll_create1(0);
  uint64_t one = 1;
  puts("exclusive");
  T(add(set, file, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
  T(add(set, file, EPOLLIN | EPOLLPRI | EPOLLEXCLUSIVE));
  T(add(set, other, EPOLLIN | EPOLLEXCLUSIVE));
  T(add(set, file, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE));
  T(control(set, EPOLL_CTL_MOD, file, EPOLLIN));
  T(add(other, file, EPOLLIN));
  T(control(other, EPOLL_CTL_MOD, file, EPOLLIN | EPOLLEXCLUSIVE));
  T(control(other, EPOLL_CTL_MOD, file, EPOLLIN | EPOLLWAKEUP));
  T(write(file, &one, 8));
  T(epoll_wait(set, events, 8, 0));
  T(epoll_wait(set, events, 8, 0));
  T(epoll_wait(other, events, 8, 0));
  close(file), close(set), close(other);
}

static int waitedFor;

static void *closeAndWrite(void *file) {
  uint64_t one = 1;
  usleep(30000);
  close(waitedFor);
  usleep(30000);
  return write((int)(long)file, &one, 8) == 8 ? NULL : file;
}

/* A set that another thread closes is waited for nevertheless. */
static void closedSet(void) {
  pthread_t thread;
  int file = eventfd(0, 0);
  waitedFor = epoll_create1(0);
  puts("closed by another");
  T(add(waitedFor, file, EPOLLIN));
  if (pthread_create(&thread, NULL, closeAndWrite, (void *)(long)file) != 0) return;
  T(epoll_wait(waitedFor, events, 8, 2000));
  pthread_join(thread, NULL);
  T(epoll_wait(waitedFor, events, 8, 0));
  close(file);
}

/* poll and select with more descriptors than go at once, some of them sets. */
static void manyToPoll(void) {
  static struct pollfd entries[MANY];
  int files[8], found = 0, done = 0;
  uint64_t one = 1;
  fd_set reads, writes;
  struct timeval none = {0, 0};
  puts("poll and select");
  FD_ZERO(&reads);
  FD_ZERO(&writes);
  for (int index = 0; index < 8; index++) files[index] = eventfd(0, EFD_NONBLOCK);
  for (int index = 0; index < MANY; index++) {
    int set = epoll_create1(0);
    if (index < 400) add(set, files[index % 8], EPOLLIN);
    entries[index] = (struct pollfd){index % 9 == 8 ? -1 : set, POLLIN, 0};
    FD_SET(set, &reads);
  }
  T(poll(entries, MANY, 0));
  T(poll(entries, MANY, 20));
  for (int index = 0; index < 8; index++) done += write(files[index], &one, 8) == 8;
  T(done);
  T(poll(entries, MANY, 0));
  T(poll(entries, MANY, -1));
  for (int index = 0; index < MANY; index++) found += entries[index].revents == POLLIN;
  printf("%d\n", found);
  FD_SET(files[7], &writes);
  fd_set before = reads;
  T(select(1024, &reads, &writes, NULL, NULL));
  found = 0;
  for (int index = 0; index < 1024; index++) found += FD_ISSET(index, &reads) != 0;
  printf("%d %d\n", found, FD_ISSET(files[7], &writes) != 0);
  for (int index = 0; index < 8; index++) done += read(files[index], &one, 8) == 8;
  T(done);
  reads = before;
  T(select(1024, &reads, NULL, NULL, &none));
  none.tv_usec = 20000;
  reads = before;
  T(select(1024, &reads, NULL, NULL, &none));
  T(poll(entries, MANY, 20));
  for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);
}

int main(void) {
  struct rlimit limit = {1024, 1024};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  manyFiles();
  toldAtOnce();
  closedFile();
  loops();
  ways();
  exclusive();
  closedSet();
  manyToPoll();
  return 0;
}
