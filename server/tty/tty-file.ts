/**
 * An open terminal: reading lines or characters, writing, and the terminal ioctls (ioctl_tty(2), termios(3)).
 */
import { EAGAIN, EFAULT, EINVAL, ENOTTY, ERESTARTSYS } from '../linux/errno';
import { POLL_READABLE, POLL_WRITABLE } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import { copyIn, copyOut } from '../memory/copy';
import { readWord32, Word, writeWord32 } from '../memory/user-words';
import type { Thread } from '../process/thread';
import { sendToGroup } from '../signal/group';
import { SIGWINCH } from '../signal/numbers';
import { fromKernel } from '../signal/send';
import { monotonicNanoseconds } from '../time/clock';
import { armTimeout } from '../time/timer';
import { File } from '../vfs/file';
import type { Text } from '../vfs/text';
import { block, enlist } from '../wait/wait-queue';
import { checkChange, checkRead, checkWrite, giveUpTerminal, setControlling, setForeground } from './job-control';
import { ICANON, IXON, Termios, VMIN, VSTART, VSTOP, VTIME, WindowSize } from './termios';
import { HIDDEN, LINE_END, type Tty } from './tty';

const TCGETS: u32 = 0x5401;
const TCSETS: u32 = 0x5402;
const TCSETSW: u32 = 0x5403;
const TCSETSF: u32 = 0x5404;
const TCSBRK: u32 = 0x5409;
const TCXONC: u32 = 0x540a;
const TCFLSH: u32 = 0x540b;
const TIOCSCTTY: u32 = 0x540e;
const TIOCGPGRP: u32 = 0x540f;
const TIOCSPGRP: u32 = 0x5410;
const TIOCOUTQ: u32 = 0x5411;
const TIOCGWINSZ: u32 = 0x5413;
const TIOCSWINSZ: u32 = 0x5414;
const FIONREAD: u32 = 0x541b;
const TCOOFF: u64 = 0;
const TCOON: u64 = 1;
const TCION: u64 = 3;
const TIOCGETD: u32 = 0x5424;
/** The one line discipline there is. */
const N_TTY: u64 = 0;
const TIOCNOTTY: u32 = 0x5422;
const TCSBRKP: u32 = 0x5425;
const TIOCGSID: u32 = 0x5429;

const DECISECOND: u64 = 100000000;
const CHUNK: u64 = 256;
/** A writer of more comes again. */
const OUTPUT_AT_ONCE: u64 = 8192;

const chunk: Fixed<u8, 256> = reserve();
const settings: Termios = reserve();
const size: WindowSize = reserve();
const word: Word = reserve();

export class TtyFile extends File {
  tty!: Tty;

