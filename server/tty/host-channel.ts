/**
 * The host channel: COM2 as framed streams between a program here and the one that started the machine
 * (`kairo.host=com2`). A frame is `type u8, length u16 little-endian, payload`.
 *
 * From the host: `i` bytes of standard input, `e` its end, `w` the window's rows and columns (u16 each). To the host:
 * `h` once, when we listen (what comes earlier may be lost with the line's set-up), `o` and `r` standard output and
 * error, `x` the exit status (one byte). What arrives is not trusted: an unknown type
 * is skipped by its length.
 */
import { EAGAIN, EFAULT, EINVAL, ERESTARTSYS } from '../linux/errno';
import { POLL_READABLE, POLL_WRITABLE, S_IFCHR } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import type { Thread } from '../process/thread';
import { Device, makeDevice, registerDevice } from '../vfs/device';
import { File } from '../vfs/file';
import type { Inode } from '../vfs/inode';
import type { Made } from '../vfs/made';
import type { Text } from '../vfs/text';
import { block, enlist, WaitQueue, wakeAll } from '../wait/wait-queue';
import { console } from './console';
import { LineService } from './line-service';
import { setWindow } from './tty-file';
import { Uart } from './uart';

const COM2: u64 = 0x2f8;
const COM2_LINE: u64 = 3;
/** Linux leaves majors 240 to 254 to local use. */
const HOST_MAJOR: u32 = 240;
const INPUT_BYTES: u64 = 16384;
const PAYLOAD_LIMIT: u64 = 1024;
const HEADER_BYTES: u64 = 3;

const TYPE_INPUT: u64 = 0x69;
const TYPE_END: u64 = 0x65;
const TYPE_WINDOW: u64 = 0x77;
const TYPE_READY: u64 = 0x68;
const TYPE_OUTPUT: u64 = 0x6f;
const TYPE_ERROR: u64 = 0x72;
const TYPE_EXIT: u64 = 0x78;

const uart: Uart = reserve();
const input: Fixed<u8, 16384> = reserve();
const chunk: Fixed<u8, 1024> = reserve();
const readers: WaitQueue = reserve();
let inputHead: u64 = 0;
let inputTail: u64 = 0;
let isEnded = false;

/** The frame being received: its header's bytes so far, then what is left of its payload. */
let headerBytes: u64 = 0;
let frameType: u64 = 0;
let frameLengthLow: u64 = 0;
let frameLeft: u64 = 0;
const windowBytes: Fixed<u8, 4> = reserve();
let windowCount: u64 = 0;

class HostFile extends File {
  /** The type of the frames that a write makes; TYPE_INPUT for the reading end. */
  type!: u64;

  override isStream(): boolean {
    return true;
  }

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (this.type !== TYPE_INPUT) return -EINVAL;
    if (inputHead === inputTail) {
      if (isEnded || buffer.length === 0) return 0;
      if (this.isNonBlocking) return -EAGAIN;
      if (thread.hasSignal()) return -ERESTARTSYS;
      return block(thread, readers);
    }
    let total: u64 = 0;
    while (buffer.length !== 0 && inputHead !== inputTail) {
      const at = inputHead % INPUT_BYTES;
      let count: u64 = inputTail - inputHead;
      if (count > INPUT_BYTES - at) count = INPUT_BYTES - at;
      if (count > buffer.length) count = buffer.length;
      const moved = buffer.put(addressOf(input) + at, count);
      inputHead += moved;
      total += moved;
      if (moved !== count) break;
    }
    if (uart.isPaused) uart.resumeInput();
    return total === 0 ? -EFAULT : (total as i64);
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    if (this.type === TYPE_INPUT) return -EINVAL;
    if (this.type === TYPE_EXIT) return sendStatus(buffer);
    let total: u64 = 0;
    while (buffer.length !== 0 && uart.room > HEADER_BYTES + 64) {
      let wanted: u64 = buffer.length < PAYLOAD_LIMIT ? buffer.length : PAYLOAD_LIMIT;
      if (wanted > uart.room - HEADER_BYTES) wanted = uart.room - HEADER_BYTES;
      const count = buffer.take(addressOf(chunk), wanted);
      if (count !== 0) sendFrame(this.type, count);
      total += count;
      if (count !== wanted) return total === 0 ? -EFAULT : (total as i64);
    }
    if (total !== 0 || buffer.length === 0) return total as i64;
    if (this.isNonBlocking) return -EAGAIN;
    if (thread.hasSignal()) return -ERESTARTSYS;
    return block(thread, uart.writers);
  }

  override poll(thread: Thread, events: u32, register: boolean): u32 {
    let ready: u32 = 0;
    if (this.type === TYPE_INPUT) {
      if (inputHead !== inputTail || isEnded) ready = POLL_READABLE;
      if (register) enlist(thread, readers);
    } else {
      if (uart.room > HEADER_BYTES + 64) ready = POLL_WRITABLE;
      if (register) enlist(thread, uart.writers);
    }
    return ready & events;
  }

  override describe(text: Text): void {
    text.putString('/dev/host');
  }
}

