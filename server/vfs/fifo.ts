/**
 * FIFOs (fifo(7)): a pipe that is found by name. It exists while an end is open; opening one end waits for the other
 * unless the open is non-blocking or for both.
 */
import { ENXIO } from '../linux/errno';
import { O_NONBLOCK } from '../linux/file-constants';
import type { Thread } from '../process/thread';
import { BLOCKED } from '../wait/outcome';
import { wakeAll } from '../wait/wait-queue';
import { FileSystemKind } from './file-system';
import type { Inode } from './inode';
import type { Made } from './made';
import type { Path } from './path';
import { createPipe, PipeFile } from './pipe';

export function openFifo(thread: Thread, inode: Inode, path: Path, flags: u32, made: Made): i64 {
  const file = new PipeFile();
  file.begin(inode, flags);
  let pipe = inode.pipe;
  if (pipe === null) {
    pipe = createPipe();
    inode.pipe = pipe;
  }
  file.attach(pipe);
  file.locate(path);
  wakeAll(pipe.opened);
  // A pipe without a name, opened again through /proc/PID/fd, waits for nobody (fs/pipe.c, fifo_open).
  if (inode.fileSystem.kind === FileSystemKind.Anonymous) {
    made.file = file;
    return 0;
  }
  const isNonBlocking = (flags & O_NONBLOCK) !== 0;
  if (file.isWriter && !file.isReader && isNonBlocking && pipe.readers === 0) {
    file.drop();
    return -ENXIO;
  }
  if (isNonBlocking || (file.isReader && file.isWriter)) {
    made.file = file;
    return 0;
  }
  const waiting = file.finishOpen(thread);
  if (waiting === BLOCKED) {
    thread.call.file = file;
    thread.call.isDirty = true;
    return BLOCKED;
  }
  if (waiting !== 0) {
    file.drop();
    return waiting;
  }
  made.file = file;
  return 0;
}
