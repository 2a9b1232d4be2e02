/**
 * The console: COM1 as /dev/console and /dev/ttyS0, and /dev/tty for each session's own terminal (Linux's major
 * numbers 5 and 4).
 */
import { ENXIO } from '../linux/errno';
import { O_NOCTTY, S_IFCHR } from '../linux/file-constants';
import type { Thread } from '../process/thread';
import { Device, makeDevice, registerDevice } from '../vfs/device';
import type { Inode } from '../vfs/inode';
import type { Made } from '../vfs/made';
import { attachOnOpen } from './job-control';
import { LineService } from './line-service';
import { Tty } from './tty';
import { TtyFile } from './tty-file';
import { Uart } from './uart';

const COM1: u64 = 0x3f8;
const COM1_LINE: u64 = 4;
const TTYAUX_MAJOR: u32 = 5;
const TTY_MAJOR: u32 = 4;
const FIRST_SERIAL_MINOR: u32 = 64;

const uart: Uart = reserve();
export const console: Tty = reserve();

function openTty(inode: Inode, flags: u32, tty: Tty, made: Made): i64 {
  const file = new TtyFile();
  file.begin(inode, flags);
  file.tty = tty;
  made.file = file;
  return 0;
}

/** /dev/ttyS0: may become the opener's controlling terminal. */
class SerialDevice extends Device {
  override open(thread: Thread, inode: Inode, flags: u32, made: Made): i64 {
    if ((flags & O_NOCTTY) === 0) attachOnOpen(thread.process, console);
    return openTty(inode, flags, console, made);
  }
}

/** /dev/console: never becomes a controlling terminal by being opened (as in Linux). */
class ConsoleDevice extends Device {
  override open(thread: Thread, inode: Inode, flags: u32, made: Made): i64 {
    return openTty(inode, flags, console, made);
  }
}

/** /dev/tty: the controlling terminal of whoever opens it. */
class OwnTerminalDevice extends Device {
  override open(thread: Thread, inode: Inode, flags: u32, made: Made): i64 {
    const terminal = thread.process.group.session.terminal;
    return terminal === null ? -ENXIO : openTty(inode, flags, terminal, made);
  }
}

function add(device: Device, name: string, major: u32, minor: u32, mode: u32): void {
  device.number = makeDevice(major, minor);
  device.mode = (S_IFCHR | mode) as u32;
  device.name = name;
  registerDevice(device);
}

/** Starts COM1, whose interrupts signal `badge`, and registers the devices. */
export function startConsole(badge: u64): void {
  const line = new ConsoleService();
  line.uart = uart;
  service = line;
  uart.start(COM1, COM1_LINE, badge);
  console.start(uart);
  add(new ConsoleDevice(), 'console', TTYAUX_MAJOR, 1, 384);
  add(new OwnTerminalDevice(), 'tty', TTYAUX_MAJOR, 0, 438);
  add(new SerialDevice(), 'ttyS0', TTY_MAJOR, FIRST_SERIAL_MINOR, 384);
}

const FLUSH_NANOSECONDS: u64 = 10_000_000_000;

/** Sends what is still queued, before the power goes, unless the other end has stopped taking it. */
export function flushConsole(): void {
  uart.flush(FLUSH_NANOSECONDS);
}

class ConsoleService extends LineService {
  override isFull(): boolean {
    return console.isNearlyFull && console.isReadable;
  }

  override take(byte: u64): void {
    console.input(byte);
  }

  override taken(): void {}
}

let service: ConsoleService | null = null;

/** COM1 has something to say: input, or room for output. */
export function consoleInterrupt(): void {
  const line = service;
  if (line !== null) line.interrupted();
}
