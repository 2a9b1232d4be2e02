/**
 * Inodes of /proc. They are made when a name is looked up and hold no process: a number and a time of start name one,
 * so an inode that outlives its process finds nothing instead of a stranger.
 */
import { EACCES, ENOENT, ESRCH } from '../../linux/errno';
import { O_ACCMODE, O_RDONLY } from '../../linux/file-constants';
import { findProcess, findThread } from '../../process/pids';
import { Life, type Process } from '../../process/process';
import type { Thread } from '../../process/thread';
import { createDentry, type Dentry } from '../dentry';
import type { FileSystem } from '../file-system';
import { Inode } from '../inode';
import type { Made } from '../made';
import type { Name } from '../name';
import type { Path } from '../path';
import type { Text } from '../text';
import {
  PROCESS_ENTRIES,
  PROCESS_MODES,
  PROCESS_NAMES,
  ProcessEntry,
  SYSTEM_MODES,
  SYSTEM_NAMES,
  SYSTEM_PARENTS,
  SystemEntry,
} from './entries';
import { openListing } from './listing';
import { jumpTo, mayLook, readProcessLink } from './process-link';
import { openText } from './text-file';

/** Numbers of inodes: the system's rows, then a block of rows per process or thread. */
const PROCESS_BLOCK: u64 = 65536;

export abstract class ProcInode extends Inode {
  /** Row of a table in entries.ts. */
  entry!: u32;
  /** The process or thread it tells of; 0 for the system's part. */
  subject!: i32;
  startTime!: u64;
  /** Within fd and fdinfo. */
  descriptor!: u32;

  begin(fileSystem: FileSystem, entry: u32, mode: u32, subject: Process | null): void {
    this.references = 1;
    this.entry = entry;
    this.mode = mode;
    this.links = (mode & 0xf000) === 0x4000 ? 2 : 1;
    this.fileSystem = fileSystem;
    fileSystem.retain();
    this.number = (entry as u64) + 1;
    if (subject !== null) {
      this.subject = subject.number;
      this.startTime = subject.startTime;
      this.number += ((subject.number as u64) << 20) + PROCESS_BLOCK;
      this.uid = subject.credentials.euid;
      this.gid = subject.credentials.egid;
    }
    this.touchAll();
  }

  /** The process it tells of, as long as that is there. */
  get process(): Process | null {
    const process = findProcess(this.subject);
    return process !== null && process.startTime === this.startTime ? process : null;
  }

  override freed(): boolean {
    this.fileSystem.drop();
    return true;
  }

  override takesNames(): boolean {
    return false;
  }

  override checkAttributes(thread: Thread): i64 {
    return this.subject === 0 || this.process !== null ? 0 : -ENOENT;
  }
}

/** A directory of the system's part: the root, and those below /proc/sys. */
export class ProcSystemDirectory extends ProcInode {
  override lookup(thread: Thread, parent: Dentry, name: Name): Dentry | null {
    if (this.entry === SystemEntry.Root) {
      const number = name.number;
      if (number > 0) return lookupProcess(this.fileSystem, parent, name, number);
    }
    for (let row: u32 = 1; row < SYSTEM_NAMES.length; row++) {
      if (SYSTEM_PARENTS[row] === this.entry && name.is(SYSTEM_NAMES[row])) {
        return createDentry(parent, name, createSystemInode(this.fileSystem, row));
      }
    }
    return null;
  }

  override isEmptyDirectory(): boolean {
    return false;
  }

  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    return openListing(this, path, flags, made);
  }
}

function lookupProcess(fileSystem: FileSystem, parent: Dentry, name: Name, number: i64): Dentry | null {
  const process = findProcess(number as i32);
  if (process === null || process.life === Life.Gone) return null;
  return createDentry(parent, name, createProcessInode(fileSystem, ProcessEntry.Directory, process, 0));
}

export function createSystemInode(fileSystem: FileSystem, row: u32): ProcInode {
  const mode = SYSTEM_MODES[row];
  const kind = mode & 0xf000;
  if (kind === 0x4000) {
    const directory = new ProcSystemDirectory();
    directory.begin(fileSystem, row, mode, null);
    return directory;
  }
  if (kind === 0xa000) {
    const link = new ProcSystemLink();
    link.begin(fileSystem, row, mode, null);
    return link;
  }
  const text = new ProcText();
  text.begin(fileSystem, row, mode, null);
  return text;
}

