/**
 * Finding what execve runs: the program, the interpreters of scripts, the interpreter an ELF file names; and whether
 * the caller may run it (execve(2), ERRORS).
 */
import { EACCES, EIO, ELOOP, ETXTBSY } from '../linux/errno';
import { MAY_EXECUTE } from '../linux/file-constants';
import { measureString } from '../memory/copy';
import type { File } from '../vfs/file';
import { Made } from '../vfs/made';
import { checkPermission } from '../vfs/permission';
import { mountOf, placeOf, WALK_NO_FOLLOW, walk, walkText } from '../vfs/walk';
import type { Thread } from './thread';

const PATH_LIMIT: u64 = 4096;
const made: Made = reserve();

/** The file that the last successful `openProgram` opened: one reference, the caller's to take. */
export function takeOpened(): File | null {
  const file = made.file;
  made.file = null;
  return file;
}

/**
 * Opens a program by a NUL-terminated path in server memory, seen from `directory`. 0, or a negated errno. `flags` are
 * the walk's.
 */
export function openProgram(thread: Thread, directory: i64, path: u64, flags: u32): i64 {
  const length = measureString(null, path, PATH_LIMIT);
  const error = walkText(thread, directory, path, length as u64, flags);
  if (error !== 0) return error;
  const inode = placeOf(walk.here).inode;
  if (inode.isSymlink && (flags & WALK_NO_FOLLOW) !== 0) return -ELOOP;
  if (!inode.isRegular || mountOf(walk.here).isNoExec) return -EACCES;
  const denied = checkPermission(thread.process, inode, MAY_EXECUTE);
  if (denied !== 0) return denied;
  if (!inode.isMappable()) return -EACCES;
  if (inode.writers > 0) return -ETXTBSY;
  const opened = inode.open(thread, walk.here, 0, made);
  if (opened !== 0) return opened;
  return made.file === null ? -EIO : 0;
}
