/** Set-user-ID and set-group-ID programs, and what execve does to identities and capabilities (execve(2), capabilities(7)). */
import { S_ISGID, S_ISUID } from '../linux/file-constants';
import type { File } from '../vfs/file';
import { MOUNT_NOSUID } from '../vfs/mount';
import { CapabilitySet } from './capability-set';
import type { Process } from './process';

/** S_IXGRP: without it, set-group-ID means mandatory locking. */
const GROUP_EXECUTE: u32 = 8;

/** Gives `process` the identities that running `file` brings. True if it gained some: the program is told (AT_SECURE). */
export function adoptCredentials(process: Process, file: File): boolean {
  const old = process.credentials;
  const mount = file.mount;
  const inode = file.inode;
  const mayGain = mount !== null && (mount.flags & MOUNT_NOSUID) === 0 && !process.hasNoNewPrivileges;
  const setsUser = mayGain && (inode.mode & S_ISUID) !== 0;
  const setsGroup = mayGain && (inode.mode & (S_ISGID | GROUP_EXECUTE)) === (S_ISGID | GROUP_EXECUTE);
  const euid: u32 = setsUser ? inode.uid : old.euid;
  const egid: u32 = setsGroup ? inode.gid : old.egid;
  const isSecure = (setsUser && euid !== old.uid) || (setsGroup && egid !== old.gid);
  if (
    euid !== old.euid ||
    egid !== old.egid ||
    old.suid !== euid ||
    old.sgid !== egid ||
    old.fsuid !== euid ||
    old.fsgid !== egid
  ) {
    const fresh = old.copy();
    fresh.euid = euid;
    fresh.suid = euid;
    fresh.fsuid = euid;
    fresh.egid = egid;
    fresh.sgid = egid;
    fresh.fsgid = egid;
    process.credentials = fresh;
    old.drop();
  }
  adoptCapabilities(process, euid);
  return isSecure;
}

/** Root has what its bounding set allows; anybody else keeps the ambient set only. */
function adoptCapabilities(process: Process, euid: u32): void {
  const old = process.capabilities;
  const isRoot = euid === 0 || process.credentials.uid === 0;
  const permitted: u64 = isRoot ? old.bounding | old.inheritable : old.ambient;
  const effective: u64 = euid === 0 ? permitted : old.ambient;
  if (permitted === old.permitted && effective === old.effective) return;
  const fresh = new CapabilitySet();
  fresh.references = 1;
  fresh.permitted = permitted;
  fresh.effective = effective;
  fresh.inheritable = old.inheritable;
  fresh.bounding = old.bounding;
  fresh.ambient = old.ambient;
  process.capabilities = fresh;
  old.drop();
}