/** self, thread-self and mounts: links whose target depends on who reads them. */
export class ProcSystemLink extends ProcInode {
  override readLink(thread: Thread, text: Text): i64 {
    if (this.entry === SystemEntry.Mounts) {
      text.putString('self/mounts');
      return 0;
    }
    text.putDecimal(thread.process.number as u64);
    if (this.entry === SystemEntry.ThreadSelf) {
      text.putString('/task/');
      text.putDecimal(thread.number as u64);
    }
    return 0;
  }
}

/** What shows where a process's memory is or what is in it: for those only who may look into the process (proc(5)). */
function isPrivate(entry: u32): boolean {
  return entry === ProcessEntry.Maps || entry === ProcessEntry.Environment || entry === ProcessEntry.Auxiliary;
}

/** A file with text, of the system or of a process. */
export class ProcText extends ProcInode {
  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    const process = this.process;
    if (this.subject !== 0 && process === null) return -ESRCH;
    if (process !== null && isPrivate(this.entry) && !mayLook(thread, process)) return -EACCES;
    if ((flags & O_ACCMODE) !== O_RDONLY && (this.mode & 128) === 0) return -EACCES;
    return openText(this, path, flags, made);
  }

  /** Truncation is what `>` asks for before it writes; there is nothing to cut. */
  override truncate(thread: Thread, size: u64): i64 {
    return 0;
  }
}

/** A link of a process: its program, its directories, its open files. */
export class ProcProcessLink extends ProcInode {
  override readLink(thread: Thread, text: Text): i64 {
    const process = this.process;
    return process === null ? -ENOENT : readProcessLink(thread, this, process, text);
  }

  override jumps(): boolean {
    return this.entry !== ProcessEntry.Executable;
  }

  override jump(thread: Thread, into: Path): i64 {
    const process = this.process;
    return process === null ? -ENOENT : jumpTo(thread, this, process, into);
  }
}

/** /proc/PID and the directories in it. */
export class ProcProcessDirectory extends ProcInode {
  override lookup(thread: Thread, parent: Dentry, name: Name): Dentry | null {
    const process = this.process;
    if (process === null) return null;
    switch (this.entry) {
      case ProcessEntry.Descriptors:
        return this.lookupDescriptor(process, parent, name, ProcessEntry.Descriptor);
      case ProcessEntry.DescriptorInformation:
        return this.lookupDescriptor(process, parent, name, ProcessEntry.DescriptorText);
      case ProcessEntry.Tasks:
        return this.lookupThread(process, parent, name);
      default:
        return this.lookupEntry(process, parent, name);
    }
  }

  private lookupEntry(process: Process, parent: Dentry, name: Name): Dentry | null {
    const last = this.entry === ProcessEntry.Task ? PROCESS_ENTRIES - 1 : PROCESS_ENTRIES;
    for (let row: u32 = 1; row < last; row++) {
      if (name.is(PROCESS_NAMES[row])) {
        return createDentry(parent, name, createProcessInode(this.fileSystem, row, process, 0));
      }
    }
    return null;
  }

  private lookupDescriptor(process: Process, parent: Dentry, name: Name, entry: u32): Dentry | null {
    const number = name.number;
    if (number < 0 || process.life >= Life.Zombie || process.files.get(number as u64) === null) return null;
    return createDentry(parent, name, createProcessInode(this.fileSystem, entry, process, number as u32));
  }

  private lookupThread(process: Process, parent: Dentry, name: Name): Dentry | null {
    const number = name.number;
    const thread = number < 0 ? null : findThread(number as i32);
    if (thread === null || thread.process !== process) return null;
    return createDentry(parent, name, createProcessInode(this.fileSystem, ProcessEntry.Task, process, number as u32));
  }

  override isEmptyDirectory(): boolean {
    return false;
  }

  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    return this.process === null ? -ENOENT : openListing(this, path, flags, made);
  }
}

function createProcessInode(fileSystem: FileSystem, row: u32, process: Process, descriptor: u32): ProcInode {
  const mode = PROCESS_MODES[row];
  const kind = mode & 0xf000;
  let made: ProcInode;
  if (kind === 0x4000) made = new ProcProcessDirectory();
  else if (kind === 0xa000) made = new ProcProcessLink();
  else made = new ProcText();
  made.begin(fileSystem, row, row === ProcessEntry.Descriptor ? descriptorMode(process, descriptor) : mode, process);
  made.descriptor = descriptor;
  made.number += (descriptor as u64) << 5;
  return made;
}

/** The owner bits of /proc/PID/fd/N say how the file was opened (proc(5)): r-x, -wx or rwx. */
function descriptorMode(process: Process, descriptor: u32): u32 {
  const file = process.files.get(descriptor);
  let mode: u32 = 0xa000 | 64;
  if (file !== null && file.readable) mode |= 256;
  if (file !== null && file.writable) mode |= 128;
  return mode;
}
