/**
 * Inodes of a tmpfs without contents of their own: symbolic links, and the device nodes, FIFOs and sockets of mknod(2),
 * whose opening leads to a driver or a pipe.
 */
import { copyMemory } from '../../../lib/arch/x86_64/bytes';
import { ENXIO } from '../../linux/errno';
import { S_IFLNK } from '../../linux/file-constants';
import { allocate, release } from '../../memory/heap';
import type { Thread } from '../../process/thread';
import { openDevice } from '../device';
import { openFifo } from '../fifo';
import type { FileSystem } from '../file-system';
import type { Made } from '../made';
import type { Path } from '../path';
import type { Text } from '../text';
import { TmpfsInode } from './inode';

const SHORT_TARGET: u64 = 128;

export class TmpfsSymlink extends TmpfsInode {
  target!: u64;

  override readLink(thread: Thread, text: Text): i64 {
    text.putBytes(this.target, this.size);
    return 0;
  }

  /** Linux keeps short targets in the inode and gives others a page (mm/shmem.c, SHORT_SYMLINK_LEN). */
  override get blocks(): u64 {
    return this.size < SHORT_TARGET ? 0 : 8;
  }

  override freed(): boolean {
    release(this.target);
    this.forgetFileSystem();
    return true;
  }
}

export function createTmpfsSymlink(fileSystem: FileSystem, target: u64, length: u64): TmpfsSymlink {
  const inode = new TmpfsSymlink();
  inode.begin(fileSystem, (S_IFLNK | 511) as u32);
  inode.size = length;
  inode.target = allocate(length);
  copyMemory(inode.target, target, length);
  return inode;
}

export class TmpfsSpecial extends TmpfsInode {
  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    if (this.isFifo) return openFifo(thread, this, path, flags, made);
    if (this.isDevice) return openDevice(thread, this, path, flags, made);
    return -ENXIO;
  }
}
