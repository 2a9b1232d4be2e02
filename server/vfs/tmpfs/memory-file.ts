/** Files that memfd_create(2) makes: contents in memory under a name that no directory has. */
import { addressOfString, copyMemory } from '../../../lib/arch/x86_64/bytes';
import { S_IALLUGO } from '../../linux/file-constants';
import type { Thread } from '../../process/thread';
import { createDentry } from '../dentry';
import type { Made } from '../made';
import { Name } from '../name';
import { RegularFile } from '../regular-file';
import { createAnonymousFile } from './file-system';

const PREFIX: string = 'memfd:';
const fullBytes: Fixed<u8, 264> = reserve();
const fullName: Name = reserve();

/** Leaves in `made.file` an open file that /proc shows as "/memfd:NAME (deleted)". */
export function openMemoryFile(thread: Thread, name: u64, length: u64, flags: u32, made: Made): void {
  const prefixLength: u64 = PREFIX.length as u64;
  copyMemory(addressOf(fullBytes), addressOfString(PREFIX), prefixLength);
  copyMemory(addressOf(fullBytes) + prefixLength, name, length);
  fullName.set(addressOf(fullBytes), prefixLength + length);
  const inode = createAnonymousFile(0);
  inode.mode = ((inode.mode & ~S_IALLUGO) | 511) as u32;
  inode.uid = thread.credentials.fsuid;
  inode.gid = thread.credentials.fsgid;
  const file = new RegularFile();
  file.begin(inode, flags);
  file.dentry = createDentry(null, fullName, inode);
  file.dentry.isDeleted = true;
  made.file = file;
}