  override isStream(): boolean {
    return true;
  }

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const tty = this.tty;
    const refusal = checkRead(thread, tty);
    if (refusal !== 0) return refusal;
    if (buffer.length === 0) return 0;
    if (tty.isReadable && (tty.has(ICANON) || this.hasEnough(buffer.length) || thread.call.isExpired)) {
      return this.take(buffer);
    }
    if (!tty.has(ICANON) && tty.termios.characters[VMIN] === 0) {
      const isDone = tty.termios.characters[VTIME] === 0 || thread.call.isExpired;
      if (isDone) return tty.isReadable ? this.take(buffer) : 0;
    }
    if (this.isNonBlocking) return tty.isReadable ? this.take(buffer) : -EAGAIN;
    if (thread.hasSignal()) return -ERESTARTSYS;
    this.armReadTimer(thread);
    return block(thread, tty.readers);
  }

  /** Non-canonical: VMIN characters are there, or as many as were asked for. */
  private hasEnough(wanted: u64): boolean {
    const tty = this.tty;
    const there = tty.committed - tty.head;
    const minimum = tty.termios.characters[VMIN] as u64;
    return there >= wanted || there >= minimum;
  }

  /** VTIME: from the start of the read when VMIN is 0, else from the first character. */
  private armReadTimer(thread: Thread): void {
    const tty = this.tty;
    const tenths = tty.termios.characters[VTIME] as u64;
    if (tty.has(ICANON) || tenths === 0) return;
    if (tty.termios.characters[VMIN] !== 0 && !tty.isReadable) return;
    armTimeout(thread, monotonicNanoseconds() + tenths * DECISECOND);
  }

  /** Moves one line, or what is there, into `buffer`. */
  private take(buffer: Buffer): i64 {
    const tty = this.tty;
    const isCanonical = tty.has(ICANON);
    let total: u64 = 0;
    let isEnded = false;
    while (!isEnded && buffer.length !== 0 && tty.head !== tty.committed) {
      let count: u64 = 0;
      const limit: u64 = buffer.length < CHUNK ? buffer.length : CHUNK;
      let position = tty.head;
      while (!isEnded && count < limit && position !== tty.committed) {
        const character = tty.at(position);
        position += 1;
        if ((character & HIDDEN) === 0 || !isCanonical) {
          chunk[count as i64] = character as u8;
          count += 1;
        }
        if ((character & LINE_END) !== 0) {
          isEnded = isCanonical;
          tty.lines -= tty.lines === 0 ? 0 : 1;
        }
      }
      tty.head = position;
      const moved = buffer.put(addressOf(chunk), count);
      total += moved;
      if (moved !== count) return total === 0 ? -EFAULT : (total as i64);
    }
    if (tty.uart.isPaused) tty.uart.resumeInput();
    return total as i64;
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const tty = this.tty;
    const refusal = checkWrite(thread, tty);
    if (refusal !== 0) return refusal;
    let total: u64 = 0;
    while (buffer.length !== 0 && total < OUTPUT_AT_ONCE && !tty.holdsOutput) {
      const room = tty.uart.room / 2;
      if (room <= 32) {
        tty.uart.drain();
        if (tty.uart.room / 2 <= 32) break;
        continue;
      }
      let wanted: u64 = buffer.length < CHUNK ? buffer.length : CHUNK;
      if (wanted > room - 16) wanted = room - 16;
      const count = buffer.take(addressOf(chunk), wanted);
      for (let index: u64 = 0; index < count; index++) tty.put(chunk[index as i64] as u64);
      total += count;
      if (count !== wanted) {
        tty.uart.drain();
        return total === 0 ? -EFAULT : (total as i64);
      }
    }
    tty.uart.drain();
    if (total !== 0 || buffer.length === 0) return total as i64;
    if (this.isNonBlocking) return -EAGAIN;
    if (thread.hasSignal()) return -ERESTARTSYS;
    return block(thread, tty.uart.writers);
  }

  override poll(thread: Thread, events: u32, register: boolean): u32 {
    const tty = this.tty;
    let ready: u32 = 0;
    if (tty.isReadable) ready |= POLL_READABLE;
    const isWritable = tty.uart.room > 64 && !tty.holdsOutput;
    if (isWritable) ready |= POLL_WRITABLE;
    if (register) {
      enlist(thread, tty.readers);
      if (!isWritable) enlist(thread, tty.uart.writers);
    }
    return ready & events;
  }

  override ioctl(thread: Thread, request: u32, argument: u64): i64 {
    const tty = this.tty;
    const session = thread.process.group.session;
    switch (request) {
      case TCGETS:
        return copyOut(thread.space, argument, addressOf(tty.termios), 36) === 36 ? 0 : -EFAULT;
      case TCSETS:
      case TCSETSW:
      case TCSETSF:
        return this.change(thread, argument, request === TCSETSF);
      case TIOCGWINSZ:
        return copyOut(thread.space, argument, addressOf(tty.window), 8) === 8 ? 0 : -EFAULT;
      case TIOCSWINSZ:
        return this.resize(thread, argument);
      case TIOCSCTTY:
        return setControlling(thread, tty, argument === 1);
      case TIOCNOTTY:
        return giveUpTerminal(thread, tty);
      case TIOCGPGRP: {
        if (session.terminal !== tty) return -ENOTTY;
        const group = tty.foreground;
        return writeWord32(thread.space, argument, group === null ? 0 : (group.number as u64)) ? 0 : -EFAULT;
      }
      case TIOCSPGRP:
        if (!readWord32(thread.space, argument, word)) return -EFAULT;
        return setForeground(thread, tty, word.value as i32);
      case TIOCGSID: {
        if (session.terminal !== tty) return -ENOTTY;
        return writeWord32(thread.space, argument, session.number as u64) ? 0 : -EFAULT;
      }
      case FIONREAD:
        return writeWord32(thread.space, argument, tty.committed - tty.head) ? 0 : -EFAULT;
      case TIOCOUTQ:
        return writeWord32(thread.space, argument, tty.uart.tail - tty.uart.head) ? 0 : -EFAULT;
      case TCFLSH:
        if (argument > 2) return -EINVAL;
        if (argument !== 1) tty.flushInput();
        return 0;
      case TCSBRK:
      case TCSBRKP:
        return checkChange(thread, tty);
      case TCXONC:
        return this.control(thread, argument);
      case TIOCGETD:
        return writeWord32(thread.space, argument, N_TTY) ? 0 : -EFAULT;
      default:
        return -ENOTTY;
    }
  }

  /** tcflow(3): holds output or lets it go on, or asks the other side to. */
  private control(thread: Thread, action: u64): i64 {
    const tty = this.tty;
    const refusal = checkChange(thread, tty);
    if (refusal !== 0) return refusal;
    if (action > TCION) return -EINVAL;
    if (action === TCOOFF || action === TCOON) tty.holdByProgram(action === TCOOFF);
    else tty.put(tty.termios.characters[action === TCION ? VSTART : VSTOP] as u64);
    tty.uart.drain();
    return 0;
  }

  private change(thread: Thread, argument: u64, isFlushing: boolean): i64 {
    const tty = this.tty;
    const refusal = checkChange(thread, tty);
    if (refusal !== 0) return refusal;
    if (copyIn(thread.space, addressOf(settings), argument, 36) !== 36) return -EFAULT;
    const wasCanonical = tty.has(ICANON);
    if (isFlushing) tty.flushInput();
    const own = tty.termios;
    own.input = settings.input;
    own.output = settings.output;
    own.control = settings.control;
    own.local = settings.local;
    own.line = settings.line;
    for (let index: i64 = 0; index < 19; index++) own.characters[index] = settings.characters[index];
    tty.modeChanged(wasCanonical);
    if ((own.input & IXON) === 0) tty.restart();
    return 0;
  }

  private resize(thread: Thread, argument: u64): i64 {
    if (copyIn(thread.space, addressOf(size), argument, 8) !== 8) return -EFAULT;
    setWindow(this.tty, size.rows, size.columns);
    return 0;
  }

  override describe(text: Text): void {
    text.putString('/dev/console');
  }
}

/** A new size of `tty`; the foreground group is told if it changed. */
export function setWindow(tty: Tty, rows: u16, columns: u16): void {
  const window = tty.window;
  if (window.rows === rows && window.columns === columns) return;
  window.rows = rows;
  window.columns = columns;
  const group = tty.foreground;
  if (group !== null) sendToGroup(group, fromKernel(SIGWINCH));
}
