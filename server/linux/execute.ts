/** execve(2) and execveat(2). */
import { byteAt } from '../../lib/arch/x86_64/bytes';
import { copyInString } from '../memory/copy';
import { type ExecRequest, execute, request } from '../process/exec';
import type { Thread } from '../process/thread';
import { Text } from '../vfs/text';
import { WALK_EMPTY, WALK_NO_FOLLOW } from '../vfs/walk';
import { EINVAL, ENOENT } from './errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, PATH_MAX } from './file-constants';
import { directoryOf } from './open';

const SLASH = 47;
const path: Fixed<u8, 4096> = reserve();
/** Room for a path and what is put before it. */
const NAME_BYTES: u64 = 4160;
const nameBytes: Fixed<u8, 4160> = reserve();
const name: Text = reserve();

/** What a program is called that is found by way of a descriptor: /dev/fd/N and the path behind it (fs/exec.c). */
function nameByDescriptor(descriptor: u64, vectors: ExecRequest): void {
  name.begin(addressOf(nameBytes), NAME_BYTES);
  name.putString('/dev/fd/');
  name.putDecimal(descriptor);
  if (byteAt(vectors.path) !== 0) name.putString('/');
  let at = vectors.path;
  while (byteAt(at) !== 0) at++;
  // With the NUL.
  name.putBytes(vectors.path, at - vectors.path + 1);
  vectors.name = addressOf(nameBytes);
}

function run(thread: Thread, directory: i64, address: u64, flags: u32, vectors: ExecRequest): i64 {
  const length = copyInString(thread.space, addressOf(path), address, PATH_MAX);
  if (length < 0) return length;
  if (length === 0 && (flags & WALK_EMPTY) === 0) return -ENOENT;
  vectors.source = thread.space;
  vectors.directory = directory;
  vectors.flags = flags;
  vectors.path = addressOf(path);
  vectors.name = vectors.path;
  if (directory >= 0 && byteAt(vectors.path) !== SLASH) nameByDescriptor(directory as u64, vectors);
  return execute(thread, vectors);
}

export function sysExecve(thread: Thread): i64 {
  const frame = thread.frame;
  request.arguments = frame.rsi;
  request.environment = frame.rdx;
  return run(thread, AT_FDCWD, frame.rdi, 0, request);
}

export function sysExecveat(thread: Thread): i64 {
  const frame = thread.frame;
  const given = frame.r8;
  if ((given & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return -EINVAL;
  let flags: u32 = 0;
  if ((given & AT_EMPTY_PATH) !== 0) flags = (flags | WALK_EMPTY) as u32;
  if ((given & AT_SYMLINK_NOFOLLOW) !== 0) flags = (flags | WALK_NO_FOLLOW) as u32;
  request.arguments = frame.rdx;
  request.environment = frame.r10;
  return run(thread, directoryOf(frame.rdi), frame.rsi, flags, request);
}
