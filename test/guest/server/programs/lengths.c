/* lengths WORK...: long transfers, deep and long directories, long paths, full pipes. What it prints, measure.h
 * tells. */
#include "measure.h"
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { AREAS = 5000, PIPES = 200, BRANCHES = 60, BRANCH = 500, DEEP = 100000, NAMES = 300000, GROUPS = 64 };

static void enterHome(void) {
  must(mkdir("/tmp/home", 0700) == 0 || errno == EEXIST, "mkdir");
  must(mount("none", "/tmp/home", "tmpfs", 0, NULL) == 0 && chdir("/tmp/home") == 0, "mount");
}

static void leaveHome(void) { must(chdir("/") == 0 && umount2("/tmp/home", MNT_DETACH) == 0, "umount"); }

static void randomBytes(void) {
  static struct iovec segments[16];
  char *memory = touched(MEGABYTE);
  int source = open("/dev/urandom", O_RDONLY), nowhere = open("/dev/null", O_WRONLY);
  for (int index = 0; index < 16; index++) segments[index] = (struct iovec){memory + index * 65536, 65536};
  begin();
  must(read(source, memory, MEGABYTE) > 0, "read");
  beat();
  must(readv(source, segments, 16) > 0, "readv");
  beat();
  must(sendfile(nowhere, source, NULL, MEGABYTE) > 0, "sendfile");
  beat();
  must(syscall(SYS_getrandom, memory, MEGABYTE, 0) > 0, "getrandom");
  finish();
}

/* The list of one's areas, sent on by the system itself. */
static void sendAreas(void) {
  char *memory = room((size_t)AREAS * 2 * PAGE);
  for (int index = 0; index < AREAS; index++) must(mprotect(memory + index * 2 * PAGE, PAGE, PROT_READ) == 0, "mprotect");
  int source = open("/proc/self/maps", O_RDONLY), nowhere = open("/dev/null", O_WRONLY);
  begin();
  must(sendfile(nowhere, source, NULL, MEGABYTE) > 0, "sendfile");
  finish();
}

/* Pipes as large as they come, and full. */
static void fillPipes(void) {
  char *bytes = touched(MEGABYTE);
  struct rlimit limit = {4096, 4096};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  for (int index = 0; index < PIPES; index++) {
    int ends[2];
    must(pipe(ends) == 0 && fcntl(ends[1], F_SETPIPE_SZ, MEGABYTE) == MEGABYTE, "pipe");
    must(write(ends[1], bytes, MEGABYTE) == MEGABYTE, "write");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  }
}

static void closePipes(void) {
  fillPipes();
  begin();
  must(syscall(SYS_close_range, 3, 4095, 0) == 0, "close_range");
  finish();
}

static void exitPipes(void) {
  fillPipes();
  begin();
  _exit(0);
}

static void executePipes(void) {
  fillPipes();
  begin();
  execl("/proc/self/exe", "lengths", "nothing", NULL);
  must(0, "execl");
}

/* Each descriptor is all that holds a branch of removed directories. */
static void exitBranches(void) {
  enterHome();
  for (int branch = 0; branch < BRANCHES; branch++) {
    must(mkdir("b", 0700) == 0 && chdir("b") == 0, "mkdir");
    for (int depth = 0; depth < BRANCH; depth++) must(mkdir("d", 0700) == 0 && chdir("d") == 0, "mkdir");
    must(open(".", O_RDONLY | O_DIRECTORY) >= 0, "open");
    for (int depth = 0; depth < BRANCH; depth++) must(chdir("..") == 0 && rmdir("d") == 0, "rmdir");
    must(chdir("..") == 0 && rmdir("b") == 0, "rmdir");
  }
  leaveHome();
  begin();
  _exit(0);
}

static void renameDeep(void) {
  enterHome();
  must(mkdir("moved", 0700) == 0 && mkdir("moved/full", 0700) == 0, "mkdir");
  int home = open(".", O_RDONLY | O_DIRECTORY);
  for (int depth = 0; depth < DEEP; depth++) must(mkdir("d", 0700) == 0 && chdir("d") == 0, "mkdir");
  begin();
  must(renameat(home, "moved", AT_FDCWD, "here") == 0 || errno == ENAMETOOLONG, "rename");
  beat();
  char path[PATH_MAX];
  must(syscall(SYS_getcwd, path, sizeof path) < 0, "getcwd");
  finish();
  leaveHome();
}

