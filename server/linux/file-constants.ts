/**
 * Numbers of Linux's file interface on x86_64: open(2) flags, inode(7) modes, *at(2) flags, fcntl(2), poll(2) and the
 * limits of paths (include/uapi/asm-generic/fcntl.h, linux/stat.h, linux/limits.h).
 */

export const PATH_MAX: u64 = 4096;
export const NAME_MAX: u64 = 255;
/** Symbolic links followed in one path resolution (path_resolution(7)). */
export const MAXIMUM_LINKS: u32 = 40;
/** Most bytes one read or write moves (read(2), NOTES). */
export const MAXIMUM_TRANSFER: u64 = 0x7fff_f000;
export const MAXIMUM_OFFSET: u64 = 0x7fff_ffff_ffff_ffff;
export const IOV_MAX: u64 = 1024;

export const O_ACCMODE: u32 = 3;
export const O_RDONLY: u32 = 0;
export const O_WRONLY: u32 = 1;
export const O_RDWR: u32 = 2;
export const O_CREAT: u32 = 0x40;
export const O_EXCL: u32 = 0x80;
export const O_NOCTTY: u32 = 0x100;
export const O_TRUNC: u32 = 0x200;
export const O_APPEND: u32 = 0x400;
export const O_NONBLOCK: u32 = 0x800;
export const O_DSYNC: u32 = 0x1000;
export const O_ASYNC: u32 = 0x2000;
export const O_DIRECT: u32 = 0x4000;
export const O_LARGEFILE: u32 = 0x8000;
export const O_DIRECTORY: u32 = 0x10000;
export const O_NOFOLLOW: u32 = 0x20000;
export const O_NOATIME: u32 = 0x40000;
export const O_CLOEXEC: u32 = 0x80000;
export const O_SYNC: u32 = 0x101000;
export const O_PATH: u32 = 0x200000;
export const O_TMPFILE_BIT: u32 = 0x400000;
/** Flags that only steer open itself and are not kept in the description. */
export const O_CREATION: u32 = 0x803c0;
/** Flags that F_SETFL may change. */
export const O_SETTABLE: u32 = 0x46c00;

export const S_IFMT: u32 = 0xf000;
export const S_IFSOCK: u32 = 0xc000;
export const S_IFLNK: u32 = 0xa000;
export const S_IFREG: u32 = 0x8000;
export const S_IFBLK: u32 = 0x6000;
export const S_IFDIR: u32 = 0x4000;
export const S_IFCHR: u32 = 0x2000;
export const S_IFIFO: u32 = 0x1000;
export const S_ISUID: u32 = 0x800;
export const S_ISGID: u32 = 0x400;
export const S_IXGRP: u32 = 8;
export const S_ISVTX: u32 = 0x200;
/** Every bit that chmod may set. */
export const S_IALLUGO: u32 = 0xfff;

export const AT_FDCWD: i64 = -100;
export const AT_SYMLINK_NOFOLLOW: u32 = 0x100;
export const AT_REMOVEDIR: u32 = 0x200;
export const AT_EACCESS: u32 = 0x200;
export const AT_SYMLINK_FOLLOW: u32 = 0x400;
export const AT_NO_AUTOMOUNT: u32 = 0x800;
export const AT_EMPTY_PATH: u32 = 0x1000;

export const SEEK_SET: u32 = 0;
export const SEEK_CUR: u32 = 1;
export const SEEK_END: u32 = 2;
export const SEEK_DATA: u32 = 3;
export const SEEK_HOLE: u32 = 4;

export const POLLIN: u32 = 1;
export const POLLPRI: u32 = 2;
export const POLLOUT: u32 = 4;
export const POLLERR: u32 = 8;
export const POLLHUP: u32 = 0x10;
export const POLLNVAL: u32 = 0x20;
export const POLLRDNORM: u32 = 0x40;
export const POLLRDBAND: u32 = 0x80;
export const POLLWRNORM: u32 = 0x100;
export const POLLWRBAND: u32 = 0x200;
export const POLLRDHUP: u32 = 0x2000;
/** Readable, writable: what a file that never waits reports (select(2), poll(2)). */
export const POLL_READABLE: u32 = 0x41;
export const POLL_WRITABLE: u32 = 0x104;

/** Permission bits that a check asks for, as access(2) numbers them. */
export const MAY_EXECUTE: u32 = 1;
export const MAY_WRITE: u32 = 2;
export const MAY_READ: u32 = 4;

/** capabilities(7). */
export const CAP_CHOWN: u32 = 0;
export const CAP_DAC_OVERRIDE: u32 = 1;
export const CAP_DAC_READ_SEARCH: u32 = 2;
export const CAP_FOWNER: u32 = 3;
export const CAP_FSETID: u32 = 4;
export const CAP_SYS_CHROOT: u32 = 18;
export const CAP_SYS_ADMIN: u32 = 21;
export const CAP_SYS_RESOURCE: u32 = 24;
export const CAP_MKNOD: u32 = 27;

/** Types in a directory entry (getdents64(2)): the mode's top four bits. */
export const DT_UNKNOWN: u32 = 0;
export const DT_DIR: u32 = 4;
export const DT_LNK: u32 = 10;
