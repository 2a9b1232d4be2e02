/** Mounting (mount(2), umount2(2), pivot_root(2)). */
import { byteAt } from '../../lib/arch/x86_64/bytes';
import { copyInString } from '../memory/copy';
import { totalPages } from '../memory/pages';
import type { Thread } from '../process/thread';
import type { Dentry } from '../vfs/dentry';
import { deviceTree } from '../vfs/device-tree';
import { type FileSystem, FileSystemKind } from '../vfs/file-system';
import { createMount, MOUNT_FLAGS, MOUNT_LIMIT, MOUNT_RELATIME, type Mount } from '../vfs/mount';
import { copyMount, copyTree } from '../vfs/mount-tree';
import { Name } from '../vfs/name';
import { Path } from '../vfs/path';
import { procTree } from '../vfs/procfs/tree';
import { createTmpfs } from '../vfs/tmpfs/file-system';
import { mountOf, placeOf, WALK_NO_FOLLOW, walk, walkPath, walkText } from '../vfs/walk';
import { EBUSY, EFAULT, EINVAL, ELOOP, ENODEV, ENOENT, ENOSPC, ENOTBLK, ENOTDIR, EPERM } from './errno';
import { AT_FDCWD, CAP_SYS_ADMIN, PATH_MAX } from './file-constants';

const MS_REMOUNT: u64 = 32;
const MS_BIND: u64 = 4096;
const MS_MOVE: u64 = 8192;
const MS_RECURSIVE: u64 = 16384;
/** UNBINDABLE, PRIVATE, SLAVE, SHARED: how mounts would spread between name spaces, which they do not here. */
const MS_PROPAGATION: u64 = 0x1e0000;
/** What very old programs put in the upper half (mount(2), MS_MGC_VAL). */
const MAGIC: u64 = 0xc0ed0000;
const MAGIC_MASK: u64 = 0xffff0000;
const MNT_DETACH: u64 = 2;
const UMOUNT_KNOWN: u64 = 15;
const UMOUNT_NOFOLLOW: u64 = 8;

const sourceBytes: Fixed<u8, 4096> = reserve();
const typeBytes: Fixed<u8, 4096> = reserve();
const optionBytes: Fixed<u8, 4096> = reserve();
const typeName: Name = reserve();
const target: Path = reserve();

export function sysMount(thread: Thread): i64 {
  const frame = thread.frame;
  let flags: u64 = frame.r10;
  if ((flags & MAGIC_MASK) === MAGIC) flags = flags & ~MAGIC_MASK;
  let sourceLength: i64 = 0;
  if (frame.rdi !== 0) sourceLength = copyInString(thread.space, addressOf(sourceBytes), frame.rdi, PATH_MAX);
  if (sourceLength < 0) return sourceLength;
  const error = walkPath(thread, AT_FDCWD, frame.rsi, 0);
  if (error !== 0) return error;
  if (!thread.process.capabilities.has(CAP_SYS_ADMIN)) return -EPERM;
  if ((flags & MS_REMOUNT) !== 0) return remount(flags);
  if ((flags & MS_PROPAGATION) !== 0 && (flags & MS_BIND) === 0) return 0;
  target.copyFrom(walk.here);
  const result =
    (flags & (MS_BIND | MS_MOVE)) !== 0
      ? mountExisting(thread, sourceLength as u64, flags)
      : mountNew(thread, frame.rdx, sourceLength as u64, flags);
  target.clear();
  return result;
}

function remount(flags: u64): i64 {
  const mount = mountOf(walk.here);
  if (placeOf(walk.here) !== mount.root) return -EINVAL;
  mount.flags = ((flags & MOUNT_FLAGS) | MOUNT_RELATIME) as u32;
  return 0;
}

/** Whether a mount of `root` may be put on the target: 0, or why not. */
function checkTarget(thread: Thread, root: Dentry): i64 {
  const point = placeOf(target);
  if (mountOf(target).namespace !== thread.mounts) return -EINVAL;
  if (point.isDeleted) return -ENOENT;
  return point.inode.isDirectory === root.inode.isDirectory ? 0 : -ENOTDIR;
}

