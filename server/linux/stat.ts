/** File attributes as Linux lays them out (stat(2), statx(2), statfs(2), access(2)). */

import { copyIn, copyOut } from '../memory/copy';
import { freePages, totalPages } from '../memory/pages';
import type { Thread } from '../process/thread';
import { majorOf, minorOf } from '../vfs/device';
import type { FileSystem } from '../vfs/file-system';
import type { Inode } from '../vfs/inode';
import type { Mount } from '../vfs/mount';
import { checkPermission, checkRealPermission } from '../vfs/permission';
import { mountOf, placeOf, WALK_EMPTY, WALK_NO_FOLLOW, walk, walkPath } from '../vfs/walk';
import { EBADF, EFAULT, EINVAL, EROFS } from './errno';
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_SYMLINK_NOFOLLOW,
  MAY_WRITE,
  NAME_MAX,
} from './file-constants';
import { directoryOf } from './open';
import { fileOf } from './transfer';

const PAGE_BYTES: u64 = 4096;

/** struct stat of x86_64 (asm/stat.h). */
class StatLayout {
  device!: u64;
  number!: u64;
  links!: u64;
  mode!: u32;
  uid!: u32;
  gid!: u32;
  padding!: u32;
  rdev!: u64;
  size!: u64;
  blockSize!: u64;
  blocks!: u64;
  accessedSeconds!: i64;
  accessedNanoseconds!: u64;
  modifiedSeconds!: i64;
  modifiedNanoseconds!: u64;
  changedSeconds!: i64;
  changedNanoseconds!: u64;
  unused!: Fixed<u64, 3>;
}
staticAssert(sizeOf<StatLayout>() === 144, 'struct stat');

/** struct statx (linux/stat.h). */
class StatxTime {
  seconds!: i64;
  nanoseconds!: u32;
  padding!: u32;
}

class StatxLayout {
  mask!: u32;
  blockSize!: u32;
  attributes!: u64;
  links!: u32;
  uid!: u32;
  gid!: u32;
  mode!: u16;
  padding!: u16;
  number!: u64;
  size!: u64;
  blocks!: u64;
  attributesMask!: u64;
  accessed!: Inline<StatxTime>;
  created!: Inline<StatxTime>;
  changed!: Inline<StatxTime>;
  modified!: Inline<StatxTime>;
  rdevMajor!: u32;
  rdevMinor!: u32;
  deviceMajor!: u32;
  deviceMinor!: u32;
  mountNumber!: u64;
  spare!: Fixed<u64, 13>;
}
staticAssert(sizeOf<StatxLayout>() === 256, 'struct statx');

/** struct statfs (asm-generic/statfs.h). */
class StatfsLayout {
  type!: u64;
  blockSize!: u64;
  blocks!: u64;
  blocksFree!: u64;
  blocksAvailable!: u64;
  files!: u64;
  filesFree!: u64;
  identity!: u64;
  nameLength!: u64;
  fragmentSize!: u64;
  flags!: u64;
  spare!: Fixed<u64, 4>;
}
staticAssert(sizeOf<StatfsLayout>() === 120, 'struct statfs');

const stat: StatLayout = reserve();
const statx: StatxLayout = reserve();
const statfs: StatfsLayout = reserve();

const STATX_BASIC_STATS: u32 = 0x7ff;
const STATX_BTIME: u32 = 0x800;
const STATX_MNT_ID: u32 = 0x1000;
const STATX_RESERVED: u64 = 0x8000_0000;
const ST_VALID: u64 = 0x20;

function writeStat(thread: Thread, inode: Inode, address: u64): i64 {
  const gone = inode.checkAttributes(thread);
  if (gone !== 0) return gone;
  inode.refresh(thread);
  stat.device = inode.fileSystem.device;
  stat.number = inode.number;
  stat.links = inode.links;
  stat.mode = inode.mode;
  stat.uid = inode.uid;
  stat.gid = inode.gid;
  stat.rdev = inode.rdev;
  stat.size = inode.size;
  stat.blockSize = PAGE_BYTES;
  stat.blocks = inode.blocks;
  stat.accessedSeconds = inode.accessedSeconds;
  stat.accessedNanoseconds = inode.accessedNanoseconds;
  stat.modifiedSeconds = inode.modifiedSeconds;
  stat.modifiedNanoseconds = inode.modifiedNanoseconds;
  stat.changedSeconds = inode.changedSeconds;
  stat.changedNanoseconds = inode.changedNanoseconds;
  return copyOut(thread.space, address, addressOf(stat), 144) === 144 ? 0 : -EFAULT;
}

