/* The C library on top of the system: floating point, setjmp, stdio, time, directories, environment, sorting, exit. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static jmp_buf back;
static void jump(int value) { longjmp(back, value); }
static void atEnd(void) { puts("at exit"); }
static int compare(const void *left, const void *right) { return *(const int *)left - *(const int *)right; }

int main(void) {
  atexit(atEnd);
  printf("%.17g %.3e %a %g %g\n", 0.1 + 0.2, 12345.6789, 1.5, 1.0 / 3, -0.0);
  double sum = 0;
  for (int i = 1; i <= 1000; i++) sum += 1.0 / i;
  printf("%.12f %Lf %f\n", sum, (long double)sum, strtod("1e-3", NULL));

  volatile int jumps = 0;
  int value = setjmp(back);
  if (value < 5) {
    jumps++;
    jump(value + 1);
  }
  printf("jumps %d value %d\n", jumps, value);

  int numbers[200];
  for (int i = 0; i < 200; i++) numbers[i] = (i * 7919) % 1000;
  qsort(numbers, 200, sizeof *numbers, compare);
  printf("sorted %d %d %d\n", numbers[0], numbers[100], numbers[199]);

  FILE *file = fopen("stdio", "w+");
  for (int i = 0; i < 1000; i++) fprintf(file, "line %d\n", i);
  fseek(file, -9, SEEK_END);
  char line[32];
  printf("last %s", fgets(line, sizeof line, file));
  printf("size %ld\n", ftell(file));
  fclose(file);

  mkdir("dir", 0755);
  for (int i = 0; i < 300; i++) {
    char name[32];
    snprintf(name, sizeof name, "dir/entry-%03d", i);
    close(open(name, O_CREAT | O_WRONLY, 0644));
  }
  int entries = 0;
  DIR *directory = opendir("dir");
  while (readdir(directory) != NULL) entries++;
  closedir(directory);
  printf("entries %d\n", entries);

  struct iovec pieces[3] = {{"one ", 4}, {"two ", 4}, {"three\n", 6}};
  fflush(stdout);
  printf("writev %zd\n", writev(1, pieces, 3));

  struct timespec now, later;
  clock_gettime(CLOCK_MONOTONIC, &now);
  nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  clock_gettime(CLOCK_MONOTONIC, &later);
  long slept = (later.tv_sec - now.tv_sec) * 1000000000 + later.tv_nsec - now.tv_nsec;
  printf("slept at least 20 ms: %d\n", slept >= 20000000);
  time_t moment = 1000000000;
  struct tm *parts = gmtime(&moment);
  strftime(line, sizeof line, "%Y-%m-%d %H:%M:%S", parts);
  puts(line);

  setenv("KAIRO", "value", 1);
  printf("%s %s\n", getenv("KAIRO"), getenv("NOTHING") == NULL ? "unset" : "set");
  FILE *output = popen("echo from popen; exit 3", "r");
  fputs(fgets(line, sizeof line, output) == NULL ? "nothing\n" : line, stdout);
  printf("pclose %d system %d\n", pclose(output) >> 8, system("exit 4") >> 8);
  errno = 0;
  int missing = open("/nonexistent", O_RDONLY);
  printf("%d %s\n", missing, strerror(errno));
  printf("%d %ld\n", getpagesize(), sysconf(_SC_CLK_TCK));
  return 7;
}
