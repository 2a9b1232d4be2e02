/**
 * An open regular file: an offset over the contents that its inode keeps (read(2), write(2), lseek(2)).
 */
import { EFBIG, EINVAL, ENXIO } from '../linux/errno';
import { MAXIMUM_OFFSET, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import { RLIM_INFINITY, RLIMIT_FSIZE } from '../process/limits';
import type { Thread } from '../process/thread';
import { SIGXFSZ } from '../signal/numbers';
import { raise } from '../signal/send';
import { File } from './file';
import type { Inode } from './inode';
import type { Made } from './made';
import type { Path } from './path';
import { removePrivileges } from './permission';

export class RegularFile extends File {
  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (offset >= 0) return this.inode.read(buffer, offset as u64);
    const count = this.inode.read(buffer, this.offset);
    if (count > 0) {
      this.offset += count as u64;
      this.inode.touchAccessed();
    }
    return count;
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const inode = this.inode;
    let at: u64 = offset >= 0 ? (offset as u64) : this.offset;
    if (this.isAppending) at = inode.size;
    const limit: u64 = thread.process.limits.of[RLIMIT_FSIZE].current;
    if (limit !== RLIM_INFINITY && buffer.length !== 0) {
      if (at >= limit) {
        raise(thread, SIGXFSZ);
        return -EFBIG;
      }
      if (buffer.length > limit - at) buffer.length = limit - at;
    }
    if (buffer.length !== 0) removePrivileges(thread.process, inode);
    const count = inode.write(buffer, at);
    if (count > 0 && offset < 0) this.offset = at + (count as u64);
    return count;
  }

  override seek(thread: Thread, offset: i64, whence: u32): i64 {
    return seekWithin(thread, this, offset, whence);
  }

  override canPoll(): boolean {
    return false;
  }

  override truncate(thread: Thread, size: u64): i64 {
    removePrivileges(thread.process, this.inode);
    return this.inode.truncate(thread, size);
  }
}

/**
 * lseek(2) over something with a size: the new offset, AGAIN, or -EINVAL before the start or past the largest offset.
 */
export function seekWithin(thread: Thread, file: File, offset: i64, whence: u32): i64 {
  let target: i64 = offset;
  if (whence === SEEK_CUR) {
    target = (file.offset as i64) + offset;
    if (offset > 0 && target < offset) return -EINVAL;
  } else if (whence === SEEK_END) {
    target = (file.inode.size as i64) + offset;
    if (offset > 0 && target < offset) return -EINVAL;
  } else if (whence === SEEK_DATA) {
    if (offset < 0) return -ENXIO;
    target = file.inode.nextData(offset as u64);
    if (target < 0) return target;
  } else if (whence === SEEK_HOLE) {
    if (offset < 0) return -ENXIO;
    target = file.inode.nextHole(thread, offset as u64);
    if (target < 0) return target;
  } else if (whence !== SEEK_SET) {
    return -EINVAL;
  }
  if (target < 0 || (target as u64) > MAXIMUM_OFFSET) return -EINVAL;
  file.offset = target as u64;
  return target;
}

export function openRegular(inode: Inode, path: Path, flags: u32, made: Made): i64 {
  const file = new RegularFile();
  file.begin(inode, flags);
  file.locate(path);
  made.file = file;
  return 0;
}
