/** Mount tables and fdinfo (proc(5)). */
import { byteAt } from '../../../lib/arch/x86_64/bytes';
import { ENOENT } from '../../linux/errno';
import type { Process } from '../../process/process';
import { budget, spend } from '../../wait/budget';
import { majorOf, minorOf } from '../device';
import {
  MOUNT_NOATIME,
  MOUNT_NODEV,
  MOUNT_NODIRATIME,
  MOUNT_NOEXEC,
  MOUNT_NOSUID,
  MOUNT_RELATIME,
  type Mount,
} from '../mount';
import type { Path } from '../path';
import { pathSteps, writePathOf } from '../path-text';
import { Text } from '../text';
import { CURSOR_END, keepLine } from './lists';

/** What a line takes of a turn's budget, besides the way to its mount. */
const LINE_COST: i64 = 8;

const pathBytes: Fixed<u8, 4096> = reserve();
const path: Text = reserve();

/** Writes bytes with blanks, tabs, newlines and backslashes in octal (getmntent(3)). */
function putEscaped(text: Text, address: u64, length: u64): void {
  for (let index: u64 = 0; index < length; index++) {
    const byte = byteAt(address + index);
    if (byte === 32 || byte === 9 || byte === 10 || byte === 92) {
      text.putByte(92);
      text.putOctal(byte, 3);
    } else {
      text.putByte(byte);
    }
  }
}

/** Leaves in `path` where `mount` shows as seen from `root`; false if it does not show there. */
function findPoint(mount: Mount, root: Path): boolean {
  path.begin(addressOf(pathBytes), 4096);
  writePathOf(path, mount, mount.root, root);
  return byteAt(path.address) === 47;
}

function putSource(text: Text, mount: Mount): void {
  if (mount.sourceLength === 0) text.putString('none');
  else putEscaped(text, mount.source, mount.sourceLength);
}

function putFlags(text: Text, flags: u32, isReadOnly: boolean): void {
  text.putString(isReadOnly ? 'ro' : 'rw');
  if ((flags & MOUNT_NOSUID) !== 0) text.putString(',nosuid');
  if ((flags & MOUNT_NODEV) !== 0) text.putString(',nodev');
  if ((flags & MOUNT_NOEXEC) !== 0) text.putString(',noexec');
  if ((flags & MOUNT_NOATIME) !== 0) text.putString(',noatime');
  if ((flags & MOUNT_NODIRATIME) !== 0) text.putString(',nodiratime');
  if ((flags & MOUNT_RELATIME) !== 0 && (flags & MOUNT_NOATIME) === 0) text.putString(',relatime');
}

function writeMount(text: Text, mount: Mount): void {
  putSource(text, mount);
  text.space();
  putEscaped(text, path.address, path.length);
  text.space();
  text.putString(mount.fileSystem.typeName);
  text.space();
  putFlags(text, mount.flags, mount.isReadOnly);
  text.putString(' 0 0\n');
}

/**
 * Lines of /proc/PID/mounts (what fstab(5) looks like), or of mountinfo, for mounts numbered `from` and up, as far as the
 * budget goes: some may lead over many others, or not show at all. The number to go on from, or CURSOR_END. Mounts are in
 * order of their numbers, so one that goes away meanwhile moves nothing.
 */
export function writeMountLines(process: Process, from: u64, isDetailed: boolean, text: Text): u64 {
  const root: Path = process.fileSystem.root;
  const mounts = process.mounts.mounts;
  let mount: Mount | null = mounts.atLeast(from);
  while (mount !== null) {
    const before: u64 = text.length;
    const isVisible = findPoint(mount, root);
    spend(LINE_COST + ((pathSteps >>> 3) as i64));
    if (isVisible) {
      if (isDetailed) writeOneMount(text, mount);
      else writeMount(text, mount);
    }
    if (!keepLine(text, before)) return mount.number;
    mount = mounts.atLeast((mount.number as u64) + 1);
    if (mount !== null && budget <= 0) return mount.number;
  }
  return CURSOR_END;
}

function writeOneMount(text: Text, mount: Mount): void {
  const parent = mount.parent;
  const device = mount.fileSystem.device;
  text.putDecimal(mount.number);
  text.space();
  text.putDecimal(parent === null ? mount.number : parent.number);
  text.space();
  text.putDecimal(majorOf(device));
  text.putByte(58);
  text.putDecimal(minorOf(device));
  text.putString(' / ');
  putEscaped(text, path.address, path.length);
  text.space();
  putFlags(text, mount.flags, mount.isReadOnly);
  text.putString(' - ');
  text.putString(mount.fileSystem.typeName);
  text.space();
  putSource(text, mount);
  text.putString(mount.isReadOnly ? ' ro\n' : ' rw\n');
}

export function writeDescriptorText(process: Process, descriptor: u32, text: Text): i64 {
  const file = process.files.get(descriptor);
  if (file === null) return -ENOENT;
  const mount = file.mount;
  text.putString('pos:\t');
  text.putDecimal(file.offset);
  text.putString('\nflags:\t0');
  text.putOctal(process.files.isCloseOnExec(descriptor) ? file.flags | 0x80000 : file.flags, 1);
  text.putString('\nmnt_id:\t');
  text.putDecimal(mount === null ? 0 : mount.number);
  text.putString('\nino:\t');
  text.putDecimal(file.inode.number);
  text.newline();
  file.describeMore(text);
  return 0;
}
