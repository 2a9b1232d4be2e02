/**
 * What every inode of a tmpfs has: its number, times and owner from the process that makes it, and a share in its file
 * system, which lives as long as any of its inodes.
 */
import { CAP_FSETID, S_IFDIR, S_IFMT, S_ISGID, S_IXGRP } from '../../linux/file-constants';
import type { Process } from '../../process/process';
import type { FileSystem } from '../file-system';
import { Inode } from '../inode';

export abstract class TmpfsInode extends Inode {
  /** Starts an inode that one dentry will hold. */
  begin(fileSystem: FileSystem, mode: u32): void {
    this.references = 1;
    this.links = (mode & S_IFMT) === S_IFDIR ? 2 : 1;
    this.mode = mode;
    this.fileSystem = fileSystem;
    fileSystem.retain();
    this.number = fileSystem.nextInode();
    this.touchAll();
    this.createdSeconds = this.modifiedSeconds;
    this.createdNanoseconds = this.modifiedNanoseconds;
  }

  /** The owner of a new file (open(2), O_CREAT): the process, and the group of a set-group-ID directory. */
  own(process: Process, directory: Inode): void {
    this.uid = process.credentials.fsuid;
    this.gid = process.credentials.fsgid;
    if ((directory.mode & S_ISGID) === 0) return;
    this.gid = directory.gid;
    if (this.isDirectory) this.mode = (this.mode | S_ISGID) as u32;
    else if ((this.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)) {
      // Nobody gives a group's rights who is not in the group.
      const isInsider = process.credentials.inGroup(this.gid) || process.capabilities.has(CAP_FSETID);
      if (!isInsider) this.mode = (this.mode & ~S_ISGID) as u32;
    }
  }

  forgetFileSystem(): void {
    this.fileSystem.inodesUsed -= 1;
    this.fileSystem.drop();
  }

  override freed(): boolean {
    this.forgetFileSystem();
    return true;
  }
}