function statPath(thread: Thread, directory: i64, address: u64, how: u32, result: u64): i64 {
  const error = walkPath(thread, directory, address, how);
  if (error !== 0) return error;
  return writeStat(thread, placeOf(walk.here).inode, result);
}

export function sysStat(thread: Thread): i64 {
  return statPath(thread, AT_FDCWD, thread.frame.rdi, 0, thread.frame.rsi);
}

export function sysLstat(thread: Thread): i64 {
  return statPath(thread, AT_FDCWD, thread.frame.rdi, WALK_NO_FOLLOW, thread.frame.rsi);
}

export function sysFstat(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null) return -EBADF;
  return writeStat(thread, file.inode, thread.frame.rsi);
}

/** The inode of an *at call's arguments: by path, or by the descriptor alone with AT_EMPTY_PATH and an empty path. */
function inodeAt(thread: Thread, directory: i64, address: u64, flags: u32): i64 {
  let how: u32 = (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? WALK_NO_FOLLOW : 0;
  if ((flags & AT_EMPTY_PATH) !== 0) how = (how | WALK_EMPTY) as u32;
  return walkPath(thread, directory, address, how);
}

/** Whether the path at `address` is empty: then AT_EMPTY_PATH means the descriptor, which need not have a path. */
function namesDescriptor(thread: Thread, directory: i64, address: u64, flags: u32): boolean {
  if ((flags & AT_EMPTY_PATH) === 0 || directory < 0) return false;
  return isEmptyText(thread, address);
}

const oneByte: Fixed<u8, 8> = reserve();

export function isEmptyText(thread: Thread, address: u64): boolean {
  return copyIn(thread.space, addressOf(oneByte), address, 1) === 1 && oneByte[0] === 0;
}

export function sysNewfstatat(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.r10 as u32;
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  const directory = directoryOf(frame.rdi);
  if (namesDescriptor(thread, directory, frame.rsi, flags)) {
    const file = fileOf(thread, frame.rdi);
    return file === null ? -EBADF : writeStat(thread, file.inode, frame.rdx);
  }
  const error = inodeAt(thread, directory, frame.rsi, flags);
  return error !== 0 ? error : writeStat(thread, placeOf(walk.here).inode, frame.rdx);
}

function writeStatx(thread: Thread, inode: Inode, mount: Mount | null, address: u64): i64 {
  const gone = inode.checkAttributes(thread);
  if (gone !== 0) return gone;
  inode.refresh(thread);
  statx.mask = STATX_BASIC_STATS;
  statx.mountNumber = 0;
  if (mount !== null) {
    statx.mask = (STATX_BASIC_STATS | STATX_MNT_ID) as u32;
    statx.mountNumber = mount.number;
  }
  if (inode.createdSeconds !== 0) statx.mask = (statx.mask | STATX_BTIME) as u32;
  statx.created.seconds = inode.createdSeconds;
  statx.created.nanoseconds = inode.createdNanoseconds;
  statx.blockSize = PAGE_BYTES as u32;
  statx.links = inode.links;
  statx.uid = inode.uid;
  statx.gid = inode.gid;
  statx.mode = inode.mode as u16;
  statx.number = inode.number;
  statx.size = inode.size;
  statx.blocks = inode.blocks;
  statx.accessed.seconds = inode.accessedSeconds;
  statx.accessed.nanoseconds = inode.accessedNanoseconds;
  statx.changed.seconds = inode.changedSeconds;
  statx.changed.nanoseconds = inode.changedNanoseconds;
  statx.modified.seconds = inode.modifiedSeconds;
  statx.modified.nanoseconds = inode.modifiedNanoseconds;
  statx.rdevMajor = majorOf(inode.rdev);
  statx.rdevMinor = minorOf(inode.rdev);
  statx.deviceMajor = majorOf(inode.fileSystem.device);
  statx.deviceMinor = minorOf(inode.fileSystem.device);
  return copyOut(thread.space, address, addressOf(statx), 256) === 256 ? 0 : -EFAULT;
}

export function sysStatx(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.rdx as u32;
  const known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | 0x6000;
  if ((flags & ~known) !== 0 || (flags & 0x6000) === 0x6000 || (frame.r10 & STATX_RESERVED) !== 0) return -EINVAL;
  const directory = directoryOf(frame.rdi);
  if (namesDescriptor(thread, directory, frame.rsi, flags)) {
    const file = fileOf(thread, frame.rdi);
    return file === null ? -EBADF : writeStatx(thread, file.inode, file.mount, frame.r8);
  }
  const error = inodeAt(thread, directory, frame.rsi, flags);
  return error !== 0 ? error : writeStatx(thread, placeOf(walk.here).inode, walk.here.mount, frame.r8);
}

function writeStatfs(thread: Thread, fileSystem: FileSystem, flags: u32, address: u64): i64 {
  statfs.type = fileSystem.magic;
  statfs.blockSize = PAGE_BYTES;
  statfs.fragmentSize = PAGE_BYTES;
  statfs.blocks = 0;
  statfs.blocksFree = 0;
  statfs.files = 0;
  statfs.filesFree = 0;
  if (fileSystem.holdsPages) {
    const limit: u64 = fileSystem.pageLimit;
    const free: u64 = freePages();
    statfs.blocks = limit !== 0 ? limit : totalPages();
    statfs.blocksFree = limit !== 0 ? limit - fileSystem.pagesUsed : free;
    statfs.files = totalPages();
    statfs.filesFree = statfs.files > fileSystem.inodesUsed ? statfs.files - fileSystem.inodesUsed : 0;
  }
  statfs.blocksAvailable = statfs.blocksFree;
  statfs.identity = fileSystem.device;
  statfs.nameLength = NAME_MAX;
  statfs.flags = ST_VALID | (flags & 15);
  return copyOut(thread.space, address, addressOf(statfs), 120) === 120 ? 0 : -EFAULT;
}

export function sysStatfs(thread: Thread): i64 {
  const error = walkPath(thread, AT_FDCWD, thread.frame.rdi, 0);
  if (error !== 0) return error;
  return writeStatfs(thread, placeOf(walk.here).inode.fileSystem, mountOf(walk.here).flags, thread.frame.rsi);
}

export function sysFstatfs(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null) return -EBADF;
  const mount = file.mount;
  return writeStatfs(thread, file.inode.fileSystem, mount === null ? 0 : mount.flags, thread.frame.rsi);
}

