/** Signal numbers and codes of Linux x86_64 (signal(7), sigaction(2)). Signal n is bit n-1 of a set. */

export const SIGHUP: u32 = 1;
export const SIGINT: u32 = 2;
export const SIGQUIT: u32 = 3;
export const SIGILL: u32 = 4;
export const SIGTRAP: u32 = 5;
export const SIGABRT: u32 = 6;
export const SIGBUS: u32 = 7;
export const SIGFPE: u32 = 8;
export const SIGKILL: u32 = 9;
export const SIGUSR1: u32 = 10;
export const SIGSEGV: u32 = 11;
export const SIGUSR2: u32 = 12;
export const SIGPIPE: u32 = 13;
export const SIGALRM: u32 = 14;
export const SIGTERM: u32 = 15;
export const SIGSTKFLT: u32 = 16;
export const SIGCHLD: u32 = 17;
export const SIGCONT: u32 = 18;
export const SIGSTOP: u32 = 19;
export const SIGTSTP: u32 = 20;
export const SIGTTIN: u32 = 21;
export const SIGTTOU: u32 = 22;
export const SIGURG: u32 = 23;
export const SIGXCPU: u32 = 24;
export const SIGXFSZ: u32 = 25;
export const SIGVTALRM: u32 = 26;
export const SIGPROF: u32 = 27;
export const SIGWINCH: u32 = 28;
export const SIGIO: u32 = 29;
export const SIGPWR: u32 = 30;
export const SIGSYS: u32 = 31;
/** The first real-time signal; from here on each instance is queued. */
export const SIGRTMIN: u32 = 32;
export const SIGNAL_COUNT: u32 = 64;

/** The set that holds just `signal`. */
export function bitOf(signal: u32): u64 {
  return (1 as u64) << (signal - 1);
}

export const KILL_AND_STOP: u64 = (1 << 8) | (1 << 18);
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
export const STOP_SIGNALS: u64 = (1 << 18) | (1 << 19) | (1 << 20) | (1 << 21);
/** Ignored by default: SIGCHLD, SIGCONT, SIGURG, SIGWINCH. */
export const IGNORED_BY_DEFAULT: u64 = (1 << 16) | (1 << 17) | (1 << 22) | (1 << 27);
/** Sent by the CPU to the thread at fault. */
export const SYNCHRONOUS: u64 = (1 << 10) | (1 << 6) | (1 << 3) | (1 << 4) | (1 << 7) | (1 << 30);

export const SI_USER: i32 = 0;
export const SI_KERNEL: i32 = 128;
export const SI_QUEUE: i32 = -1;
export const SI_TIMER: i32 = -2;
export const SI_TKILL: i32 = -6;
export const CLD_EXITED: i32 = 1;
export const CLD_KILLED: i32 = 2;
export const CLD_DUMPED: i32 = 3;
export const CLD_STOPPED: i32 = 5;
export const CLD_CONTINUED: i32 = 6;
export const SEGV_MAPERR: i32 = 1;
export const SEGV_ACCERR: i32 = 2;
export const BUS_ADRALN: i32 = 1;
export const BUS_ADRERR: i32 = 2;
export const FPE_INTDIV: i32 = 1;
export const FPE_FLTDIV: i32 = 3;
export const FPE_FLTOVF: i32 = 4;
export const FPE_FLTUND: i32 = 5;
export const FPE_FLTRES: i32 = 6;
export const FPE_FLTINV: i32 = 7;
export const ILL_ILLOPN: i32 = 2;
export const TRAP_TRACE: i32 = 2;
