import { release } from '../memory/heap';
import type { Dentry } from './dentry';
import { reapFileSystem } from './reaper';

export enum FileSystemKind {
  /** The first root: a tmpfs that is named rootfs. */
  Root,
  Tmpfs,
  Devtmpfs,
  Proc,
  Sysfs,
  /** Pipes, event files and other inodes without a name. */
  Anonymous,
}

/** f_type of statfs(2). */
const TMPFS_MAGIC: u64 = 0x0102_1994;
const PROC_MAGIC: u64 = 0x9fa0;
const SYSFS_MAGIC: u64 = 0x6265_6572;
const ANONYMOUS_MAGIC: u64 = 0x0904_1934;

export class FileSystem {
  /** Inodes and mounts. */
  references!: u32;
  mountCount!: u32;
  nextReaped!: FileSystem | null;
  kind!: FileSystemKind;
  /** st_dev, in Linux's encoding: major 0 and a minor of its own. */
  device!: u32;
  root!: Dentry | null;
  lastInode!: u64;
  /** Contents in pages, and how many there may be; 0: as many as memory has. */
  pagesUsed!: u64;
  pageLimit!: u64;
  inodesUsed!: u64;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }

  mounted(): void {
    this.references += 1;
    this.mountCount += 1;
  }

  /** The last mount of a file system in memory takes its files along. */
  unmounted(): void {
    this.mountCount -= 1;
    if (this.mountCount === 0 && this.holdsPages) reapFileSystem(this);
    this.drop();
  }

  /** A number for a new inode; never 0. */
  nextInode(): u64 {
    this.lastInode += 1;
    this.inodesUsed += 1;
    return this.lastInode;
  }

  /** The name that mount(2), /proc/mounts and /proc/filesystems use. */
  get typeName(): string {
    switch (this.kind) {
      case FileSystemKind.Root:
        return 'rootfs';
      case FileSystemKind.Tmpfs:
        return 'tmpfs';
      case FileSystemKind.Devtmpfs:
        return 'devtmpfs';
      case FileSystemKind.Proc:
        return 'proc';
      case FileSystemKind.Sysfs:
        return 'sysfs';
      default:
        return 'anon_inodefs';
    }
  }

  get magic(): u64 {
    switch (this.kind) {
      case FileSystemKind.Proc:
        return PROC_MAGIC;
      case FileSystemKind.Sysfs:
        return SYSFS_MAGIC;
      case FileSystemKind.Anonymous:
        return ANONYMOUS_MAGIC;
      default:
        return TMPFS_MAGIC;
    }
  }

  /** Whether its files keep their contents in pages of this machine, so that statfs can count them. */
  get holdsPages(): boolean {
    return (
      this.kind === FileSystemKind.Root || this.kind === FileSystemKind.Tmpfs || this.kind === FileSystemKind.Devtmpfs
    );
  }
}

let lastMinor: u32 = 0;

export function createFileSystem(kind: FileSystemKind): FileSystem {
  const made = new FileSystem();
  lastMinor += 1;
  made.references = 0;
  made.kind = kind;
  made.device = (lastMinor & 255) | ((lastMinor & 0xfffff00) << 12);
  return made;
}
