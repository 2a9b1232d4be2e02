/**
 * Open text files of /proc. The text is written when a read begins at offset 0 and kept for the reads that follow, so
 * one pass over the file sees one state; it lies in the heap, in as much room as it turned out to need.
 */
import { EFAULT, EINVAL, ESRCH } from '../../linux/errno';
import type { Buffer } from '../../memory/buffer';
import { allocate, release } from '../../memory/heap';
import type { Thread } from '../../process/thread';
import { File } from '../file';
import type { Made } from '../made';
import type { Path } from '../path';
import { seekWithin } from '../regular-file';
import { Text } from '../text';
import type { ProcInode } from './inode';
import { writeProcessText } from './process-text';
import { changeProcText } from './settings';
import { writeSystemText } from './system-text';

const FIRST_ROOM: u64 = 2048;
/** A text that needs more is cut: 4 MB of maps, say, are of no use to anyone. */
const MOST_ROOM: u64 = 524288;
const INPUT_BYTES: u64 = 256;

const input: Fixed<u8, 256> = reserve();

export class ProcTextFile extends File {
  proc!: ProcInode;
  text!: Inline<Text>;
  isWritten!: boolean;

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const at: u64 = offset >= 0 ? (offset as u64) : this.offset;
    if (at === 0 || !this.isWritten) {
      const error = this.refill(thread);
      if (error !== 0) return error;
    }
    if (at >= this.text.length) return 0;
    let count: u64 = this.text.length - at;
    if (count > buffer.length) count = buffer.length;
    const moved: u64 = buffer.put(this.text.address + at, count);
    if (moved === 0 && count !== 0) return -EFAULT;
    if (offset < 0) this.offset += moved;
    return moved as i64;
  }

  /** Writes the text, with twice the room as long as it does not fit. */
  private refill(thread: Thread): i64 {
    const text = this.text;
    if (text.capacity === 0) text.begin(allocate(FIRST_ROOM), FIRST_ROOM);
    while (true) {
      text.begin(text.address, text.capacity);
      const error = this.compose(thread);
      if (error !== 0) return error;
      if (!text.isFull || text.capacity >= MOST_ROOM) break;
      const room: u64 = text.capacity << 1;
      release(text.address);
      text.begin(allocate(room), room);
    }
    this.isWritten = true;
    return 0;
  }

  private compose(thread: Thread): i64 {
    const inode = this.proc;
    if (inode.subject === 0) {
      writeSystemText(thread, inode.entry, this.text);
      return 0;
    }
    const process = inode.process;
    return process === null ? -ESRCH : writeProcessText(thread, process, inode, this.text);
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const count: u64 = buffer.length;
    if (count >= INPUT_BYTES) return -EINVAL;
    if (buffer.take(addressOf(input), count) !== count) return -EFAULT;
    const error = changeProcText(thread, this.proc, addressOf(input), count);
    if (error !== 0) return error;
    if (offset < 0) this.offset += count;
    return count as i64;
  }

  override seek(thread: Thread, offset: i64, whence: u32): i64 {
    return seekWithin(this, offset, whence);
  }

  override released(): void {
    if (this.text.capacity !== 0) release(this.text.address);
  }
}

export function openText(inode: ProcInode, path: Path, flags: u32, made: Made): i64 {
  const file = new ProcTextFile();
  file.begin(inode, flags);
  file.locate(path);
  file.proc = inode;
  made.file = file;
  return 0;
}
