/**
 * The table of Linux's x86_64 system calls (arch/x86/entry/syscalls/syscall_64.tbl): a number's handler. What is not
 * here is ENOSYS, and logged once per number. It is one table, two lines a call, so it is longer than a file should be:
 * cutting it would hide which number is where.
 */
import { isDebugLogged } from '../command-line';
import { sysClone, sysClone3, sysFork, sysVfork } from '../process/clone';
import { sysFutex, sysGetRobustList, sysSetRobustList } from '../process/futex';
import type { Thread } from '../process/thread';
import { sysWait4, sysWaitid } from '../process/wait';
import {
  sysChmod,
  sysChown,
  sysFallocate,
  sysFchmod,
  sysFchmodat,
  sysFchown,
  sysFchownat,
  sysFtruncate,
  sysFutimesat,
  sysLchown,
  sysTruncate,
  sysUtime,
  sysUtimensat,
  sysUtimes,
} from './attributes';
import {
  sysCopyFileRange,
  sysFadvise64,
  sysFdatasync,
  sysFsync,
  sysMemfdCreate,
  sysReadahead,
  sysSendfile,
  sysSync,
  sysSyncFileRange,
  sysSyncfs,
} from './copying';
import {
  sysDup,
  sysDup2,
  sysDup3,
  sysEventfd,
  sysEventfd2,
  sysFcntl,
  sysFlock,
  sysIoctl,
  sysPipe,
  sysPipe2,
} from './descriptors';
import {
  sysChdir,
  sysChroot,
  sysFchdir,
  sysGetcwd,
  sysGetdents,
  sysGetdents64,
  sysMkdir,
  sysMkdirat,
  sysMknod,
  sysMknodat,
  sysRmdir,
  sysUmask,
  sysUnlink,
  sysUnlinkat,
} from './directories';
import { sysEpollCreate, sysEpollCreate1, sysEpollCtl, sysEpollPwait, sysEpollPwait2, sysEpollWait } from './epoll';
import { ENOSYS } from './errno';
import { sysExecve, sysExecveat } from './execute';
import { sysExit, sysExitGroup } from './exit';
import {
  sysFgetxattr,
  sysFlistxattr,
  sysFremovexattr,
  sysFsetxattr,
  sysGetxattr,
  sysLgetxattr,
  sysListxattr,
  sysLlistxattr,
  sysLremovexattr,
  sysLsetxattr,
  sysRemovexattr,
  sysSetxattr,
} from './extended-attributes';
import { sysGetpgid, sysGetpgrp, sysGetsid, sysSetpgid, sysSetsid } from './groups';
import { sysSetdomainname, sysSethostname, sysUname } from './host-name';
import {
  sysCapget,
  sysCapset,
  sysGetegid,
  sysGeteuid,
  sysGetgid,
  sysGetgroups,
  sysGetpid,
  sysGetppid,
  sysGetresgid,
  sysGetresuid,
  sysGettid,
  sysGetuid,
  sysSetfsgid,
  sysSetfsuid,
  sysSetgid,
  sysSetgroups,
  sysSetregid,
  sysSetresgid,
  sysSetresuid,
  sysSetreuid,
  sysSetuid,
} from './identity';
import {
  sysLink,
  sysLinkat,
  sysReadlink,
  sysReadlinkat,
  sysRename,
  sysRenameat,
  sysRenameat2,
  sysSymlink,
  sysSymlinkat,
} from './links';
import { sysBrk, sysMmap, sysMprotect, sysMunmap } from './memory';
import {
  sysMadvise,
  sysMincore,
  sysMlock,
  sysMlock2,
  sysMlockall,
  sysMsync,
  sysMunlock,
  sysMunlockall,
} from './memory-advice';
import { sysMount, sysPivotRoot, sysUmount2 } from './mounts';
import { sysClose, sysCloseRange, sysCreat, sysOpen, sysOpenat, sysOpenat2 } from './open';
import { sysPoll, sysPpoll } from './poll';
import { sysMremap } from './remap';
import { sysPselect6, sysSelect } from './select';
import {
  sysKill,
  sysPause,
  sysRtSigaction,
  sysRtSigpending,
  sysRtSigprocmask,
  sysRtSigqueueinfo,
  sysRtSigreturn,
  sysRtSigsuspend,
  sysRtSigtimedwait,
  sysRtTgsigqueueinfo,
  sysSigaltstack,
  sysTgkill,
  sysTkill,
} from './signals';
import {
  sysAccess,
  sysFaccessat,
  sysFaccessat2,
  sysFstat,
  sysFstatfs,
  sysLstat,
  sysNewfstatat,
  sysStat,
  sysStatfs,
  sysStatx,
} from './stat';
import {
  sysArchPrctl,
  sysGetcpu,
  sysGetpriority,
  sysGetrandom,
  sysGetrlimit,
  sysMembarrier,
  sysPersonality,
  sysPrctl,
  sysPrlimit64,
  sysReboot,
  sysSchedGetaffinity,
  sysSchedGetPriorityMax,
  sysSchedGetPriorityMin,
  sysSchedGetparam,
  sysSchedGetscheduler,
  sysSchedSetaffinity,
  sysSchedYield,
  sysSetpriority,
  sysSetrlimit,
  sysSetTidAddress,
  sysSysinfo,
} from './system';
import {
  sysAlarm,
  sysClockGetres,
  sysClockGettime,
  sysClockNanosleep,
  sysClockSettime,
  sysGetitimer,
  sysGettimeofday,
  sysNanosleep,
  sysSetitimer,
  sysSettimeofday,
  sysTime,
} from './time';
import { noteUnknown } from './trace';
import { sysLseek, sysPread64, sysPwrite64, sysRead, sysWrite } from './transfer';
import { sysGetrusage, sysTimes } from './usage';
import { sysPreadv, sysPreadv2, sysPwritev, sysPwritev2, sysReadv, sysWritev } from './vectors';

