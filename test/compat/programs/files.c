/*
 * The file calls of Linux one by one: paths, links, renaming, permissions, offsets, holes, locks, pipes, FIFOs, polling,
 * copies. Prints what each returns, or its errno, which must be what Linux prints on a tmpfs.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* musl keeps these to the kernel's own header. */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

#define T(call) report(__LINE__, #call, (long)(call))

static void report(int line, const char *what, long result) {
  if (result < 0) printf("%d %s: %s\n", line, what, strerror(errno));
  else printf("%d %s = %ld\n", line, what, result);
}

static int rename2(const char *from, const char *to, unsigned flags) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void make(const char *name, const char *text) {
  int file = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file < 0 || write(file, text, strlen(text)) < 0) printf("cannot make %s\n", name);
  close(file);
}

static void show(const char *name) {
  char text[64] = {0};
  int file = open(name, O_RDONLY);
  long count = file < 0 ? -1 : read(file, text, 63);
  if (count < 0) printf("  %s: %s\n", name, strerror(errno));
  else printf("  %s holds \"%s\"\n", name, text);
  if (file >= 0) close(file);
}

static void stats(const char *name) {
  struct stat s;
  if (lstat(name, &s) < 0) printf("  %s: %s\n", name, strerror(errno));
  else printf("  %s mode %o links %lu size %ld blocks %ld uid %u gid %u\n", name, s.st_mode, (unsigned long)s.st_nlink,
              S_ISDIR(s.st_mode) ? 0L : (long)s.st_size, (long)s.st_blocks, s.st_uid, s.st_gid);
}

static void paths(void) {
  puts("paths");
  T(mkdir("d", 0755));
  T(mkdir("d", 0755));
  T(mkdir("d/", 0755));
  T(mkdir("d/e/", 0755));
  T(mkdir("no/e", 0755));
  T(mkdir("", 0755));
  T(mkdir(".", 0755));
  T(mkdir("/", 0755));
  make("f", "file");
  T(mkdir("f/x", 0755));
  T(open("f/", O_RDONLY));
  T(open("f/.", O_RDONLY));
  T(open("new/", O_CREAT | O_RDWR, 0644));
  T(open("d", O_CREAT | O_RDWR, 0644));
  T(open("d", O_WRONLY));
  T(open("d", O_RDONLY | O_TRUNC));
  T(open("d", O_RDONLY | O_CREAT, 0644));
  T(open("f", O_DIRECTORY));
  T(open("f", O_CREAT | O_EXCL, 0644));
  T(symlink("f", "s"));
  T(symlink("missing", "dangling"));
  T(symlink("", "empty"));
  T(symlink("loop2", "loop1"));
  T(symlink("loop1", "loop2"));
  T(open("loop1", O_RDONLY));
  T(open("s", O_NOFOLLOW));
  T(open("s/", O_RDONLY));
  T(open("dangling", O_RDONLY));
  T(open("dangling", O_CREAT | O_EXCL, 0644));
  int made = open("dangling", O_CREAT | O_WRONLY, 0644);
  T(write(made, "hi", 2));
  close(made);
  show("missing");
  T(unlink("missing"));
  T(symlink("d", "sd"));
  T(rmdir("sd"));
  T(rmdir("sd/"));
  T(unlink("sd/"));
  T(unlink("d"));
  T(unlink("f/"));
  T(unlink("."));
  T(rmdir("."));
  T(rmdir("d/.."));
  T(rmdir("d/."));
  T(rmdir("d"));
  T(rmdir("f"));
  T(rmdir("/"));
  char longName[300], longPath[5000];
  memset(longName, 'n', 256);
  longName[256] = 0;
  T(open(longName, O_CREAT, 0644));
  longName[255] = 0;
  int longFile = open(longName, O_CREAT, 0644);
  printf("  a name of 255 bytes: %d\n", longFile >= 0);
  close(longFile);
  T(unlink(longName));
  memset(longPath, '/', 4999);
  longPath[4999] = 0;
  T(access(longPath, F_OK));
  longPath[4095] = 0;
  T(access(longPath, F_OK));
  char text[16];
  T(readlink("s", text, sizeof text));
  T(readlink("s", text, 0));
  T(readlink("f", text, sizeof text));
  T(readlink("dangling", text, 3));
  T(access("f", X_OK));
  T(access("f", 8));
  T(access("f/x", F_OK));
  int directory = open("d", O_RDONLY | O_DIRECTORY);
  T(openat(directory, "../f", O_RDONLY) >= 0);
  T(mkdirat(directory, "g", 0700));
  T(faccessat(directory, "g", R_OK, 0));
  T(unlinkat(directory, "g", 0));
  T(unlinkat(directory, "g", AT_REMOVEDIR));
  T(unlinkat(directory, "g", 1));
  int place = open("f", O_PATH);
  char one;
  T(read(place, &one, 1));
  T(fchmod(place, 0600));
  T(ioctl(place, FIONREAD, &one));
  T(lseek(place, 0, SEEK_SET));
  T(fcntl(place, F_GETFL) & O_PATH ? 1 : 0);
  struct stat s;
  T(fstat(place, &s));
  T(fstatat(place, "", &s, AT_EMPTY_PATH));
  T(fstatat(place, "", &s, 0));
  T(openat(place, "x", O_RDONLY));
  int link = open("s", O_PATH | O_NOFOLLOW);
  T(readlinkat(link, "", text, sizeof text));
  close(link);
  close(place);
  close(directory);
}

