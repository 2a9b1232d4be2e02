/* files WORK...: requests about very large files, and such as are mapped very often. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

enum { TIMES = 60000, FAR = 1 << 18 };
static const size_t much = 256UL * MEGABYTE;

/* A file of `bytes`, all there. */
static int fileOf(size_t bytes) {
  int file = open("/tmp/file", O_CREAT | O_RDWR | O_TRUNC, 0600);
  unlink("/tmp/file");
  must(file >= 0 && fallocate(file, 0, 0, (off_t)bytes) == 0, "fallocate");
  return file;
}

static char *mapFile(int file, size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  must(memory != MAP_FAILED, "mmap");
  memset(memory, 1, bytes);
  return memory;
}

static void syncFile(void) {
  int file = fileOf(much);
  char *memory = mapFile(file, much);
  begin();
  must(msync(memory, much, MS_SYNC) == 0 && fsync(file) == 0, "msync");
  finish();
}

static void forkShared(void) {
  mapFile(fileOf(much), much);
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

/* One page in 64, so that no two are neighbours. */
static int sparse(void) {
  int file = open("/tmp/sparse", O_CREAT | O_RDWR | O_TRUNC, 0600);
  for (int index = 0; index < TIMES; index++) must(pwrite(file, "x", 1, (off_t)index * FAR) == 1, "pwrite");
  return file;
}

static void removeSparse(void) {
  close(sparse());
  begin();
  must(unlink("/tmp/sparse") == 0, "unlink");
}

static void cutSparse(void) {
  int file = sparse();
  begin();
  must(ftruncate(file, 0) == 0, "ftruncate");
  finish();
  unlink("/tmp/sparse");
}

static void punchSparse(void) {
  int file = sparse();
  begin();
  must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)TIMES * FAR) == 0, "fallocate");
  finish();
  unlink("/tmp/sparse");
}

/* A file that is mapped, and read, TIMES times over. */
static int mappedFile(void) {
  int file = fileOf(MEGABYTE);
  for (int index = 0; index < TIMES; index++) {
    char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(memory != MAP_FAILED, "mmap");
    *memory = 1;
  }
  return file;
}

static void exitMapped(void) {
  mappedFile();
  begin();
  _exit(0);
}

static void executeMapped(void) {
  mappedFile();
  begin();
  execl("/proc/self/exe", "files", "nothing", NULL);
  must(0, "execl");
}

/* Every mapping of a file has to be told of a hole in it. */
static void punchMapped(void) {
  int file = mappedFile();
  begin();
  must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, MEGABYTE) == 0, "fallocate");
  finish();
}

static void allocateFile(void) {
  begin();
  close(fileOf(much));
  finish();
}

static void copyFile(void) {
  size_t bytes = much / 2;
  int file = fileOf(bytes), copy = open("/tmp/copy", O_CREAT | O_RDWR | O_TRUNC, 0600);
  unlink("/tmp/copy");
  begin();
  must(syscall(SYS_copy_file_range, file, NULL, copy, NULL, bytes, 0) == (long)bytes, "copy_file_range");
  must(ftruncate(copy, 0) == 0, "ftruncate");
  off_t from = 0;
  must(sendfile(copy, file, &from, bytes) == (ssize_t)bytes, "sendfile");
  finish();
}

static void seekHole(void) {
  int file = fileOf(much);
  begin();
  must(lseek(file, 0, SEEK_HOLE) == (off_t)much, "lseek");
  must(lseek(file, 0, SEEK_DATA) == 0, "lseek");
  finish();
}

static void fillRandom(void) {
  enum { SEGMENTS_READ = 16 };
  char *memory = touched(MEGABYTE);
  struct iovec segments[SEGMENTS_READ];
  for (int index = 0; index < SEGMENTS_READ; index++)
    segments[index] = (struct iovec){memory + (size_t)index * (MEGABYTE / SEGMENTS_READ), MEGABYTE / SEGMENTS_READ};
  int source = open("/dev/urandom", O_RDONLY), target = open("/tmp/random", O_CREAT | O_RDWR | O_TRUNC, 0600);
  begin();
  must(syscall(SYS_getrandom, memory, MEGABYTE, 0) == MEGABYTE, "getrandom");
  must(read(source, memory, MEGABYTE) == MEGABYTE, "read");
  must(readv(source, segments, SEGMENTS_READ) > 0, "readv");
  must(sendfile(target, source, NULL, MEGABYTE) > 0, "sendfile");
  finish();
  unlink("/tmp/random");
}

static const struct work works[] = {
    {"msync", syncFile}, {"fork-shared", forkShared}, {"unlink-sparse", removeSparse}, {"truncate-sparse", cutSparse},
    {"punch-sparse", punchSparse}, {"punch", punchMapped}, {"exit-mapped", exitMapped}, {"execve-mapped", executeMapped},
    {"fallocate", allocateFile}, {"copy", copyFile}, {"seek", seekHole}, {"random", fillRandom},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
