/**
 * Extended attributes (xattr(7)). The file systems here keep none: lists are empty, reading one that could exist says
 * that it does not, and setting one is not supported. The errors are those of Linux's tmpfs where nothing was set.
 */
import { addressOfString, sameBytes } from '../../lib/arch/x86_64/bytes';
import { copyInString } from '../memory/copy';
import type { Thread } from '../process/thread';
import { WALK_NO_FOLLOW, walkPath } from '../vfs/walk';
import { EBADF, EFAULT, ENODATA, EOPNOTSUPP, ERANGE } from './errno';
import { AT_FDCWD } from './file-constants';
import { fileOf } from './transfer';

/** XATTR_NAME_MAX (xattr(7)). */
const LONGEST_NAME: u64 = 255;

const nameBytes: Fixed<u8, 264> = reserve();

function beginsWith(text: string, length: u64): boolean {
  const count: u64 = text.length as u64;
  return length > count && sameBytes(addressOf(nameBytes), addressOfString(text), count);
}

/** Reads an attribute's name: 0 if it is one that a file here could have, else why not. */
function checkName(thread: Thread, address: u64): i64 {
  const length = copyInString(thread.space, addressOf(nameBytes), address, LONGEST_NAME + 1);
  if (length === -EFAULT) return -EFAULT;
  if (length <= 0) return -ERANGE;
  const count = length as u64;
  const isKnown =
    beginsWith('trusted.', count) || beginsWith('security.', count) || beginsWith('system.posix_acl_', count);
  return isKnown ? 0 : -EOPNOTSUPP;
}

/** Finds the file that a call means: by path, by path without following a link, or by descriptor. */
function checkPath(thread: Thread, how: u32): i64 {
  return walkPath(thread, AT_FDCWD, thread.frame.rdi, how);
}

function checkDescriptor(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  return file === null || file.isPathOnly ? -EBADF : 0;
}

/** The answer to a get or a remove: nothing is there. */
function absent(thread: Thread, found: i64): i64 {
  const error = found !== 0 ? found : checkName(thread, thread.frame.rsi);
  return error !== 0 ? error : -ENODATA;
}

function refused(thread: Thread, found: i64): i64 {
  const error = found !== 0 ? found : checkName(thread, thread.frame.rsi);
  return error !== 0 ? error : -EOPNOTSUPP;
}

export function sysSetxattr(thread: Thread): i64 {
  return refused(thread, checkPath(thread, 0));
}

export function sysLsetxattr(thread: Thread): i64 {
  return refused(thread, checkPath(thread, WALK_NO_FOLLOW));
}

export function sysFsetxattr(thread: Thread): i64 {
  return refused(thread, checkDescriptor(thread));
}

export function sysGetxattr(thread: Thread): i64 {
  return absent(thread, checkPath(thread, 0));
}

export function sysLgetxattr(thread: Thread): i64 {
  return absent(thread, checkPath(thread, WALK_NO_FOLLOW));
}

export function sysFgetxattr(thread: Thread): i64 {
  return absent(thread, checkDescriptor(thread));
}

export function sysListxattr(thread: Thread): i64 {
  return checkPath(thread, 0);
}

export function sysLlistxattr(thread: Thread): i64 {
  return checkPath(thread, WALK_NO_FOLLOW);
}

export function sysFlistxattr(thread: Thread): i64 {
  return checkDescriptor(thread);
}

export function sysRemovexattr(thread: Thread): i64 {
  return absent(thread, checkPath(thread, 0));
}

export function sysLremovexattr(thread: Thread): i64 {
  return absent(thread, checkPath(thread, WALK_NO_FOLLOW));
}

export function sysFremovexattr(thread: Thread): i64 {
  return absent(thread, checkDescriptor(thread));
}
