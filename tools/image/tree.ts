/**
 * Adds files and folders of the host to an archive: modes, times, links and devices as they are, in name order.
 * Files of the user who runs the tool belong to root inside; all other owners are kept.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { type CpioWriter, type Entry, FileType } from './cpio.js';

const FILE_TYPE_MASK = 0o170000;

/** Adds `hostPath` as `guestPath` (no leading slash), with all below it when it is a folder. */
export function addTree(writer: CpioWriter, hostPath: string, guestPath: string, stats = lstatSync(hostPath)): void {
  const type = stats.mode & FILE_TYPE_MASK;
  if (guestPath !== '') writer.add(describe(hostPath, guestPath, stats));
  if (type !== FileType.Directory) return;
  for (const name of readdirSync(hostPath).sort()) {
    addTree(writer, join(hostPath, name), guestPath === '' ? name : `${guestPath}/${name}`);
  }
}

function describe(hostPath: string, guestPath: string, stats: Stats): Entry {
  const entry: Entry = {
    path: guestPath,
    mode: stats.mode,
    uid: stats.uid === process.getuid?.() ? 0 : stats.uid,
    gid: stats.gid === process.getgid?.() ? 0 : stats.gid,
    modified: Math.floor(stats.mtimeMs / 1000),
    links: stats.nlink,
  };
  switch (stats.mode & FILE_TYPE_MASK) {
    case FileType.Regular:
      entry.data = readFileSync(hostPath);
      // Every name carries the data: the unpacker overwrites one file with the same bytes, and order does not matter.
      if (stats.nlink > 1) entry.linkKey = `${stats.dev}:${stats.ino}`;
      break;
    case FileType.Symlink:
      entry.data = Buffer.from(readlinkSync(hostPath));
      break;
    case FileType.CharacterDevice:
    case FileType.BlockDevice:
      entry.device = deviceNumber(stats.rdev);
      break;
  }
  return entry;
}

/** Linux's dev_t (makedev(3)): twelve bits of major above eight of minor, the rest of minor above those. */
function deviceNumber(device: number): { major: number; minor: number } {
  return { major: (device >> 8) & 0xfff, minor: (device & 0xff) | ((device >> 12) & 0xfff00) };
}

/**
 * Adds the folders that lead to `guestPath`, as a package manager would make them, but for those that are `there`:
 * they keep their modes, and may be symbolic links.
 */
export function addParents(writer: CpioWriter, guestPath: string, there: ReadonlySet<string>): void {
  const parts = guestPath.split('/').slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    if (!there.has(folder)) writer.directory(folder);
  }
}
