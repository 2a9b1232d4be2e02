/**
 * Open text files of /proc. A text is written piece by piece as it is read on, each piece from where the one before
 * stopped (`cursor`); most have one piece, written when a read begins at offset 0, so one pass over the file sees one
 * state. A list of mappings or mounts has many, and no read holds the server for all of them.
 */
import { EFAULT, EINVAL, ESRCH } from '../../linux/errno';
import type { Buffer } from '../../memory/buffer';
import { allocate, release } from '../../memory/heap';
import { Life } from '../../process/process';
import type { Thread } from '../../process/thread';
import { budget, spend } from '../../wait/budget';
import { AGAIN } from '../../wait/outcome';
import { File } from '../file';
import type { Made } from '../made';
import type { Path } from '../path';
import { seekWithin } from '../regular-file';
import { Text } from '../text';
import type { ProcInode } from './inode';
import { CURSOR_END, isList, writeListPiece } from './lists';
import { writeProcessText } from './process-text';
import { changeProcText } from './settings';
import { writeSystemText } from './system-text';

/** A piece fits in one page, so that memory for it can always be found. */
const ROOM: u64 = 4096;
/** How many pieces one slice of a read may pass over to get to its offset. */
const SLICE_PIECES: u32 = 2;
/** What a piece takes of a turn's budget, about. */
const PIECE_COST: i64 = 500;
/** `thread.call.stage` of a read that has passed over pieces and goes on. */
const GOING_ON: u64 = 1;
const INPUT_BYTES: u64 = 256;

const input: Fixed<u8, 256> = reserve();

export class ProcTextFile extends File {
  proc!: ProcInode;
  text!: Inline<Text>;
  isWritten!: boolean;
  /** The offset of the piece in `text`, and where the next one begins; CURSOR_END: it was the last. */
  start!: u64;
  cursor!: u64;

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const at: u64 = offset >= 0 ? (offset as u64) : this.offset;
    // A text begins anew where its reader does; but not when that one only goes on after a slice.
    const goesOn = thread.call.stage === GOING_ON;
    if ((at === 0 && !goesOn) || !this.isWritten || at < this.start) {
      this.start = 0;
      this.cursor = 0;
      const error = this.writePiece(thread);
      if (error !== 0) return error;
    }
    let left = SLICE_PIECES;
    while (at >= this.start + this.text.length) {
      if (this.cursor === CURSOR_END) return 0;
      if (left === 0 || budget <= 0) {
        thread.call.stage = GOING_ON;
        return AGAIN;
      }
      left = (left - 1) as u32;
      this.start += this.text.length;
      const error = this.writePiece(thread);
      if (error !== 0) return error;
    }
    const within: u64 = at - this.start;
    let count: u64 = this.text.length - within;
    if (count > buffer.length) count = buffer.length;
    const moved: u64 = buffer.put(this.text.address + within, count);
    if (moved === 0 && count !== 0) return -EFAULT;
    if (offset < 0) this.offset += moved;
    return moved as i64;
  }

  /** Writes the piece at the cursor. */
  private writePiece(thread: Thread): i64 {
    const text = this.text;
    text.begin(text.capacity === 0 ? allocate(ROOM) : text.address, ROOM);
    this.isWritten = true;
    spend(PIECE_COST);
    return this.compose(thread);
  }

  private compose(thread: Thread): i64 {
    const inode = this.proc;
    if (inode.subject === 0) {
      this.cursor = CURSOR_END;
      writeSystemText(thread, inode.entry, this.text);
      return 0;
    }
    const process = inode.process;
    if (process === null) return -ESRCH;
    if (!isList(inode.entry)) {
      this.cursor = CURSOR_END;
      return writeProcessText(thread, process, inode, this.text);
    }
    this.cursor =
      process.life < Life.Zombie ? writeListPiece(process, inode.entry, this.cursor, this.text) : CURSOR_END;
    return 0;
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

  override canPoll(): boolean {
    return false;
  }

  override seek(thread: Thread, offset: i64, whence: u32): i64 {
    return seekWithin(thread, this, offset, whence);
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