static void seekNames(void) {
  static char entries[65536];
  char name[32];
  enterHome();
  for (int index = 0; index < NAMES; index++) {
    snprintf(name, sizeof name, "%d", index);
    must(symlink("x", name) == 0, "symlink");
  }
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  begin();
  must(lseek(directory, 1000, SEEK_SET) == 1000, "lseek");
  must(syscall(SYS_getdents64, directory, entries, sizeof entries) > 0, "getdents64");
  beat();
  must(lseek(directory, 500, SEEK_SET) == 500, "lseek");
  must(syscall(SYS_getdents64, directory, entries, sizeof entries) > 0, "getdents64");
  finish();
  close(directory);
  leaveHome();
}

/* `part` again and again, as far as a path goes, and then `end`. */
static char *repeat(const char *part, const char *end) {
  char *path = touched(PATH_MAX);
  size_t length = strlen(part), used = 0;
  while (used + length + strlen(end) < PATH_MAX) used += strlen(strcpy(path + used, part));
  strcpy(path + used, end);
  return path;
}

static void walk(const char *first, const char *second) {
  struct stat status;
  stat(first, &status);
  beat();
  rename(first, second);
  beat();
  link(second, first);
  beat();
}

/* Long paths, two for one call, by one who may pass only as a member of one of many groups. */
static void paths(void) {
  gid_t groups[GROUPS];
  enterHome();
  must(mkdir("a", 0710) == 0 && mkdir("a/b", 0710) == 0, "mkdir");
  must(chown("a", 1, 5000) == 0 && chown("a/b", 1, 5000 + GROUPS - 1) == 0, "chown");
  for (int index = 0; index < GROUPS; index++) groups[index] = 5000 + (index * 7) % GROUPS;
  pid_t child = fork();
  if (child != 0) {
    int status;
    must(waitpid(child, &status, 0) == child && status == 0, "child");
    leaveHome();
    return;
  }
  must(setgroups(GROUPS, groups) == 0 && setuid(1000) == 0, "setuid");
  char *named[] = {repeat("a/../", "a/b"), repeat("a/../", "a/c"), repeat("./", "a/b"), repeat("./", "a/d")};
  char *made[] = {repeat("1/../", "1"), repeat("1/../", "2"), repeat("self/../", "1"), repeat("1/task/../../", "x")};
  begin();
  must(access("a/b", X_OK) == 0, "access");
  walk(named[0], named[1]);
  walk(named[2], named[3]);
  must(chdir("/proc") == 0, "chdir");
  beat();
  walk(made[0], made[1]);
  walk(made[2], made[3]);
  finish();
  _exit(0);
}

/* Scripts whose interpreters are scripts. Their paths are short, but each leads to a link that is as long as may be. */
static void scripts(void) {
  char text[64], name[16];
  enterHome();
  must(mkdir("a", 0700) == 0 && mkdir("a/b", 0700) == 0, "mkdir");
  for (int index = 0; index < 6; index++) {
    snprintf(name, sizeof name, "a/s%d", index);
    snprintf(text, sizeof text, "#!/tmp/home/l%d\n", index + 1);
    int file = open(name, O_CREAT | O_WRONLY, 0700);
    must(file >= 0 && write(file, text, strlen(text)) > 0, "write");
    close(file);
    char *target = repeat("a/../", name);
    snprintf(name, sizeof name, "l%d", index);
    must(symlink(target, name) == 0, "symlink");
  }
  pid_t child = fork();
  if (child == 0) {
    begin();
    must(execl("l0", "l0", NULL) < 0 && errno == ELOOP, "execl");
    finish();
    _exit(0);
  }
  int status;
  must(waitpid(child, &status, 0) == child && status == 0, "child");
  leaveHome();
}

static const struct work works[] = {
    {"random", randomBytes}, {"send-areas", sendAreas}, {"close-pipes", closePipes},
    {"exit-pipes", exitPipes}, {"execve-pipes", executePipes}, {"branches", exitBranches}, {"rename", renameDeep},
    {"seek", seekNames}, {"paths", paths}, {"scripts", scripts},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