/** Queues a frame with the first `count` bytes of `chunk`; there is room. */
function sendFrame(type: u64, count: u64): void {
  uart.queue(type);
  uart.queue(count & 255);
  uart.queue(count >> 8);
  for (let index: u64 = 0; index < count; index++) uart.queue(chunk[index as i64] as u64);
  uart.drain();
}

/** A decimal number is sent as the exit status. */
function sendStatus(buffer: Buffer): i64 {
  const length = buffer.length;
  const count = buffer.take(addressOf(chunk), 16);
  let status: u64 = 0;
  let digits: u64 = 0;
  while (digits < count && chunk[digits as i64] >= 48 && chunk[digits as i64] <= 57) {
    status = status * 10 + ((chunk[digits as i64] as u64) - 48);
    digits += 1;
  }
  if (digits === 0 || status > 255) return -EINVAL;
  chunk[0] = status as u8;
  sendFrame(TYPE_EXIT, 1);
  return length as i64;
}

class HostDevice extends Device {
  type!: u64;

  override open(thread: Thread, inode: Inode, flags: u32, made: Made): i64 {
    const file = new HostFile();
    file.begin(inode, flags);
    file.type = this.type;
    made.file = file;
    return 0;
  }
}

function add(name: string, minor: u32, type: u64): void {
  const device = new HostDevice();
  device.number = makeDevice(HOST_MAJOR, minor);
  device.mode = (S_IFCHR | 384) as u32;
  device.name = name;
  device.type = type;
  registerDevice(device);
}

const FOREVER: u64 = 0xffff_ffff_ffff_ffff;

/** Starts COM2, whose interrupts signal `badge`, and registers /dev/host*. False if the machine has no COM2. */
export function startHostChannel(badge: u64): boolean {
  const line = new HostService();
  line.uart = uart;
  service = line;
  if (!uart.start(COM2, COM2_LINE, badge)) return false;
  add('hostin', 0, TYPE_INPUT);
  add('hostout', 1, TYPE_OUTPUT);
  add('hosterr', 2, TYPE_ERROR);
  add('hostexit', 3, TYPE_EXIT);
  sendFrame(TYPE_READY, 0);
  return true;
}

/** Sends what is still queued, before the power goes: however long the host takes, its reader gets every byte. */
export function flushHostChannel(): void {
  uart.flush(FOREVER);
}

function payload(byte: u64): void {
  if (frameType === TYPE_INPUT) {
    input[(inputTail % INPUT_BYTES) as i64] = byte as u8;
    inputTail += 1;
  } else if (frameType === TYPE_WINDOW && windowCount < 4) {
    windowBytes[windowCount as i64] = byte as u8;
    windowCount += 1;
    if (windowCount === 4) {
      const rows = windowBytes[0] | (windowBytes[1] << 8);
      setWindow(console, rows as u16, (windowBytes[2] | (windowBytes[3] << 8)) as u16);
    }
  }
}

function receiveByte(byte: u64): void {
  if (frameLeft !== 0) {
    payload(byte);
    frameLeft -= 1;
    return;
  }
  if (headerBytes === 0) frameType = byte;
  else if (headerBytes === 1) frameLengthLow = byte;
  headerBytes += 1;
  if (headerBytes < HEADER_BYTES) return;
  headerBytes = 0;
  windowCount = 0;
  frameLeft = frameLengthLow | (byte << 8);
  if (frameType === TYPE_END) isEnded = true;
}

/** Input waits in the line's FIFO, and beyond it at the host, while our buffer is full. */
class HostService extends LineService {
  override isFull(): boolean {
    return inputTail - inputHead > INPUT_BYTES - 16;
  }

  override take(byte: u64): void {
    receiveByte(byte);
  }

  override taken(): void {
    if (inputHead !== inputTail || isEnded) wakeAll(readers);
  }
}

let service: HostService | null = null;

/** COM2 has something to say. */
export function hostInterrupt(): void {
  const line = service;
  if (line !== null) line.interrupted();
}
