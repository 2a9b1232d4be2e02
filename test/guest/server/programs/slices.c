/* slices WORK...: memory and files by the megabyte. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>

enum { ARGUMENTS = 18, ARGUMENT_BYTES = 100000 };

static void readZeros(void) {
  size_t bytes = 256UL * MEGABYTE;
  char *memory = room(bytes);
  int zero = open("/dev/zero", O_RDONLY);
  begin();
  must(read(zero, memory, bytes) == (ssize_t)bytes, "read");
  finish();
}

static void writeBytes(int isMeasured) {
  size_t bytes = 64UL * MEGABYTE;
  char *memory = touched(bytes);
  int file = open("/tmp/big", O_CREAT | O_WRONLY, 0600);
  if (isMeasured) begin();
  must(write(file, memory, bytes) == (ssize_t)bytes, "write");
  if (isMeasured) finish();
  close(file);
}

static void writeFile(void) { writeBytes(1); }

static void removeFile(void) {
  writeBytes(0);
  begin();
  must(unlink("/tmp/big") == 0, "unlink");
}

static void forkMuch(void) {
  touched(64UL * MEGABYTE);
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

static void unmapMuch(void) {
  char *memory = touched(64UL * MEGABYTE);
  begin();
  must(munmap(memory, 64UL * MEGABYTE) == 0, "munmap");
  finish();
}

static void protectMuch(void) {
  char *memory = touched(64UL * MEGABYTE);
  begin();
  must(mprotect(memory, 64UL * MEGABYTE, PROT_READ) == 0, "mprotect");
  finish();
}

static void exitWithMuch(void) {
  touched(64UL * MEGABYTE);
  begin();
  _exit(0);
}

static void executeWithMuch(void) {
  touched(64UL * MEGABYTE);
  char *words[ARGUMENTS + 3] = {"slices", "nothing"};
  for (int index = 0; index < ARGUMENTS; index++) {
    words[index + 2] = malloc(ARGUMENT_BYTES + 1);
    memset(words[index + 2], 'x', ARGUMENT_BYTES);
    words[index + 2][ARGUMENT_BYTES] = 0;
  }
  begin();
  execv("/proc/self/exe", words);
  must(0, "execv");
}

static const struct work works[] = {
    {"read", readZeros}, {"write", writeFile}, {"unlink", removeFile}, {"fork", forkMuch}, {"munmap", unmapMuch},
    {"mprotect", protectMuch}, {"exit", exitWithMuch}, {"execve", executeWithMuch},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
