/** Event counters as files (eventfd(2)). */
import { EAGAIN, EFAULT, EINVAL, ERESTARTSYS } from '../linux/errno';
import { O_RDWR, POLL_READABLE, POLL_WRITABLE, POLLERR, POLLIN, POLLOUT } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import type { Thread } from '../process/thread';
import { block, enlist, WaitQueue, wakeAll } from '../wait/wait-queue';
import { sharedAnonymousInode } from './anonymous';
import { forgetWatches } from './epoll';
import { File } from './file';
import type { Text } from './text';

const LARGEST: u64 = 0xffff_ffff_ffff_fffe;

class EventValue {
  value!: u64;
}

const transfer: EventValue = reserve();

export class EventFile extends File {
  count!: u64;
  isSemaphore!: boolean;
  /** Who waits until it has grown, so that there is something to read, or has shrunk. */
  grown!: Inline<WaitQueue>;
  shrunk!: Inline<WaitQueue>;

  override isStream(): boolean {
    return true;
  }

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (buffer.length < 8) return -EINVAL;
    if (this.count === 0) {
      if (this.isNonBlocking) return -EAGAIN;
      if (thread.hasSignal()) return -ERESTARTSYS;
      return block(thread, this.grown);
    }
    const taken: u64 = this.isSemaphore ? 1 : this.count;
    transfer.value = taken;
    this.count -= taken;
    wakeAll(this.shrunk);
    return buffer.put(addressOf(transfer), 8) === 8 ? 8 : -EFAULT;
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (buffer.length < 8) return -EINVAL;
    const address = buffer.address;
    const length = buffer.length;
    if (buffer.take(addressOf(transfer), 8) !== 8) return -EFAULT;
    const added: u64 = transfer.value;
    if (added > LARGEST) return -EINVAL;
    if (LARGEST - this.count < added) {
      buffer.address = address;
      buffer.length = length;
      if (this.isNonBlocking) return -EAGAIN;
      if (thread.hasSignal()) return -ERESTARTSYS;
      return block(thread, this.shrunk);
    }
    this.count += added;
    wakeAll(this.grown);
    return 8;
  }

  override poll(thread: Thread, events: u32, register: boolean): u32 {
    if (register && (events & POLL_READABLE) !== 0) enlist(thread, this.grown);
    if (register && (events & POLL_WRITABLE) !== 0) enlist(thread, this.shrunk);
    let ready: u32 = 0;
    if (this.count !== 0) ready = (ready | POLLIN) as u32;
    if (this.count < LARGEST) ready = (ready | POLLOUT) as u32;
    if (this.count > LARGEST) ready = (ready | POLLERR) as u32;
    return ready;
  }

  override dismantle(): boolean {
    if (!forgetWatches(this)) return false;
    wakeAll(this.grown);
    wakeAll(this.shrunk);
    return this.grown.isEmpty && this.shrunk.isEmpty;
  }

  override describe(text: Text): void {
    text.putString('anon_inode:[eventfd]');
  }

  override describeMore(text: Text): void {
    text.putString('eventfd-count: ');
    text.putHex(this.count, 16);
    text.newline();
  }
}

export function createEventFile(count: u64, isSemaphore: boolean, flags: u32): EventFile {
  const file = new EventFile();
  file.begin(sharedAnonymousInode(), (flags | O_RDWR) as u32);
  file.count = count;
  file.isSemaphore = isSemaphore;
  return file;
}