static void links(void) {
  puts("links");
  make("a", "aaa");
  T(link("a", "b"));
  T(link("a", "b"));
  T(link("d", "dl"));
  T(link("none", "x"));
  T(link("a", "no/x"));
  T(link("s", "slink"));
  stats("slink");
  T(linkat(AT_FDCWD, "s", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  stats("followed");
  stats("a");
  T(unlink("a"));
  stats("b");
  show("b");
  int held = open("b", O_RDWR);
  T(unlink("b"));
  struct stat s;
  T(fstat(held, &s));
  printf("  links of an unlinked file: %lu\n", (unsigned long)s.st_nlink);
  T(write(held, "still", 5));
  T(linkat(AT_FDCWD, "/proc/self/fd/99", AT_FDCWD, "x", AT_SYMLINK_FOLLOW));
  close(held);
  int unnamed = open(".", O_TMPFILE | O_RDWR, 0644);
  T(write(unnamed, "later", 5));
  char name[64];
  sprintf(name, "/proc/self/fd/%d", unnamed);
  T(linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  show("named");
  stats("named");
  close(unnamed);
  T(open(".", O_TMPFILE | O_RDONLY, 0644));
}

static void renaming(void) {
  puts("renaming");
  make("one", "1");
  make("two", "2");
  mkdir("x", 0755);
  mkdir("x/y", 0755);
  mkdir("empty1", 0755);
  T(rename("one", "one"));
  T(rename("one", "two"));
  show("two");
  T(rename("gone", "two"));
  T(rename("two", "x"));
  T(rename("x", "two"));
  T(rename("empty1", "x"));
  T(rename("x", "x/y/z"));
  T(rename("x", "x"));
  T(rename("x/y", "x"));
  T(rename("two", "three/"));
  T(rename("x", "moved/"));
  T(rename("moved", "empty1"));
  stats("empty1/y");
  T(rename(".", "dot"));
  T(rename("two", "."));
  T(rename("two", ".."));
  T(rename("two", ""));
  T(rename("/", "two"));
  T(rename("two", "no/two"));
  make("four", "4");
  T(rename2("two", "four", RENAME_NOREPLACE));
  T(rename2("two", "five", RENAME_NOREPLACE));
  T(rename2("four", "five", RENAME_EXCHANGE));
  show("four");
  show("five");
  T(rename2("four", "empty1", RENAME_EXCHANGE));
  stats("four/y");
  show("empty1");
  T(rename2("four", "nothing", RENAME_EXCHANGE));
  T(rename2("four", "four/y", RENAME_EXCHANGE));
  T(rename2("four", "five", RENAME_EXCHANGE | RENAME_NOREPLACE));
  T(rename2("four", "five", 64));
  link("five", "same");
  T(rename("five", "same"));
  stats("five");
  T(unlink("same"));
  stats("four");
}

static void contents(void) {
  puts("contents");
  char text[64] = {0};
  int file = open("c", O_CREAT | O_RDWR | O_TRUNC, 0644);
  T(write(file, "0123456789", 10));
  T(lseek(file, 0, SEEK_CUR));
  T(lseek(file, -3, SEEK_END));
  T(read(file, text, 10));
  T(lseek(file, -20, SEEK_CUR));
  T(lseek(file, 100, SEEK_SET));
  T(read(file, text, 10));
  T(write(file, "x", 1));
  T(lseek(file, 0, SEEK_END));
  T(pread(file, text, 10, 95));
  T(pwrite(file, "AB", 2, 0));
  T(lseek(file, 0x7fffffffffffffff, SEEK_SET));
  T(write(file, "x", 1));
  T(lseek(file, 1, SEEK_CUR));
  T(pwrite(file, "y", 1, 0x7ffffffffffffffe));
  T(ftruncate(file, 4));
  T(ftruncate(file, 8));
  memset(text, '?', 16);
  T(pread(file, text, 16, 0));
  for (int index = 0; index < 8; index++) printf(" %02x", (unsigned char)text[index]);
  puts("");
  T(ftruncate(file, -1));
  T(truncate("d", 1));
  T(truncate("none", 1));
  int reader = open("c", O_RDONLY);
  T(ftruncate(reader, 1));
  T(write(reader, "x", 1));
  int appender = open("c", O_WRONLY | O_APPEND);
  T(pwrite(appender, "tail", 4, 0));
  T(lseek(appender, 0, SEEK_CUR));
  T(write(appender, "!", 1));
  T(lseek(appender, 0, SEEK_CUR));
  T(read(appender, text, 1));
  T(fcntl(appender, F_SETFL, 0));
  T(pwrite(appender, "Z", 1, 0));
  show("c");
  close(appender);
  T(ftruncate(file, 0));
  T(pwrite(file, "data", 4, 1 << 20));
  T(lseek(file, 0, SEEK_DATA));
  T(lseek(file, 0, SEEK_HOLE));
  T(lseek(file, 1 << 20, SEEK_HOLE));
  T(lseek(file, 2 << 20, SEEK_DATA));
  T(lseek(file, -1, SEEK_DATA));
  struct stat s;
  fstat(file, &s);
  printf("  sparse: size %ld blocks %ld\n", (long)s.st_size, (long)s.st_blocks);
  T(fallocate(file, 0, 0, 16384));
  fstat(file, &s);
  printf("  allocated: size %ld blocks %ld\n", (long)s.st_size, (long)s.st_blocks);
  T(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
  fstat(file, &s);
  printf("  punched: blocks %ld\n", (long)s.st_blocks);
  T(fallocate(file, FALLOC_FL_PUNCH_HOLE, 0, 1));
  T(fallocate(file, FALLOC_FL_KEEP_SIZE, 4 << 20, 4096));
  fstat(file, &s);
  printf("  kept: size %ld\n", (long)s.st_size);
  T(fallocate(file, 0, -1, 1));
  T(fallocate(file, 0, 0, 0));
  T(fallocate(reader, 0, 0, 1));
  struct iovec parts[3] = {{"abc", 3}, {"", 0}, {"defg", 4}};
  T(ftruncate(file, 0));
  T(lseek(file, 0, SEEK_SET));
  T(writev(file, parts, 3));
  T(pwritev(file, parts, 1, 7));
  char first[3] = {0}, second[8] = {0};
  struct iovec into[2] = {{first, 2}, {second, 7}};
  T(preadv(file, into, 2, 1));
  printf("  \"%s\" \"%s\"\n", first, second);
  T(syscall(SYS_readv, file, into, -1));
  T(syscall(SYS_readv, file, into, 1025));
  T(preadv(file, into, 1, -1));
  T(fsync(file));
  T(fsync(99));
  close(reader);
  close(file);
  int memory = memfd_create("name", MFD_CLOEXEC);
  T(write(memory, "inside", 6));
  sprintf(text, "/proc/self/fd/%d", memory);
  char target[64] = {0};
  T(readlink(text, target, 63));
  printf("  %s\n", target);
  T(fcntl(memory, F_GETFD));
  close(memory);
}

static void directories(void) {
  puts("directories");
  mkdir("many", 0755);
  char name[32];
  for (int index = 0; index < 300; index++) {
    sprintf(name, "many/entry-%d", index);
    make(name, "");
  }
  DIR *stream = opendir("many");
  struct dirent *entry;
  int seen = 0;
  while ((entry = readdir(stream)) != NULL) {
    seen += 1;
    if (seen > 2 && seen % 3 == 0) {
      snprintf(name, sizeof name, "many/%.20s", entry->d_name);
      unlink(name);
    }
  }
  printf("  entries: %d\n", seen);
  rewinddir(stream);
  for (seen = 0; readdir(stream) != NULL; seen++) continue;
  printf("  left: %d\n", seen);
  closedir(stream);
  T(rmdir("many"));
  mkdir("stay", 0755);
  int back = open(".", O_RDONLY);
  T(chdir("stay"));
  T(rmdir("../stay"));
  T(getcwd(name, 32) != NULL ? 1 : -1);
  T(open("x", O_CREAT, 0644));
  T(mkdir("x", 0755));
  T(open(".", O_RDONLY) >= 0);
  T(access("..", F_OK));
  T(fchdir(back));
  T(fchdir(99));
  T(chdir("f"));
  T(getcwd(name, 2) != NULL ? 1 : -1);
  char small[8];
  T(syscall(SYS_getdents64, back, small, 8));
  T(syscall(SYS_getdents64, open("f", O_RDONLY), small, 8));
  close(back);
}

static void permissions(void) {
  puts("permissions");
  umask(027);
  int file = open("u", O_CREAT | O_RDWR, 0666);
  stats("u");
  T(mkdir("ud", 0777));
  stats("ud");
  umask(022);
  T(chmod("u", 06755));
  stats("u");
  T(chown("u", 100, 200));
  stats("u");
  T(chown("u", -1, -1));
  T(fchmod(file, 0));
  T(chmod("none", 0));
  mkdir("sticky", 0777);
  chmod("sticky", 01777);
  make("sticky/root", "r");
  mkdir("private", 0700);
  make("private/file", "p");
  make("readable", "r");
  mkdir("group", 0777);
  chmod("group", 02777);
  chown("group", 0, 300);
  fflush(stdout);
  if (fork() == 0) {
    T(setresgid(500, 500, 500));
    T(setresuid(1000, 1000, 1000));
    T(open("readable", O_WRONLY));
    T(open("readable", O_RDONLY) >= 0);
    T(open("private/file", O_RDONLY));
    T(access("private/file", F_OK));
    T(unlink("sticky/root"));
    T(rename("sticky/root", "sticky/mine"));
    T(open("sticky/own", O_CREAT | O_RDWR, 0600) >= 0);
    T(unlink("sticky/own"));
    T(open("new-here", O_CREAT, 0600));
    T(chmod("readable", 0777));
    T(chown("readable", 1000, -1));
    T(utimensat(AT_FDCWD, "readable", NULL, 0));
    struct timespec times[2] = {{1, 0}, {2, 0}};
    T(utimensat(AT_FDCWD, "readable", times, 0));
    T(open("group/inherits", O_CREAT, 0600) >= 0);
    stats("group/inherits");
    T(mkdir("group/dir", 0755));
    stats("group/dir");
    T(chown("group/inherits", -1, 500));
    T(chown("group/inherits", -1, 77));
    T(mknod("sticky/device", S_IFCHR | 0600, 0x103));
    T(mknod("sticky/fifo", S_IFIFO | 0600, 0));
    T(chroot("/"));
    T(truncate("readable", 0));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  struct timespec times[2] = {{100, 5}, {200, 7}};
  T(utimensat(AT_FDCWD, "readable", times, 0));
  struct stat s;
  stat("readable", &s);
  printf("  times %ld.%ld %ld.%ld\n", (long)s.st_atime, s.st_atim.tv_nsec, (long)s.st_mtime, s.st_mtim.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = 300;
  T(utimensat(AT_FDCWD, "readable", times, 0));
  stat("readable", &s);
  printf("  times %ld %ld\n", (long)s.st_atime, (long)s.st_mtime);
  times[1].tv_nsec = 1000000000;
  T(utimensat(AT_FDCWD, "readable", times, 0));
  T(mknod("dir", S_IFDIR | 0755, 0));
  T(mknod("socket", S_IFSOCK | 0755, 0));
  T(open("socket", O_RDONLY));
  close(file);
}

static void descriptors(void) {
  puts("descriptors");
  int file = open("f", O_RDONLY);
  int copy = dup(file);
  char one;
  T(read(copy, &one, 1));
  T(lseek(file, 0, SEEK_CUR));
  T(dup2(file, file) == file);
  T(dup2(99, 5));
  T(dup2(file, -1));
  T(dup2(file, 100000));
  T(dup3(file, file, 0));
  T(dup3(file, 40, O_CLOEXEC));
  T(fcntl(40, F_GETFD));
  T(fcntl(40, F_SETFD, 0));
  T(fcntl(40, F_GETFD));
  T(fcntl(file, F_DUPFD, 60));
  T(fcntl(file, F_DUPFD_CLOEXEC, 60));
  T(fcntl(file, F_DUPFD, 100000));
  T(fcntl(file, F_GETFL) & ~O_LARGEFILE);
  T(fcntl(file, F_SETFL, O_APPEND | O_NONBLOCK | O_RDWR));
  T(fcntl(copy, F_GETFL) & ~O_LARGEFILE);
  T(fcntl(file, 9999));
  T(fcntl(99, F_GETFD));
  T(syscall(SYS_close_range, 60, 61, 0));
  T(fcntl(60, F_GETFD));
  T(syscall(SYS_close_range, 5, 4, 0));
  T(syscall(SYS_close_range, 40, ~0U, 4));
  T(fcntl(40, F_GETFD));
  T(close(40));
  T(close(40));
  T(ioctl(file, TCGETS, &one));
  T(isatty(file));
  close(copy);
  close(file);
}

static void pipes(void) {
  puts("pipes");
  static char block[70000];
  int ends[2];
  signal(SIGPIPE, SIG_IGN);
  T(pipe2(ends, O_NONBLOCK));
  T(pipe2(ends, O_APPEND));
  T(read(ends[0], block, 1));
  T(read(ends[0], block, 0));
  T(write(ends[1], block, 65536));
  T(write(ends[1], block, 1));
  T(fcntl(ends[0], F_GETPIPE_SZ));
  int ready;
  T(ioctl(ends[0], FIONREAD, &ready));
  printf("  readable %d\n", ready);
  struct pollfd polls[2] = {{ends[0], POLLIN | POLLOUT, 0}, {ends[1], POLLIN | POLLOUT, 0}};
  T(poll(polls, 2, 0));
  printf("  %x %x\n", polls[0].revents, polls[1].revents);
  T(read(ends[0], block, 100));
  T(write(ends[1], block, 4096));
  T(read(ends[0], block, 4000));
  T(write(ends[1], block, 5000));
  T(read(ends[0], block, 70000));
  T(fcntl(ends[1], F_SETPIPE_SZ, 5000));
  T(write(ends[1], block, 70000));
  T(fcntl(ends[1], F_SETPIPE_SZ, 4096));
  T(read(ends[0], block, 70000));
  T(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20));
  T(write(ends[1], "tail", 4));
  T(lseek(ends[0], 0, SEEK_SET));
  T(write(ends[0], "x", 1));
  T(read(ends[1], block, 1));
  T(ftruncate(ends[1], 0));
  T(fcntl(0, F_GETPIPE_SZ) == 0);
  struct stat s;
  T(fstat(ends[0], &s));
  printf("  mode %o size %ld\n", s.st_mode, (long)s.st_size);
  close(ends[1]);
  T(poll(polls, 1, 0));
  printf("  %x\n", polls[0].revents);
  T(read(ends[0], block, 10));
  T(poll(polls, 1, 0));
  printf("  %x\n", polls[0].revents);
  T(read(ends[0], block, 10));
  close(ends[0]);
  T(pipe(ends));
  close(ends[0]);
  T(write(ends[1], "x", 1));
  T(write(ends[1], "x", 0));
  polls[0] = (struct pollfd){ends[1], POLLOUT, 0};
  T(poll(polls, 1, 0));
  printf("  %x\n", polls[0].revents);
  close(ends[1]);
  T(mkfifo("fifo", 0644));
  T(mkfifo("fifo", 0644));
  T(open("fifo", O_WRONLY | O_NONBLOCK));
  int reader = open("fifo", O_RDONLY | O_NONBLOCK);
  polls[0] = (struct pollfd){reader, POLLIN, 0};
  T(poll(polls, 1, 0));
  T(read(reader, block, 1));
  int writer = open("fifo", O_WRONLY);
  T(read(reader, block, 1));
  T(write(writer, "through", 7));
  T(read(reader, block, 10));
  close(writer);
  T(poll(polls, 1, 0));
  printf("  %x\n", polls[0].revents);
  T(read(reader, block, 10));
  close(reader);
  int both = open("fifo", O_RDWR);
  T(write(both, "self", 4));
  T(read(both, block, 10));
  close(both);
  stats("fifo");
}

static void waiting(void) {
  puts("waiting");
  struct pollfd polls[4] = {{open("f", O_RDWR), POLLIN | POLLOUT, 0}, {-5, POLLIN, 7}, {99, POLLIN, 0},
                            {open(".", O_RDONLY), POLLIN, 0}};
  T(poll(polls, 4, 0));
  printf("  %x %x %x %x\n", polls[0].revents, polls[1].revents, polls[2].revents, polls[3].revents);
  T(syscall(SYS_poll, NULL, 0, 1));
  T(syscall(SYS_poll, NULL, 1, 0));
  T(syscall(SYS_poll, polls, 100000, 0));
  int event = eventfd(3, EFD_NONBLOCK);
  unsigned long value = 0;
  T(read(event, &value, 8));
  printf("  %lu\n", value);
  T(read(event, &value, 8));
  T(read(event, &value, 4));
  value = ~0UL;
  T(write(event, &value, 8));
  value = ~0UL - 1;
  T(write(event, &value, 8));
  value = 1;
  T(write(event, &value, 8));
  polls[0] = (struct pollfd){event, POLLIN | POLLOUT, 0};
  T(poll(polls, 1, 0));
  printf("  %x\n", polls[0].revents);
  int counter = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  T(read(counter, &value, 8));
  T(read(counter, &value, 8));
  T(read(counter, &value, 8));
  fd_set readers, writers;
  FD_ZERO(&readers);
  FD_ZERO(&writers);
  FD_SET(counter, &readers);
  FD_SET(counter, &writers);
  struct timeval none = {0, 0};
  T(select(counter + 1, &readers, &writers, NULL, &none));
  printf("  %d %d\n", FD_ISSET(counter, &readers) != 0, FD_ISSET(counter, &writers) != 0);
  FD_ZERO(&readers);
  FD_SET(50, &readers);
  T(select(51, &readers, NULL, NULL, &none));
  T(select(-1, NULL, NULL, NULL, &none));
  struct timeval wrong = {-1, 0};
  T(select(0, NULL, NULL, NULL, &wrong));
  struct timeval brief = {0, 1000};
  T(select(0, NULL, NULL, NULL, &brief));
  printf("  left %ld\n", (long)brief.tv_usec);
}

static void locks(void) {
  puts("locks");
  int file = open("lock", O_CREAT | O_RDWR, 0644), other = open("lock", O_RDWR);
  T(flock(file, LOCK_EX));
  T(flock(other, LOCK_EX | LOCK_NB));
  T(flock(file, LOCK_SH));
  T(flock(other, LOCK_SH | LOCK_NB));
  T(flock(other, LOCK_EX | LOCK_NB));
  T(flock(file, LOCK_UN));
  T(flock(other, LOCK_EX | LOCK_NB));
  T(flock(other, 99));
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
  T(fcntl(file, F_SETLK, &range));
  T(fcntl(other, F_SETLK, &range));
  fflush(stdout);
  if (fork() == 0) {
    struct flock probe = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    T(fcntl(file, F_SETLK, &probe));
    T(fcntl(file, F_GETLK, &probe));
    printf("  type %d start %ld length %ld owner %d\n", probe.l_type, (long)probe.l_start, (long)probe.l_len,
           probe.l_pid == getppid());
    probe = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
    T(fcntl(file, F_SETLK, &probe));
    probe.l_start = 29;
    T(fcntl(file, F_SETLK, &probe));
    probe.l_start = 30;
    T(fcntl(file, F_SETLK, &probe));
    probe.l_start = -1;
    T(fcntl(file, F_SETLK, &probe));
    probe.l_start = 0;
    probe.l_type = 9;
    T(fcntl(file, F_SETLK, &probe));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  range.l_type = F_UNLCK;
  range.l_start = 15;
  range.l_len = 5;
  T(fcntl(file, F_SETLK, &range));
  fflush(stdout);
  if (fork() == 0) {
    struct flock probe = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 15, .l_len = 5};
    T(fcntl(file, F_SETLK, &probe));
    probe.l_len = 6;
    T(fcntl(file, F_SETLK, &probe));
    probe.l_start = 14;
    probe.l_len = 1;
    T(fcntl(file, F_SETLK, &probe));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  close(other);
  fflush(stdout);
  if (fork() == 0) {
    struct flock probe = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    T(fcntl(file, F_SETLK, &probe));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  close(file);
}

static void copies(void) {
  puts("copies");
  make("source", "0123456789");
  int source = open("source", O_RDONLY), target = open("target", O_CREAT | O_RDWR | O_TRUNC, 0644);
  T(sendfile(target, source, NULL, 4));
  off_t from = 6;
  T(sendfile(target, source, &from, 100));
  printf("  offset %ld\n", (long)from);
  T(lseek(source, 0, SEEK_CUR));
  show("target");
  T(sendfile(source, target, NULL, 1));
  from = -1;
  T(sendfile(target, source, &from, 1));
  off_t into = 2;
  T(copy_file_range(source, NULL, target, &into, 3, 0));
  printf("  offset %ld\n", (long)into);
  show("target");
  T(copy_file_range(source, NULL, target, NULL, 3, 1));
  T(copy_file_range(target, NULL, source, NULL, 3, 0));
  int ends[2];
  T(pipe(ends));
  T(sendfile(ends[1], source, NULL, 2));
  T(sendfile(target, ends[0], NULL, 2));
  T(copy_file_range(ends[0], NULL, target, NULL, 2, 0));
  close(ends[0]);
  close(ends[1]);
  close(source);
  close(target);
}

int main(void) {
  char place[] = "/tmp/files.XXXXXX";
  if (mkdtemp(place) == NULL || chdir(place) != 0 || chmod(".", 0755) != 0) return 1;
  paths();
  links();
  renaming();
  contents();
  directories();
  permissions();
  descriptors();
  pipes();
  waiting();
  locks();
  copies();
  return 0;
}
