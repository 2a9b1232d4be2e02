/**
 * Who may do what with an inode (path_resolution(7), "Permissions"; capabilities(7)).
 */
import { EACCES, EPERM } from '../linux/errno';
import {
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  MAY_EXECUTE,
  MAY_READ,
  S_ISGID,
  S_ISUID,
  S_ISVTX,
  S_IXGRP,
} from '../linux/file-constants';
import type { Process } from '../process/process';
import type { Inode } from './inode';

/** A right (MAY_*) times this is the right for each of the three classes. */
const EVERYBODY: u32 = 73;

/** 0 if `process` has each of the MAY_* rights in `wanted`, else -EACCES. */
export function checkPermission(process: Process, inode: Inode, wanted: u32): i64 {
  let bits = inode.mode;
  // What owner, group and all others may do, anybody may.
  if ((~bits & (wanted * EVERYBODY)) === 0) return 0;
  if (inode.isDirectory && process.capabilities.has(CAP_DAC_OVERRIDE)) return 0;
  const credentials = process.credentials;
  if (credentials.fsuid === inode.uid) bits = bits >> 6;
  else if (credentials.inGroup(inode.gid)) bits = bits >> 3;
  if ((bits & wanted) === wanted) return 0;
  return overrides(process, inode, wanted) ? 0 : -EACCES;
}

/** The same for the real identities, as access(2) asks. A superuser's capabilities count only if the real user is 0. */
export function checkRealPermission(process: Process, inode: Inode, wanted: u32): i64 {
  const credentials = process.credentials;
  let bits = inode.mode;
  if (credentials.uid === inode.uid) bits = bits >> 6;
  else if (credentials.gid === inode.gid || credentials.inGroup(inode.gid)) bits = bits >> 3;
  if ((bits & wanted) === wanted) return 0;
  return credentials.uid === 0 && overrides(process, inode, wanted) ? 0 : -EACCES;
}

function overrides(process: Process, inode: Inode, wanted: u32): boolean {
  const capabilities = process.capabilities;
  if (inode.isDirectory) {
    if (capabilities.has(CAP_DAC_OVERRIDE)) return true;
    return (wanted & ~(MAY_READ | MAY_EXECUTE)) === 0 && capabilities.has(CAP_DAC_READ_SEARCH);
  }
  if (capabilities.has(CAP_DAC_OVERRIDE)) return (wanted & MAY_EXECUTE) === 0 || (inode.mode & 73) !== 0;
  return wanted === MAY_READ && capabilities.has(CAP_DAC_READ_SEARCH);
}

/** 0 if `process` owns `inode` or may act as its owner, else -EPERM. */
export function checkOwner(process: Process, inode: Inode): i64 {
  if (process.credentials.fsuid === inode.uid) return 0;
  return process.capabilities.has(CAP_FOWNER) ? 0 : -EPERM;
}

/**
 * Takes from a file that changes the rights that it gives to whoever runs it (fs/inode.c, file_remove_privs): set-user-ID,
 * and set-group-ID where that is one and not a mark for locking.
 */
export function removePrivileges(process: Process, inode: Inode): void {
  if ((inode.mode & (S_ISUID | S_ISGID)) === 0 || !inode.isRegular || process.capabilities.has(CAP_FSETID)) return;
  let taken: u32 = S_ISUID;
  if ((inode.mode & S_IXGRP) !== 0 || !process.credentials.inGroup(inode.gid)) taken = S_ISUID | S_ISGID;
  inode.mode = (inode.mode & ~taken) as u32;
}

/** In a sticky directory only the owner of the file or of the directory removes or renames (unlink(2)). */
export function checkSticky(process: Process, directory: Inode, inode: Inode): i64 {
  if ((directory.mode & S_ISVTX) === 0) return 0;
  const user = process.credentials.fsuid;
  if (user === inode.uid || user === directory.uid) return 0;
  return process.capabilities.has(CAP_FOWNER) ? 0 : -EPERM;
}
