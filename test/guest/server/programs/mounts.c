/* mounts WORK...: thousands of mounts, on each other, below each other and beside each other. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* STACKED: fewer than a path may pass. FEW: as many as are copied at once. */
enum { STACKED = 1000, NESTED = 20000, WIDE = 3000, FEW = 100 };

static void enter(const char *path) {
  must((mkdir(path, 0700) == 0 || errno == EEXIST) && chdir(path) == 0, path);
}

/* A mount of its own to work in, so that one call takes everything away. */
static void enterHome(void) {
  enter("/tmp/home");
  must(mount("none", ".", "tmpfs", 0, NULL) == 0 && chdir("/tmp/home") == 0, "mount");
}

static void leaveHome(void) {
  must(chdir("/") == 0 && umount2("/tmp/home", MNT_DETACH) == 0, "umount");
}

/* A directory mounted on itself, again and again: whoever goes there passes them all. */
static void stack(void) {
  struct stat status;
  enterHome();
  must(mkdir("m", 0700) == 0, "mkdir");
  for (int index = 0; index < STACKED; index++) must(mount("m", "m", NULL, MS_BIND, NULL) == 0, "mount");
  begin();
  must(stat("m", &status) == 0, "stat");
  beat();
  must(stat("m/../m/../m", &status) == 0 || errno == ELOOP, "stat");
  beat();
  must(mount("m", "m", NULL, MS_BIND, NULL) == 0, "mount");
  finish();
  leaveHome();
}

/* One directory is mounted below itself, so one name is covered by thousands of mounts, each the next one's parent. */
static void nest(void) {
  enterHome();
  must(mkdir("d", 0700) == 0, "mkdir");
  for (int index = 0; index < NESTED; index++) must(mount(".", "d", NULL, MS_BIND, NULL) == 0 && chdir("d") == 0, "mount");
  must(chdir("/") == 0, "chdir");
  begin();
  must(umount2("/tmp/home", MNT_DETACH) == 0, "umount2");
  finish();
  begin();
  for (int round = 0; round < 2000; round++) {
    syscall(SYS_getppid);
    beat();
  }
  finish();
}

static void fill(const char *path, int count) {
  char name[16];
  enter(path);
  for (int index = 0; index < count; index++) {
    snprintf(name, sizeof name, "%d", index);
    must(mkdir(name, 0700) == 0 && mount(".", name, NULL, MS_BIND, NULL) == 0, "mount");
  }
  must(chdir("..") == 0, "chdir");
}

/* Mounts beside each other: copied, taken away one by one and all at once, among thousands that stay. */
static void spread(void) {
  enterHome();
  fill("first", WIDE);
  fill("second", FEW);
  fill("third", WIDE);
  must(mkdir("copy", 0700) == 0, "mkdir");
  begin();
  must(mount("first", "copy", NULL, MS_BIND | MS_REC, NULL) == 0 || errno == ENOSPC, "mount");
  beat();
  must(mount("second", "copy", NULL, MS_BIND | MS_REC, NULL) == 0, "mount");
  beat();
  for (int index = 0; index < WIDE; index++) {
    char name[32];
    snprintf(name, sizeof name, "first/%d", index);
    must(umount(name) == 0, "umount");
    beat();
  }
  must(umount2("copy", MNT_DETACH) == 0, "umount2");
  beat();
  must(chdir("/") == 0 && umount2("/tmp/home", MNT_DETACH) == 0, "umount2");
  finish();
}

/* The table of mounts as seen from where none of them shows. */
static void list(void) {
  static char text[65536];
  enterHome();
  fill("first", WIDE);
  must(mkdir("second", 0700) == 0, "mkdir");
  pid_t child = fork();
  if (child == 0) {
    int table = open("/proc/self/mounts", O_RDONLY), details = open("/proc/self/mountinfo", O_RDONLY);
    begin();
    while (read(table, text, sizeof text) > 0) beat();
    must(pread(details, text, sizeof text, 150000) > 0, "pread");
    beat();
    must(chroot("second") == 0, "chroot");
    must(pread(table, text, sizeof text, 0) == 0, "pread");
    finish();
    _exit(0);
  }
  int status;
  must(waitpid(child, &status, 0) == child && status == 0, "child");
  leaveHome();
}

static const struct work works[] = {{"stack", stack}, {"nest", nest}, {"spread", spread}, {"list", list}};

int main(int count, char **words) { return measureAll(count, words, works, sizeof works / sizeof *works); }
