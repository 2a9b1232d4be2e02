/**
 * The devices that are nothing but rules about bytes: null, zero, full, random and urandom (null(4), full(4),
 * random(4)), with Linux's numbers (major 1).
 */
import { EFAULT, EINVAL, ENOSPC, ENOTTY } from '../../linux/errno';
import { S_IFCHR } from '../../linux/file-constants';
import type { Buffer } from '../../memory/buffer';
import type { Thread } from '../../process/thread';
import { fillRandom } from '../../time/random';
import { budget, spend } from '../../wait/budget';
import { AGAIN } from '../../wait/outcome';
import { Device, makeDevice, registerDevice } from '../device';
import { File } from '../file';
import type { Inode } from '../inode';
import type { Made } from '../made';

const MEMORY_MAJOR: u32 = 1;

export enum MemoryDeviceKind {
  Null,
  Zero,
  Full,
  Random,
}

const randomBlock: Fixed<u8, 256> = reserve();
/** What making so many bytes takes off the budget. */
const BLOCK_COST: i64 = 350;

class MemoryDeviceFile extends File {
  kind!: MemoryDeviceKind;

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (this.kind === MemoryDeviceKind.Null) return 0;
    if (this.kind === MemoryDeviceKind.Random) return readRandom(buffer);
    const wanted: u64 = buffer.length;
    const moved: u64 = buffer.fill(0, wanted);
    return moved === 0 && wanted !== 0 ? -EFAULT : (moved as i64);
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (this.kind === MemoryDeviceKind.Full) return -ENOSPC;
    return buffer.length as i64;
  }

  override seek(thread: Thread, offset: i64, whence: u32): i64 {
    this.offset = 0;
    return 0;
  }

  override canPoll(): boolean {
    return this.kind === MemoryDeviceKind.Random;
  }

  override ioctl(thread: Thread, request: u32, argument: u64): i64 {
    return this.kind === MemoryDeviceKind.Random ? -EINVAL : -ENOTTY;
  }
}

/** Making random bytes costs far more than copying them, so it is done as far as the budget goes, and then AGAIN. */
function readRandom(buffer: Buffer): i64 {
  let total: u64 = 0;
  while (buffer.length !== 0) {
    if (budget <= 0) return total === 0 ? AGAIN : (total as i64);
    spend(BLOCK_COST);
    const count: u64 = buffer.length < 256 ? buffer.length : 256;
    fillRandom(addressOf(randomBlock), count);
    const moved: u64 = buffer.put(addressOf(randomBlock), count);
    total += moved;
    if (moved !== count) break;
  }
  return total === 0 && buffer.length !== 0 ? -EFAULT : (total as i64);
}

class MemoryDevice extends Device {
  kind!: MemoryDeviceKind;

  override open(thread: Thread, inode: Inode, flags: u32, made: Made): i64 {
    const file = new MemoryDeviceFile();
    file.begin(inode, flags);
    file.kind = this.kind;
    made.file = file;
    return 0;
  }
}

function add(name: string, minor: u32, kind: MemoryDeviceKind): void {
  const device = new MemoryDevice();
  device.number = makeDevice(MEMORY_MAJOR, minor);
  device.mode = (S_IFCHR | 438) as u32;
  device.name = name;
  device.kind = kind;
  registerDevice(device);
}

export function registerMemoryDevices(): void {
  add('null', 3, MemoryDeviceKind.Null);
  add('zero', 5, MemoryDeviceKind.Zero);
  add('full', 7, MemoryDeviceKind.Full);
  add('random', 8, MemoryDeviceKind.Random);
  add('urandom', 9, MemoryDeviceKind.Random);
}
