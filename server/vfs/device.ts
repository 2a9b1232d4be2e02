/**
 * Character devices: drivers by device number. A node made by mknod(2) or found in an initramfs leads here by its rdev,
 * whatever it is called; devtmpfs gets a node for each driver that has a name.
 */
import { EACCES, ENXIO } from '../linux/errno';
import { S_IFBLK, S_IFMT } from '../linux/file-constants';
import type { Thread } from '../process/thread';
import type { Inode } from './inode';
import type { Made } from './made';
import { MOUNT_NODEV } from './mount';
import type { Path } from './path';

export abstract class Device {
  /** Major and minor, by `makeDevice`. */
  number!: u32;
  /** The node's type and permissions in devtmpfs, for example S_IFCHR | 0666. */
  mode!: u32;
  gid!: u32;
  /** The node's name in devtmpfs; of length 0 for none. A slash makes a directory. */
  name!: string;
  nextDevice!: Device | null;

  /** Leaves an open file in `made.file`, one reference, the caller's. */
  abstract open(thread: Thread, inode: Inode, flags: u32, made: Made): i64;
}

let firstDevice: Device | null = null;

/** Linux's encoding of a device number for user space (makedev(3)). */
export function makeDevice(major: u32, minor: u32): u32 {
  return ((minor & 255) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) as u32;
}

export function majorOf(device: u32): u32 {
  return ((device >> 8) & 0xfff) as u32;
}

export function minorOf(device: u32): u32 {
  return ((device & 255) | ((device >> 12) & 0xfff00)) as u32;
}

export function registerDevice(device: Device): void {
  device.nextDevice = firstDevice;
  firstDevice = device;
}

export function firstRegisteredDevice(): Device | null {
  return firstDevice;
}

function findDevice(number: u32): Device | null {
  let device: Device | null = firstDevice;
  while (device !== null) {
    if (device.number === number) return device;
    device = device.nextDevice;
  }
  return null;
}

/** Opens the device that a node stands for: ENXIO without a driver, EACCES on a mount without devices. */
export function openDevice(thread: Thread, inode: Inode, path: Path, flags: u32, made: Made): i64 {
  const mount = path.mount;
  if (mount !== null && (mount.flags & MOUNT_NODEV) !== 0) return -EACCES;
  if ((inode.mode & S_IFMT) === S_IFBLK) return -ENXIO;
  const device = findDevice(inode.rdev);
  if (device === null) return -ENXIO;
  const error = device.open(thread, inode, flags, made);
  if (error !== 0) return error;
  const file = made.file;
  if (file !== null && file.dentry === null) file.locate(path);
  return 0;
}
