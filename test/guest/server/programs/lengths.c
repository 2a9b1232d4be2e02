/* lengths WORK...: long transfers, deep and long directories, long paths, full pipes, programs of many segments. What it
 * prints, measure.h tells. */
#include "measure.h"
#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { AREAS = 5000, SEGMENTS = 1170, PIPES = 200, BRANCHES = 60, BRANCH = 500, DEEP = 300000, NAMES = 300000, GROUPS = 64 };

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

/* A program of as many segments as its headers can name, each with memory beyond the file's part. */
static void writeProgram(const char *name, const char *interpreter, unsigned long base) {
  static Elf64_Phdr headers[SEGMENTS];
  Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', 2, 1, 1}, .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = 1,
                       .e_phoff = PAGE, .e_ehsize = 64, .e_phentsize = 56, .e_phnum = SEGMENTS, .e_entry = base};
  for (int index = 0; index < SEGMENTS; index++)
    headers[index] = (Elf64_Phdr){PT_LOAD, PF_R | PF_W | PF_X, 0, base + (unsigned long)index * 4 * PAGE, 0, 2000, 6000, PAGE};
  if (interpreter != NULL) headers[0] = (Elf64_Phdr){PT_INTERP, PF_R, 64, 0, 0, strlen(interpreter) + 1, 0, 1};
  int file = open(name, O_CREAT | O_WRONLY, 0700);
  must(file >= 0 && write(file, &header, 64) == 64, "write");
  if (interpreter != NULL) must(write(file, interpreter, strlen(interpreter) + 1) > 0, "write");
  must(pwrite(file, headers, sizeof headers, PAGE) == sizeof headers, "pwrite");
  close(file);
}

static void segments(void) {
  enterHome();
  writeProgram("interpreter", NULL, 0x40000000);
  writeProgram("program", "/tmp/home/interpreter", 0x80000000);
  pid_t child = fork();
  if (child == 0) {
    begin();
    execl("program", "program", NULL);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  finish();
  leaveHome();
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

/* Long paths, two for one call, by one who is in many groups. */
static void paths(void) {
  gid_t groups[GROUPS];
  enterHome();
  must(mkdir("a", 0777) == 0 && mkdir("a/b", 0777) == 0 && chown("a", 1, 1000) == 0 && chown("a/b", 1, 1000) == 0, "mkdir");
  for (int index = 0; index < GROUPS; index++) groups[index] = 5000 + index;
  must(setgroups(GROUPS, groups) == 0, "setgroups");
  begin();
  walk(repeat("a/../", "a/b"), repeat("a/../", "a/c"));
  must(chdir("a") == 0, "chdir");
  walk(repeat("b/../", "b"), repeat("./", "c"));
  must(chdir("/proc") == 0, "chdir");
  walk(repeat("1/../", "1"), repeat("1/../", "2"));
  must(chdir("/proc/1/task/1") == 0, "chdir");
  walk(repeat("../1/", "x"), repeat("stat/../", "2"));
  finish();
  leaveHome();
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
    execl("l0", "l0", NULL);
    finish();
    _exit(0);
  }
  waitpid(child, NULL, 0);
  leaveHome();
}

static const struct work works[] = {
    {"random", randomBytes}, {"send-areas", sendAreas}, {"segments", segments}, {"close-pipes", closePipes},
    {"exit-pipes", exitPipes}, {"execve-pipes", executePipes}, {"branches", exitBranches}, {"rename", renameDeep},
    {"seek", seekNames}, {"paths", paths}, {"scripts", scripts},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