/** Puts a mount, whose reference it takes, on the target. */
function attach(thread: Thread, mount: Mount): i64 {
  let error = checkTarget(thread, mount.root);
  if (error === 0 && thread.mounts.mounts.count >= MOUNT_LIMIT) error = -ENOSPC;
  if (error === 0) thread.mounts.add(mount, mountOf(target), placeOf(target));
  else mount.drop();
  return error;
}

function mountExisting(thread: Thread, length: u64, flags: u64): i64 {
  if (length === 0) return -ENOENT;
  walk.countsOn = true;
  const error = walkText(thread, AT_FDCWD, addressOf(sourceBytes), length, 0);
  if (error !== 0) return error;
  const from = mountOf(walk.here);
  if ((flags & MS_MOVE) !== 0) return move(thread, from);
  const root = placeOf(walk.here);
  if ((flags & MS_RECURSIVE) === 0) return attach(thread, copyMount(from, root));
  const denied = checkTarget(thread, root);
  return denied !== 0 ? denied : copyTree(thread.mounts, from, root, mountOf(target), placeOf(target));
}

function move(thread: Thread, from: Mount): i64 {
  if (placeOf(walk.here) !== from.root || from.parent === null) return -EINVAL;
  if (from.namespace !== thread.mounts || mountOf(target).namespace !== thread.mounts) return -EINVAL;
  let above: Mount | null = target.mount;
  while (above !== null) {
    if (above === from) return -ELOOP;
    above = above.parent;
  }
  if (placeOf(target).inode.isDirectory !== from.root.inode.isDirectory) return -ENOTDIR;
  thread.mounts.move(from, mountOf(target), placeOf(target));
  return 0;
}

function mountNew(thread: Thread, typeAddress: u64, sourceLength: u64, flags: u64): i64 {
  if (typeAddress === 0) return -EINVAL;
  const typeLength = copyInString(thread.space, addressOf(typeBytes), typeAddress, PATH_MAX);
  if (typeLength < 0) return typeLength;
  typeName.set(addressOf(typeBytes), typeLength as u64);
  let optionsLength: i64 = 0;
  if (thread.frame.r8 !== 0) {
    optionsLength = copyInString(thread.space, addressOf(optionBytes), thread.frame.r8, PATH_MAX);
    if (optionsLength === -EFAULT) return -EFAULT;
  }
  let fileSystem: FileSystem | null = null;
  if (typeName.is('tmpfs') || typeName.is('ramfs')) {
    fileSystem = newTmpfs(optionsLength as u64);
    if (fileSystem === null) return -EINVAL;
  } else if (typeName.is('devtmpfs')) {
    fileSystem = deviceTree();
  } else if (typeName.is('proc')) {
    fileSystem = procTree();
  } else if (typeName.is('sysfs')) {
    fileSystem = createTmpfs(FileSystemKind.Sysfs, 365, 0);
  }
  if (fileSystem === null) return isBlockType() ? -ENOTBLK : -ENODEV;
  const root = fileSystem.root;
  if (root === null) return -EINVAL;
  const kept = ((flags & MOUNT_FLAGS) | MOUNT_RELATIME) as u32;
  return attach(thread, createMount(fileSystem, root, kept, addressOf(sourceBytes), sourceLength as u32));
}

/** Types that we know and that need a block device, of which there is none. */
function isBlockType(): boolean {
  return (
    typeName.is('ext4') || typeName.is('ext2') || typeName.is('ext3') || typeName.is('vfat') || typeName.is('iso9660')
  );
}

let optionAt: u64 = 0;
let optionEnd: u64 = 0;

/** A tmpfs with the options size=, mode=, uid=, gid=, nr_inodes= (tmpfs(5)); null if one of them is wrong. */
function newTmpfs(length: u64): FileSystem | null {
  let limit: u64 = totalPages() >>> 1;
  let bits: u64 = 1023;
  let uid: u64 = 0;
  let gid: u64 = 0;
  optionAt = addressOf(optionBytes);
  optionEnd = optionAt + length;
  while (optionAt < optionEnd) {
    if (takes('size=')) limit = takeSize(totalPages());
    else if (takes('mode=')) bits = takeNumber(8);
    else if (takes('uid=')) uid = takeNumber(10);
    else if (takes('gid=')) gid = takeNumber(10);
    else if (takes('nr_inodes=') || takes('nr_blocks=')) takeSize(0);
    else if (!takes('noswap') && !takes('huge=never')) return null;
    if (optionAt < optionEnd && byteAt(optionAt) !== 44) return null;
    optionAt += 1;
  }
  const made = createTmpfs(FileSystemKind.Tmpfs, (bits & 0xfff) as u32, limit);
  const root = made.root;
  if (root !== null) {
    root.inode.uid = uid as u32;
    root.inode.gid = gid as u32;
  }
  return made;
}

