/**
 * An open directory of a tmpfs, and the description that O_PATH gives for anything.
 */
import { EBADF, EINVAL, EISDIR, ENOENT } from '../linux/errno';
import { SEEK_CUR, SEEK_SET } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import type { Thread } from '../process/thread';
import { AGAIN } from '../wait/outcome';
import type { Dentry } from './dentry';
import type { DirectoryWriter } from './directory-writer';
import { File } from './file';
import type { Inode } from './inode';
import type { Made } from './made';
import type { Path } from './path';
import { BEFORE_ALL, directoryOf, FIRST_COOKIE, isSought, type TmpfsDirectory } from './tmpfs/directory';

/** What every directory's open file shares: it cannot be read or written as bytes, and it seeks by cookies. */
export abstract class DirectoryFile extends File {
  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    return -EISDIR;
  }

  override canPoll(): boolean {
    return false;
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    return -EBADF;
  }

  override seek(thread: Thread, offset: i64, whence: u32): i64 {
    let target = offset;
    if (whence === SEEK_CUR) target += this.offset as i64;
    else if (whence !== SEEK_SET) return -EINVAL;
    if (target < 0) return -EINVAL;
    this.offset = target as u64;
    return target;
  }
}

export class TmpfsDirectoryFile extends DirectoryFile {
  /** Where the last listing stopped: only a hint, held so that it stays comparable. */
  stop!: Dentry | null;

  override list(thread: Thread, writer: DirectoryWriter): i64 {
    const dentry = this.dentry;
    if (dentry === null || dentry.isDeleted) return -ENOENT;
    if (this.offset < 2) {
      if (!writer.putDots(dentry, this.offset)) {
        if (writer.length !== 0) this.offset = 1;
        return writer.result;
      }
      this.offset = 2;
    }
    const directory: TmpfsDirectory = directoryOf(dentry);
    const first = this.findPlace(dentry, directory);
    if (isSought) return AGAIN;
    const stop = directory.list(writer, first);
    if (stop !== null) {
      this.offset = stop.cookie;
      this.stopAt(stop);
    }
    directory.touchAccessed();
    return writer.result;
  }

  /** The entry that is to be read next, from where the last listing stopped if that is on the way; or see isSought. */
  private findPlace(dentry: Dentry, directory: TmpfsDirectory): Dentry | null {
    const cookie: u64 = this.offset < FIRST_COOKIE ? BEFORE_ALL : this.offset;
    const hint = this.stop;
    const isGood = hint !== null && hint.parent === dentry && hint.cookie >= cookie;
    const before = directory.before(cookie, isGood ? hint : null);
    if (before !== null && before !== hint) this.stopAt(before);
    return before === null ? directory.first : before.next;
  }

  private stopAt(entry: Dentry): void {
    entry.retain();
    this.forgetStop();
    this.stop = entry;
  }

  override released(): void {
    this.forgetStop();
  }

  private forgetStop(): void {
    const stop = this.stop;
    this.stop = null;
    if (stop !== null) stop.drop();
  }
}

export function openDirectory(inode: Inode, path: Path, flags: u32, made: Made): i64 {
  const file = new TmpfsDirectoryFile();
  file.begin(inode, flags);
  file.locate(path);
  made.file = file;
  return 0;
}

/** A description that only names a place (open(2), O_PATH). */
export class PathFile extends File {
  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    return -EBADF;
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    return -EBADF;
  }

  override seek(thread: Thread, offset: i64, whence: u32): i64 {
    return -EBADF;
  }

  override list(thread: Thread, writer: DirectoryWriter): i64 {
    return -EBADF;
  }

  override ioctl(thread: Thread, request: u32, argument: u64): i64 {
    return -EBADF;
  }

  override truncate(thread: Thread, size: u64): i64 {
    return -EBADF;
  }
}

export function openPathOnly(inode: Inode, path: Path, flags: u32, made: Made): i64 {
  const file = new PathFile();
  file.begin(inode, flags);
  file.locate(path);
  made.file = file;
  return 0;
}
