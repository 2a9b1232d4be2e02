/**
 * Linux x86_64 error numbers (include/uapi/asm-generic/errno*.h; errno(3)). A handler returns them negated.
 * The ERESTART* values never leave the server: delivery turns them into EINTR or a restart (signal(7), "Interruption of
 * system calls").
 */
export const EPERM: i64 = 1;
export const ENOENT: i64 = 2;
export const ESRCH: i64 = 3;
export const EINTR: i64 = 4;
export const EIO: i64 = 5;
export const ENXIO: i64 = 6;
export const E2BIG: i64 = 7;
export const ENOEXEC: i64 = 8;
export const EBADF: i64 = 9;
export const ECHILD: i64 = 10;
export const EAGAIN: i64 = 11;
export const ENOMEM: i64 = 12;
export const EACCES: i64 = 13;
export const EFAULT: i64 = 14;
export const ENOTBLK: i64 = 15;
export const EBUSY: i64 = 16;
export const EEXIST: i64 = 17;
export const EXDEV: i64 = 18;
export const ENODEV: i64 = 19;
export const ENOTDIR: i64 = 20;
export const EISDIR: i64 = 21;
export const EINVAL: i64 = 22;
export const ENFILE: i64 = 23;
export const EMFILE: i64 = 24;
export const ENOTTY: i64 = 25;
export const ETXTBSY: i64 = 26;
export const EFBIG: i64 = 27;
export const ENOSPC: i64 = 28;
export const ESPIPE: i64 = 29;
export const EROFS: i64 = 30;
export const EMLINK: i64 = 31;
export const EPIPE: i64 = 32;
export const EDOM: i64 = 33;
export const ERANGE: i64 = 34;
export const EDEADLK: i64 = 35;
export const ENAMETOOLONG: i64 = 36;
export const ENOLCK: i64 = 37;
export const ENOSYS: i64 = 38;
export const ENOTEMPTY: i64 = 39;
export const ELOOP: i64 = 40;
export const ENODATA: i64 = 61;
export const EOVERFLOW: i64 = 75;
export const ELIBBAD: i64 = 80;
export const EUSERS: i64 = 87;
export const ENOTSOCK: i64 = 88;
export const EOPNOTSUPP: i64 = 95;
export const EAFNOSUPPORT: i64 = 97;
export const ETIMEDOUT: i64 = 110;

/** Restart if the handler has SA_RESTART or there is no handler. */
export const ERESTARTSYS: i64 = 512;
/** Restart always (the call had not begun). */
export const ERESTARTNOINTR: i64 = 513;
/** Restart only if no handler runs. */
export const ERESTARTNOHAND: i64 = 514;
/** Restart by continuing with the remaining time; EINTR if a handler runs. */
export const ERESTART_RESTARTBLOCK: i64 = 516;
