/** Where the links of a process lead: exe, cwd, root, and fd/N (proc(5)). */
import { EACCES, ENOENT } from '../../linux/errno';
import { Life, type Process } from '../../process/process';
import type { Thread } from '../../process/thread';
import { placeAnonymous } from '../anonymous';
import type { File } from '../file';
import type { Path } from '../path';
import { writePath, writePathOf } from '../path-text';
import type { Text } from '../text';
import { ProcessEntry } from './entries';
import type { ProcInode } from './inode';

const CAP_SYS_PTRACE: u32 = 19;

/**
 * Whether `thread` may look into `process`, as far as reading goes (ptrace(2), "Ptrace access mode checking", with
 * PTRACE_MODE_READ_FSCREDS): its own, or one whose identities are all the caller's, that may be dumped and can do
 * nothing that the caller cannot; or any, by CAP_SYS_PTRACE.
 */
export function mayLook(thread: Thread, process: Process): boolean {
  const caller = thread.process;
  if (caller === process || caller.capabilities.has(CAP_SYS_PTRACE)) return true;
  const own = caller.credentials;
  const other = process.credentials;
  const user = own.fsuid;
  const group = own.fsgid;
  if (other.uid !== user || other.euid !== user || other.suid !== user) return false;
  if (other.gid !== group || other.egid !== group || other.sgid !== group) return false;
  return process.isDumpable && (process.capabilities.permitted & ~caller.capabilities.effective) === 0;
}

export function readProcessLink(thread: Thread, inode: ProcInode, process: Process, text: Text): i64 {
  if (process.life >= Life.Zombie) return -ENOENT;
  if (!mayLook(thread, process)) return -EACCES;
  const root: Path = thread.fileSystem.root;
  switch (inode.entry) {
    case ProcessEntry.Executable:
      if (process.executablePathLength === 0) return -ENOENT;
      text.putBytes(process.executablePath, process.executablePathLength);
      return 0;
    case ProcessEntry.WorkingDirectory:
      writePath(text, process.fileSystem.current, root);
      return 0;
    case ProcessEntry.RootDirectory:
      writePath(text, process.fileSystem.root, root);
      return 0;
    default: {
      const file = process.files.get(inode.descriptor);
      if (file === null) return -ENOENT;
      describeFile(text, file, root);
      return 0;
    }
  }
}

/** The path of an open file, or what stands for one. */
function describeFile(text: Text, file: File, root: Path): void {
  const dentry = file.dentry;
  const mount = file.mount;
  if (dentry === null) {
    file.describe(text);
    return;
  }
  if (mount === null) {
    text.putByte(47);
    text.putBytes(dentry.nameAddress, dentry.nameLength);
  } else {
    writePathOf(text, mount, dentry, root);
  }
  if (dentry.isDeleted) text.putString(' (deleted)');
}

export function jumpTo(thread: Thread, inode: ProcInode, process: Process, into: Path): i64 {
  if (process.life >= Life.Zombie) return -ENOENT;
  if (!mayLook(thread, process)) return -EACCES;
  if (inode.entry === ProcessEntry.WorkingDirectory) {
    into.copyFrom(process.fileSystem.current);
    return 0;
  }
  if (inode.entry === ProcessEntry.RootDirectory) {
    into.copyFrom(process.fileSystem.root);
    return 0;
  }
  const file = process.files.get(inode.descriptor);
  if (file === null) return -ENOENT;
  const dentry = file.dentry;
  const mount = file.mount;
  if (dentry !== null && mount !== null) into.set(mount, dentry);
  else placeAnonymous(file.inode, into);
  return 0;
}