function takes(option: string): boolean {
  const length: u64 = option.length as u64;
  if (length > optionEnd - optionAt) return false;
  for (let index: u64 = 0; index < length; index++) {
    if (byteAt(optionAt + index) !== option.charCodeAt(index as i64)) return false;
  }
  optionAt += length;
  return true;
}

function takeNumber(base: u64): u64 {
  let value: u64 = 0;
  while (optionAt < optionEnd) {
    const byte: u64 = byteAt(optionAt);
    if (byte < 48 || byte >= 48 + base) break;
    value = value * base + (byte - 48);
    optionAt += 1;
  }
  return value;
}

/** A size in bytes with k, m, g or %, as pages; 0 is none. */
function takeSize(whole: u64): u64 {
  let value = takeNumber(10);
  if (optionAt < optionEnd) {
    const unit: u64 = byteAt(optionAt) | 32;
    if (unit === 107) value = value << 10;
    else if (unit === 109) value = value << 20;
    else if (unit === 103) value = value << 30;
    else if (byteAt(optionAt) === 37) value = ((whole * value) / 100) << 12;
    if (unit === 107 || unit === 109 || unit === 103 || byteAt(optionAt) === 37) optionAt += 1;
  }
  return (value + 4095) >>> 12;
}

export function sysUmount2(thread: Thread): i64 {
  const flags: u64 = thread.frame.rsi & 0xffff_ffff;
  if ((flags & ~UMOUNT_KNOWN) !== 0) return -EINVAL;
  const how: u32 = (flags & UMOUNT_NOFOLLOW) !== 0 ? WALK_NO_FOLLOW : 0;
  const error = walkPath(thread, AT_FDCWD, thread.frame.rdi, how);
  if (error !== 0) return error;
  const mount = mountOf(walk.here);
  if (!thread.process.capabilities.has(CAP_SYS_ADMIN)) return -EPERM;
  if (placeOf(walk.here) !== mount.root || mount.namespace !== thread.mounts) return -EINVAL;
  if (mount.parent === null) return -EINVAL;
  walk.here.clear();
  if ((flags & MNT_DETACH) === 0 && (mount.firstChild !== null || mount.references > 1)) return -EBUSY;
  thread.mounts.remove(mount);
  return 0;
}

/** pivot_root(2): the root mount moves to a directory below the new root, which takes its place. */
export function sysPivotRoot(thread: Thread): i64 {
  if (!thread.process.capabilities.has(CAP_SYS_ADMIN)) return -EPERM;
  let error = walkPath(thread, AT_FDCWD, thread.frame.rsi, 0);
  if (error !== 0) return error;
  target.copyFrom(walk.here);
  error = walkPath(thread, AT_FDCWD, thread.frame.rdi, 0);
  if (error === 0) error = pivot(thread);
  target.clear();
  return error;
}

function pivot(thread: Thread): i64 {
  const context = thread.fileSystem;
  const mount = mountOf(walk.here);
  const old = mountOf(context.root);
  if (!placeOf(walk.here).inode.isDirectory || !placeOf(target).inode.isDirectory) return -ENOTDIR;
  if (placeOf(walk.here) !== mount.root || placeOf(context.root) !== old.root) return -EINVAL;
  if (mount === old || target.mount === old) return -EBUSY;
  if (mount.parent === null || old.parent !== null) return -EINVAL;
  if (target.mount !== mount) return -EINVAL;
  thread.mounts.pivot(mount, old, placeOf(target));
  context.root.set(mount, mount.root);
  if (context.current.mount === old && context.current.dentry === old.root) context.current.set(mount, mount.root);
  return 0;
}
