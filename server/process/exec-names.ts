/** By what names a program is known once it runs: the thread's name, /proc/PID/exe and the executable itself. */
import { byteAt, copyMemory } from '../../lib/arch/x86_64/bytes';
import type { AddressSpace } from '../memory/address-space';
import { reachForRead } from '../memory/copy';
import { allocate, release } from '../memory/heap';
import type { File } from '../vfs/file';
import { writePathOf } from '../vfs/path-text';
import { Text } from '../vfs/text';
import type { Thread } from './thread';

const SLASH = 47;
/** TASK_COMM_LEN. */
const NAME_BYTES: u64 = 16;
const PATH_BYTES: u64 = 4096;
const text: Text = reserve();
const bytes: Fixed<u8, 4096> = reserve();

/** Takes over `file` as the executable of `thread`'s process; the path it was run by is on the new stack. */
export function describeProgram(thread: Thread, space: AddressSpace, file: File): void {
  const process = thread.process;
  const previous = process.executable;
  file.inode.beginExecution();
  process.executable = file.inode;
  if (previous !== null) previous.endExecution();
  nameThread(thread, space);
  const dentry = file.dentry;
  const mount = file.mount;
  if (process.executablePath !== 0) release(process.executablePath);
  process.executablePath = 0;
  process.executablePathLength = 0;
  if (dentry === null || mount === null) return;
  text.begin(addressOf(bytes), PATH_BYTES);
  writePathOf(text, mount, dentry, thread.fileSystem.root);
  process.executablePath = allocate(text.length + 1);
  process.executablePathLength = text.length;
  copyMemory(process.executablePath, addressOf(bytes), text.length);
}

/** The part of the path behind the last slash, cut to 15 characters (prctl(2), PR_SET_NAME). */
function nameThread(thread: Thread, space: AddressSpace): void {
  let at = space.pathAddress;
  let start = at;
  let byte = byteOf(space, at);
  while (byte !== 0) {
    at++;
    if (byte === SLASH) start = at;
    byte = byteOf(space, at);
  }
  let ended = false;
  for (let index: u64 = 0; index < NAME_BYTES; index++) {
    if (!ended && index < NAME_BYTES - 1) byte = byteOf(space, start + index);
    else byte = 0;
    if (byte === 0) ended = true;
    thread.name[index] = byte;
  }
}

function byteOf(space: AddressSpace, address: u64): u64 {
  const there = reachForRead(space, address);
  return there === 0 ? 0 : byteAt(there);
}
