/**
 * Packs directory entries for getdents(2) and getdents64(2) into a client's buffer, each entry whole or not at all.
 */
import { copyMemory, setByteAt, setWord16At, setWord64At } from '../../lib/arch/x86_64/bytes';
import { EFAULT, EINVAL } from '../linux/errno';
import type { Buffer } from '../memory/buffer';
import type { Dentry } from './dentry';
import type { Inode } from './inode';
import { type Name, nameOf } from './name';

const record: Fixed<u8, 320> = reserve();

export class DirectoryWriter {
  buffer!: Buffer;
  /** Bytes written so far. */
  length!: u64;
  /** 0, or what went wrong while nothing had been written: -EINVAL (too small) or -EFAULT. */
  error!: i64;
  /** The older layout, with the type in the record's last byte. */
  isOld!: boolean;

  begin(buffer: Buffer, isOld: boolean): void {
    this.buffer = buffer;
    this.length = 0;
    this.error = 0;
    this.isOld = isOld;
  }

  /** Writes one entry; `next` is the offset to go on from after it. False: there was no room, so stop. */
  put(name: u64, nameLength: u64, number: u64, type: u32, next: u64): boolean {
    const nameOffset: u64 = this.isOld ? 18 : 19;
    const bare: u64 = nameOffset + nameLength + 1 + (this.isOld ? 1 : 0);
    const size: u64 = (bare + 7) & ~7;
    if (size > this.buffer.length) {
      if (this.length === 0) this.error = -EINVAL;
      return false;
    }
    const at = addressOf(record);
    setWord64At(at + size - 8, 0);
    setWord64At(at, number);
    setWord64At(at + 8, next);
    setWord16At(at + 16, size);
    copyMemory(at + nameOffset, name, nameLength);
    setByteAt(at + nameOffset + nameLength, 0);
    if (this.isOld) setByteAt(at + size - 1, type);
    else setByteAt(at + 18, type);
    if (this.buffer.put(at, size) !== size) {
      if (this.length === 0) this.error = -EFAULT;
      return false;
    }
    this.length += size;
    return true;
  }

  putInode(name: Name, inode: Inode, next: u64): boolean {
    return this.put(name.address, name.length, inode.number, inode.mode >> 12, next);
  }

  putDentry(dentry: Dentry, next: u64): boolean {
    return this.put(dentry.nameAddress, dentry.nameLength, dentry.inode.number, dentry.inode.mode >> 12, next);
  }

  /** The entries `.` and `..` of the directory `dentry`, at offsets 0 and 1; the first real entry follows offset 2. */
  putDots(dentry: Dentry, offset: u64): boolean {
    if (offset === 0 && !this.putInode(nameOf('.'), dentry.inode, 1)) return false;
    const parent = dentry.parent;
    if (offset <= 1 && !this.putInode(nameOf('..'), parent === null ? dentry.inode : parent.inode, 2)) return false;
    return true;
  }

  /** What getdents returns. */
  get result(): i64 {
    return this.length !== 0 ? (this.length as i64) : this.error;
  }
}