function access(thread: Thread, directory: i64, address: u64, mode: u64, flags: u32): i64 {
  if ((mode & ~7) !== 0) return -EINVAL;
  if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  const error = inodeAt(thread, directory, address, flags);
  if (error !== 0) return error;
  const inode = placeOf(walk.here).inode;
  const wanted = mode as u32;
  if ((wanted & MAY_WRITE) !== 0 && mountOf(walk.here).isReadOnly && (inode.isRegular || inode.isDirectory))
    return -EROFS;
  if ((flags & AT_EACCESS) !== 0) return checkPermission(thread.process, inode, wanted);
  return checkRealPermission(thread.process, inode, wanted);
}

export function sysAccess(thread: Thread): i64 {
  return access(thread, AT_FDCWD, thread.frame.rdi, thread.frame.rsi & 0xffff_ffff, 0);
}

export function sysFaccessat(thread: Thread): i64 {
  return access(thread, directoryOf(thread.frame.rdi), thread.frame.rsi, thread.frame.rdx & 0xffff_ffff, 0);
}

export function sysFaccessat2(thread: Thread): i64 {
  const frame = thread.frame;
  return access(thread, directoryOf(frame.rdi), frame.rsi, frame.rdx & 0xffff_ffff, frame.r10 as u32);
}
