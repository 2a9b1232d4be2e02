/** execve(2) and execveat(2). */
import { copyInString } from '../memory/copy';
import { type ExecRequest, execute, request } from '../process/exec';
import type { Thread } from '../process/thread';
import { WALK_EMPTY, WALK_NO_FOLLOW } from '../vfs/walk';
import { EINVAL, ENOENT } from './errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, PATH_MAX } from './file-constants';
import { directoryOf } from './open';

const path: Fixed<u8, 4096> = reserve();

function run(thread: Thread, directory: i64, address: u64, flags: u32, vectors: ExecRequest): i64 {
  const length = copyInString(thread.space, addressOf(path), address, PATH_MAX);
  if (length < 0) return length;
  if (length === 0 && (flags & WALK_EMPTY) === 0) return -ENOENT;
  vectors.source = thread.space;
  vectors.directory = directory;
  vectors.flags = flags;
  vectors.path = addressOf(path);
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
