/*
 * epoll on pipes, counters and sets: level and edge triggering, one-shot, changes, closing, nesting, errors and waiting.
 * Prints what each call returns, which must be what Linux prints.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define T(call) report(__LINE__, #call, (long)(call))

static void report(int line, const char *what, long result) {
  if (result < 0) printf("%d %s: %s\n", line, what, strerror(errno));
  else printf("%d %s = %ld\n", line, what, result);
}

static void show(int line, int set, int most, int timeout) {
  struct epoll_event events[16];
  int count = epoll_wait(set, events, most, timeout);
  printf("%d wait: %d", line, count);
  if (count < 0) printf(" %s", strerror(errno));
  for (int index = 0; index < count; index++) printf(" %x:%lx", events[index].events, (unsigned long)events[index].data.u64);
  puts("");
}

#define W(set, most, timeout) show(__LINE__, set, most, timeout)

static int control(int set, int operation, int file, unsigned events, unsigned long data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(set, operation, file, &event);
}

static void handle(int signal) { (void)signal; }

int main(void) {
  int set = epoll_create1(EPOLL_CLOEXEC), other = epoll_create1(0), ends[2], pair[2];
  char text[8192];
  memset(text, 'x', sizeof text);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (pipe2(ends, O_NONBLOCK) != 0 || pipe2(pair, O_NONBLOCK) != 0) return 1;
  T(epoll_create1(12345));
  T(epoll_create(0));
  T(control(set, EPOLL_CTL_ADD, ends[0], EPOLLIN, 0x1122334455667788));
  T(control(set, EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
  T(control(set, EPOLL_CTL_MOD, ends[1], EPOLLIN, 1));
  T(control(set, EPOLL_CTL_DEL, ends[1], 0, 0));
  T(control(set, 77, ends[0], 0, 0));
  T(control(set, EPOLL_CTL_ADD, 99, EPOLLIN, 0));
  T(control(99, EPOLL_CTL_ADD, ends[0], EPOLLIN, 0));
  T(control(ends[0], EPOLL_CTL_ADD, ends[1], EPOLLIN, 0));
  T(control(set, EPOLL_CTL_ADD, set, EPOLLIN, 0));
  int regular = open("regular", O_CREAT | O_RDWR, 0600), null = open("/dev/null", O_RDWR);
  T(control(set, EPOLL_CTL_ADD, regular, EPOLLIN, 0));
  T(control(set, EPOLL_CTL_ADD, null, EPOLLIN, 0));
  W(set, 0, 0);
  W(set, 16, 0);
  T(write(ends[1], "abc", 3));
  W(set, 16, 0);
  W(set, 16, -1);
  T(read(ends[0], text, 3));
  W(set, 16, 0);

  puts("edge-triggered");
  T(control(set, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2));
  W(set, 16, 0);
  T(write(ends[1], "a", 1));
  W(set, 16, 0);
  W(set, 16, 0);
  T(write(ends[1], "b", 1));
  W(set, 16, 0);
  W(set, 16, 0);
  T(control(set, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 3));
  W(set, 16, 0);

  puts("one-shot");
  T(control(set, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 4));
  W(set, 16, 0);
  W(set, 16, 0);
  T(write(ends[1], "c", 1));
  W(set, 16, 0);
  T(control(set, EPOLL_CTL_MOD, ends[0], EPOLLIN, 5));
  W(set, 16, 0);

  puts("several");
  T(control(set, EPOLL_CTL_ADD, pair[1], EPOLLOUT, 6));
  int counter = eventfd(1, EFD_NONBLOCK);
  T(control(set, EPOLL_CTL_ADD, counter, EPOLLIN, 7));
  W(set, 16, 0);
  W(set, 1, 0);
  W(set, 1, 0);
  W(set, 1, 0);
  while (write(pair[1], text, sizeof text) > 0) continue;
  T(control(set, EPOLL_CTL_DEL, ends[0], 0, 0));
  T(control(set, EPOLL_CTL_DEL, counter, 0, 0));
  W(set, 16, 0);
  T(read(pair[0], text, 5000));
  W(set, 16, 0);

  puts("closing");
  int copy = dup(pair[1]);
  close(pair[1]);
  W(set, 16, 0);
  T(control(set, EPOLL_CTL_DEL, copy, 0, 0));
  close(copy);
  W(set, 16, 0);
  T(control(set, EPOLL_CTL_ADD, pair[0], EPOLLIN, 8));
  while (read(pair[0], text, sizeof text) > 0) continue;
  W(set, 16, 0);
  T(control(set, EPOLL_CTL_DEL, pair[0], 0, 0));

  puts("nested");
  T(control(other, EPOLL_CTL_ADD, set, EPOLLIN, 9));
  T(control(set, EPOLL_CTL_ADD, other, EPOLLIN, 9));
  W(other, 16, 0);
  T(control(set, EPOLL_CTL_ADD, ends[0], EPOLLIN, 10));
  W(other, 16, 0);
  while (read(ends[0], text, sizeof text) > 0) continue;
  W(other, 16, 0);
  T(write(ends[1], "d", 1));
  W(other, 16, 0);
  close(set);
  W(other, 16, 0);

  puts("waiting");
  set = epoll_create1(0);
  while (read(ends[0], text, sizeof text) > 0) continue;
  T(control(set, EPOLL_CTL_ADD, ends[0], EPOLLIN, 11));
  W(set, 16, 20);
  fflush(stdout);
  if (fork() == 0) {
    usleep(30000);
    _exit(write(ends[1], "e", 1) == 1 ? 0 : 1);
  }
  W(set, 16, -1);
  wait(NULL);
  T(read(ends[0], text, 8));
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  alarm(1);
  W(set, 16, -1);
  close(ends[1]);
  W(set, 16, -1);
  struct epoll_event *bad = (struct epoll_event *)8;
  T(syscall(SYS_epoll_wait, set, bad, 1, 0));
  T(epoll_ctl(set, EPOLL_CTL_ADD, counter, bad));
  W(null, 1, 0);
  W(99, 1, 0);
  return 0;
}