/** Runs the handler of system call `number` for `thread`, whose registers hold the arguments. */
export function dispatch(thread: Thread, number: u64): i64 {
  switch (number) {
    case 0:
      return sysRead(thread);
    case 1:
      return sysWrite(thread);
    case 2:
      return sysOpen(thread);
    case 3:
      return sysClose(thread);
    case 4:
      return sysStat(thread);
    case 5:
      return sysFstat(thread);
    case 6:
      return sysLstat(thread);
    case 7:
      return sysPoll(thread);
    case 8:
      return sysLseek(thread);
    case 9:
      return sysMmap(thread);
    case 10:
      return sysMprotect(thread);
    case 11:
      return sysMunmap(thread);
    case 12:
      return sysBrk(thread);
    case 13:
      return sysRtSigaction(thread);
    case 14:
      return sysRtSigprocmask(thread);
    case 15:
      return sysRtSigreturn(thread);
    case 16:
      return sysIoctl(thread);
    case 17:
      return sysPread64(thread);
    case 18:
      return sysPwrite64(thread);
    case 19:
      return sysReadv(thread);
    case 20:
      return sysWritev(thread);
    case 21:
      return sysAccess(thread);
    case 22:
      return sysPipe(thread);
    case 23:
      return sysSelect(thread);
    case 24:
      return sysSchedYield(thread);
    case 25:
      return sysMremap(thread);
    case 26:
      return sysMsync(thread);
    case 27:
      return sysMincore(thread);
    case 28:
      return sysMadvise(thread);
    case 32:
      return sysDup(thread);
    case 33:
      return sysDup2(thread);
    case 34:
      return sysPause(thread);
    case 35:
      return sysNanosleep(thread);
    case 36:
      return sysGetitimer(thread);
    case 37:
      return sysAlarm(thread);
    case 38:
      return sysSetitimer(thread);
    case 39:
      return sysGetpid(thread);
    case 40:
      return sysSendfile(thread);
    case 56:
      return sysClone(thread);
    case 57:
      return sysFork(thread);
    case 58:
      return sysVfork(thread);
    case 59:
      return sysExecve(thread);
    case 60:
      return sysExit(thread);
    case 61:
      return sysWait4(thread);
    case 62:
      return sysKill(thread);
    case 63:
      return sysUname(thread);
    case 72:
      return sysFcntl(thread);
    case 73:
      return sysFlock(thread);
    case 74:
      return sysFsync(thread);
    case 75:
      return sysFdatasync(thread);
    case 76:
      return sysTruncate(thread);
    case 77:
      return sysFtruncate(thread);
    case 78:
      return sysGetdents(thread);
    case 79:
      return sysGetcwd(thread);
    case 80:
      return sysChdir(thread);
    case 81:
      return sysFchdir(thread);
    case 82:
      return sysRename(thread);
    case 83:
      return sysMkdir(thread);
    case 84:
      return sysRmdir(thread);
    case 85:
      return sysCreat(thread);
    case 86:
      return sysLink(thread);
    case 87:
      return sysUnlink(thread);
    case 88:
      return sysSymlink(thread);
    case 89:
      return sysReadlink(thread);
    case 90:
      return sysChmod(thread);
    case 91:
      return sysFchmod(thread);
    case 92:
      return sysChown(thread);
    case 93:
      return sysFchown(thread);
    case 94:
      return sysLchown(thread);
    case 95:
      return sysUmask(thread);
    case 96:
      return sysGettimeofday(thread);
    case 97:
      return sysGetrlimit(thread);
    case 98:
      return sysGetrusage(thread);
    case 99:
      return sysSysinfo(thread);
    case 100:
      return sysTimes(thread);
    case 102:
      return sysGetuid(thread);
    case 104:
      return sysGetgid(thread);
    case 105:
      return sysSetuid(thread);
    case 106:
      return sysSetgid(thread);
    case 107:
      return sysGeteuid(thread);
    case 108:
      return sysGetegid(thread);
    case 109:
      return sysSetpgid(thread);
    case 110:
      return sysGetppid(thread);
    case 111:
      return sysGetpgrp(thread);
    case 112:
      return sysSetsid(thread);
    case 113:
      return sysSetreuid(thread);
    case 114:
      return sysSetregid(thread);
    case 115:
      return sysGetgroups(thread);
    case 116:
      return sysSetgroups(thread);
    case 117:
      return sysSetresuid(thread);
    case 118:
      return sysGetresuid(thread);
    case 119:
      return sysSetresgid(thread);
    case 120:
      return sysGetresgid(thread);
    case 121:
      return sysGetpgid(thread);
    case 122:
      return sysSetfsuid(thread);
    case 123:
      return sysSetfsgid(thread);
    case 124:
      return sysGetsid(thread);
    case 125:
      return sysCapget(thread);
    case 126:
      return sysCapset(thread);
    case 127:
      return sysRtSigpending(thread);
    case 128:
      return sysRtSigtimedwait(thread);
    case 129:
      return sysRtSigqueueinfo(thread);
    case 130:
      return sysRtSigsuspend(thread);
    case 131:
      return sysSigaltstack(thread);
    case 132:
      return sysUtime(thread);
    case 133:
      return sysMknod(thread);
    case 135:
      return sysPersonality(thread);
    case 137:
      return sysStatfs(thread);
    case 138:
      return sysFstatfs(thread);
    case 140:
      return sysGetpriority(thread);
    case 141:
      return sysSetpriority(thread);
    case 143:
      return sysSchedGetparam(thread);
    case 145:
      return sysSchedGetscheduler(thread);
    case 146:
      return sysSchedGetPriorityMax(thread);
    case 147:
      return sysSchedGetPriorityMin(thread);
    case 149:
      return sysMlock(thread);
    case 150:
      return sysMunlock(thread);
    case 151:
      return sysMlockall(thread);
    case 152:
      return sysMunlockall(thread);
    case 155:
      return sysPivotRoot(thread);
    case 157:
      return sysPrctl(thread);
    case 158:
      return sysArchPrctl(thread);
    case 160:
      return sysSetrlimit(thread);
    case 161:
      return sysChroot(thread);
    case 162:
      return sysSync(thread);
    case 164:
      return sysSettimeofday(thread);
    case 165:
      return sysMount(thread);
    case 166:
      return sysUmount2(thread);
    case 169:
      return sysReboot(thread);
    case 170:
      return sysSethostname(thread);
    case 171:
      return sysSetdomainname(thread);
    case 186:
      return sysGettid(thread);
    case 187:
      return sysReadahead(thread);
    case 188:
      return sysSetxattr(thread);
    case 189:
      return sysLsetxattr(thread);
    case 190:
      return sysFsetxattr(thread);
    case 191:
      return sysGetxattr(thread);
    case 192:
      return sysLgetxattr(thread);
    case 193:
      return sysFgetxattr(thread);
    case 194:
      return sysListxattr(thread);
    case 195:
      return sysLlistxattr(thread);
    case 196:
      return sysFlistxattr(thread);
    case 197:
      return sysRemovexattr(thread);
    case 198:
      return sysLremovexattr(thread);
    case 199:
      return sysFremovexattr(thread);
    case 200:
      return sysTkill(thread);
    case 201:
      return sysTime(thread);
    case 202:
      return sysFutex(thread);
    case 203:
      return sysSchedSetaffinity(thread);
    case 204:
      return sysSchedGetaffinity(thread);
    case 213:
      return sysEpollCreate(thread);
    case 217:
      return sysGetdents64(thread);
    case 218:
      return sysSetTidAddress(thread);
    case 221:
      return sysFadvise64(thread);
    case 227:
      return sysClockSettime(thread);
    case 228:
      return sysClockGettime(thread);
    case 229:
      return sysClockGetres(thread);
    case 230:
      return sysClockNanosleep(thread);
    case 231:
      return sysExitGroup(thread);
    case 232:
      return sysEpollWait(thread);
    case 233:
      return sysEpollCtl(thread);
    case 234:
      return sysTgkill(thread);
    case 235:
      return sysUtimes(thread);
    case 247:
      return sysWaitid(thread);
    case 257:
      return sysOpenat(thread);
    case 258:
      return sysMkdirat(thread);
    case 259:
      return sysMknodat(thread);
    case 260:
      return sysFchownat(thread);
    case 261:
      return sysFutimesat(thread);
    case 262:
      return sysNewfstatat(thread);
    case 263:
      return sysUnlinkat(thread);
    case 264:
      return sysRenameat(thread);
    case 265:
      return sysLinkat(thread);
    case 266:
      return sysSymlinkat(thread);
    case 267:
      return sysReadlinkat(thread);
    case 268:
      return sysFchmodat(thread);
    case 269:
      return sysFaccessat(thread);
    case 270:
      return sysPselect6(thread);
    case 271:
      return sysPpoll(thread);
    case 273:
      return sysSetRobustList(thread);
    case 274:
      return sysGetRobustList(thread);
    case 277:
      return sysSyncFileRange(thread);
    case 280:
      return sysUtimensat(thread);
    case 281:
      return sysEpollPwait(thread);
    case 284:
      return sysEventfd(thread);
    case 285:
      return sysFallocate(thread);
    case 290:
      return sysEventfd2(thread);
    case 291:
      return sysEpollCreate1(thread);
    case 292:
      return sysDup3(thread);
    case 293:
      return sysPipe2(thread);
    case 295:
      return sysPreadv(thread);
    case 296:
      return sysPwritev(thread);
    case 297:
      return sysRtTgsigqueueinfo(thread);
    case 302:
      return sysPrlimit64(thread);
    case 306:
      return sysSyncfs(thread);
    case 309:
      return sysGetcpu(thread);
    case 316:
      return sysRenameat2(thread);
    case 318:
      return sysGetrandom(thread);
    case 319:
      return sysMemfdCreate(thread);
    case 324:
      return sysMembarrier(thread);
    case 325:
      return sysMlock2(thread);
    case 326:
      return sysCopyFileRange(thread);
    case 327:
      return sysPreadv2(thread);
    case 328:
      return sysPwritev2(thread);
    case 332:
      return sysStatx(thread);
    case 435:
      return sysClone3(thread);
    case 436:
      return sysCloseRange(thread);
    case 437:
      return sysOpenat2(thread);
    case 439:
      return sysFaccessat2(thread);
    case 322:
      return sysExecveat(thread);
    case 441:
      return sysEpollPwait2(thread);
    default:
      if (isDebugLogged()) noteUnknown(number);
      return -ENOSYS;
  }
}
