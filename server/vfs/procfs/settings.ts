/** What may be written in /proc: a process's name and its out-of-memory weight, and the machine's names. */
import { byteAt, copyMemory, fillMemory } from '../../../lib/arch/x86_64/bytes';
import { EACCES, EINVAL, EPERM, ESRCH } from '../../linux/errno';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from '../../linux/file-constants';
import type { Thread } from '../../process/thread';
import { setMostWatches } from '../epoll-limit';
import { ProcessEntry, SystemEntry } from './entries';
import type { ProcInode } from './inode';

const NEWLINE: u32 = 10;
const COMM_BYTES: u64 = 15;
const HOST_NAME_BYTES: u64 = 64;

/** Takes what was written to a file of /proc: 0 or a negated errno. */
export function changeProcText(thread: Thread, inode: ProcInode, address: u64, given: u64): i64 {
  let count: u64 = given;
  if (count !== 0 && byteAt(address + count - 1) === NEWLINE) count -= 1;
  if (inode.subject === 0) return changeSystem(thread, inode.entry, address, count);
  const process = inode.process;
  if (process === null) return -ESRCH;
  if (inode.entry === ProcessEntry.Name) {
    if (process !== thread.process) return -EINVAL;
    const leader = process.leader;
    if (leader === null) return -ESRCH;
    const length: u64 = count < COMM_BYTES ? count : COMM_BYTES;
    fillMemory(addressOf(leader.name), 0, 16);
    copyMemory(addressOf(leader.name), address, length);
    return 0;
  }
  if (inode.entry !== ProcessEntry.OutOfMemoryAdjustment) return -EACCES;
  const value = signedNumber(address, count);
  if (value < -1000 || value > 1000) return -EINVAL;
  if (value < process.outOfMemoryAdjustment && !thread.process.capabilities.has(CAP_SYS_RESOURCE)) return -EACCES;
  process.outOfMemoryAdjustment = value as i32;
  return 0;
}

function changeSystem(thread: Thread, entry: u32, address: u64, count: u64): i64 {
  if (entry === SystemEntry.WatchesMaximum) {
    const most = unsignedNumber(address, count);
    if (most < 0) return -EINVAL;
    setMostWatches(most as u64);
    return 0;
  }
  if (entry !== SystemEntry.HostName && entry !== SystemEntry.DomainName) return -EPERM;
  if (!thread.process.capabilities.has(CAP_SYS_ADMIN)) return -EPERM;
  const length: u64 = count < HOST_NAME_BYTES ? count : HOST_NAME_BYTES;
  const network = thread.process.network;
  if (entry === SystemEntry.HostName) {
    copyMemory(addressOf(network.hostName), address, length);
    network.hostNameLength = length as u32;
  } else {
    copyMemory(addressOf(network.domainName), address, length);
    network.domainNameLength = length as u32;
  }
  return 0;
}

/** A decimal number; out of every range if it is none. */
function signedNumber(address: u64, count: u64): i64 {
  const wrong: i64 = 1000000;
  let index: u64 = 0;
  const isNegative = count !== 0 && byteAt(address) === 45;
  if (isNegative) index = 1;
  if (index === count || count > 7) return wrong;
  let value: i64 = 0;
  while (index < count) {
    const byte = byteAt(address + index);
    if (byte < 48 || byte > 57) return wrong;
    value = value * 10 + (byte - 48);
    index += 1;
  }
  return isNegative ? 0 - value : value;
}

/** A decimal number of at most eighteen digits; -1 if it is none. */
function unsignedNumber(address: u64, count: u64): i64 {
  let value: i64 = 0;
  if (count === 0 || count > 18) return -1;
  for (let index: u64 = 0; index < count; index++) {
    const byte = byteAt(address + index);
    if (byte < 48 || byte > 57) return -1;
    value = value * 10 + (byte - 48);
  }
  return value;
}
