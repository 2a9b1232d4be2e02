/**
 * A terminal: its settings, its session and foreground group, and the line being typed (termios(3), POSIX.1-2017
 * chapter 11).
 *
 * Input is a ring of characters; those before `committed` may be read. In canonical mode a line is committed by its
 * delimiter, before that it can be edited; a delimiter carries LINE_END, an end-of-file character also HIDDEN: it ends
 * a line but is not read.
 */
import type { ProcessGroup, Session } from '../process/process-group';
import { sendToGroup } from '../signal/group';
import { SIGINT, SIGQUIT, SIGTSTP } from '../signal/numbers';
import { fromKernel } from '../signal/send';
import { WaitQueue, wakeAll } from '../wait/wait-queue';
import {
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  ECHONL,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IXANY,
  IXON,
  NOFLSH,
  OCRNL,
  ONLCR,
  OPOST,
  setStandard,
  Termios,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VWERASE,
  WindowSize,
} from './termios';
import type { Uart } from './uart';

export const LINE_END: u64 = 0x100;
export const HIDDEN: u64 = 0x200;
const CHARACTER: u64 = 0xff;
const INPUT_LIMIT: u64 = 4096;
const NEWLINE: u64 = 10;
const RETURN: u64 = 13;
const BELL: u64 = 7;
const CARET: u64 = 94;
const BACKSPACE: u64 = 8;
const SPACE: u64 = 32;
const DELETE: u64 = 127;
const TAB: u64 = 9;

export class Tty {
  uart!: Uart;
  termios!: Inline<Termios>;
  window!: Inline<WindowSize>;
  session!: Session | null;
  foreground!: ProcessGroup | null;
  readers!: Inline<WaitQueue>;
  /** Positions in the ring: read up to head, readable up to committed, typed up to tail. */
  head!: u64;
  committed!: u64;
  tail!: u64;
  /** Lines that are complete. */
  lines!: u64;
  column!: u64;
  isNextLiteral!: boolean;
  /** Output is held: by the stop character, or by a program (tcflow(3)), which only a program undoes. */
  isStopped!: boolean;
  isStoppedByProgram!: boolean;
  ring!: Fixed<u16, 4096>;

  start(uart: Uart): void {
    this.uart = uart;
    setStandard(this.termios);
  }

  has(flag: u32): boolean {
    return (this.termios.local & flag) !== 0;
  }

  private isCharacter(index: i64, byte: u64): boolean {
    const special = this.termios.characters[index];
    return special !== 0 && (special as u64) === byte;
  }

  /** Whether a read would find something. */
  get isReadable(): boolean {
    return this.has(ICANON) ? this.lines !== 0 : this.committed !== this.head;
  }

  at(position: u64): u64 {
    return this.ring[(position % INPUT_LIMIT) as i64] as u64;
  }

  /** No room for more than the end of a line. */
  get isFull(): boolean {
    return this.tail - this.head >= INPUT_LIMIT - 2;
  }

  /** No room for all that a receiver may hand over at once. */
  get isNearlyFull(): boolean {
    return this.tail - this.head >= INPUT_LIMIT - 32;
  }

  /** Queues one character of output as the settings want it. The ring has room for two bytes. */
  put(byte: u64): void {
    const output = this.termios.output;
    if ((output & OPOST) !== 0) {
      if (byte === NEWLINE && (output & ONLCR) !== 0) this.uart.queue(RETURN);
      if (byte === RETURN && (output & OCRNL) !== 0) {
        this.put(NEWLINE);
        return;
      }
    }
    if (byte === NEWLINE || byte === RETURN) this.column = 0;
    else if (byte === TAB) this.column = (this.column | 7) + 1;
    else if (byte === BACKSPACE) this.column -= this.column === 0 ? 0 : 1;
    else if (byte >= SPACE) this.column += 1;
    this.uart.queue(byte);
  }

  /** Output of the terminal itself; dropped when the line is blocked, as a person sees. */
  private echoRaw(byte: u64): void {
    if (this.uart.room > 16) this.put(byte);
  }

  private echo(byte: u64): void {
    if (!this.has(ECHO)) {
      if (byte === NEWLINE && this.has(ECHONL)) this.echoRaw(byte);
      return;
    }
    if (this.has(ECHOCTL) && byte !== NEWLINE && byte !== TAB && (byte < SPACE || byte === DELETE)) {
      this.echoRaw(CARET);
      this.echoRaw(byte ^ 64);
    } else this.echoRaw(byte);
  }

  /** Takes the last character of the unfinished line back; false if there is none. */
  private eraseOne(): boolean {
    if (this.tail === this.committed) return false;
    this.tail -= 1;
    const byte = this.at(this.tail) & CHARACTER;
    // The bytes of one UTF-8 character go together, and only the first takes a column.
    if ((byte & 0xc0) === 0x80 && this.tail !== this.committed) return this.eraseOne();
    if (!this.has(ECHO) || !this.has(ECHOE)) return true;
    const isWide = this.has(ECHOCTL) && byte !== TAB && (byte < SPACE || byte === DELETE);
    for (let count: u64 = isWide ? 2 : 1; count !== 0; count--) {
      this.echoRaw(BACKSPACE);
      this.echoRaw(SPACE);
      this.echoRaw(BACKSPACE);
    }
    return true;
  }

  private eraseWord(): void {
    while (this.tail !== this.committed && this.lastTyped() === SPACE) this.eraseOne();
    while (this.tail !== this.committed && this.lastTyped() !== SPACE) this.eraseOne();
  }

  private lastTyped(): u64 {
    return this.at(this.tail - 1) & CHARACTER;
  }

  private eraseLine(): void {
    if (this.has(ECHOKE) && this.has(ECHOE)) {
      while (this.eraseOne());
      return;
    }
    this.tail = this.committed;
    if (this.has(ECHOK)) this.echo(NEWLINE);
  }

  /** False if there is no room: what is too long for a line is lost, but a line can always be ended (termios(3)). */
  private store(character: u64): boolean {
    const limit: u64 = (character & LINE_END) !== 0 ? INPUT_LIMIT - 1 : INPUT_LIMIT - 2;
    if (this.tail - this.head >= limit) {
      this.echoRaw(BELL);
      return false;
    }
    this.ring[(this.tail % INPUT_LIMIT) as i64] = character as u16;
    this.tail += 1;
    return true;
  }

  private commit(): void {
    this.committed = this.tail;
    wakeAll(this.readers);
  }

  flushInput(): void {
    this.head = this.tail;
    this.committed = this.tail;
    this.lines = 0;
  }

  private signal(byte: u64, signal: u32): void {
    if ((this.termios.input & IXON) !== 0) this.restart();
    if (!this.has(NOFLSH)) this.flushInput();
    this.echo(byte);
    const group = this.foreground;
    if (group !== null) sendToGroup(group, fromKernel(signal));
  }

  get holdsOutput(): boolean {
    return this.isStopped || this.isStoppedByProgram;
  }

  /** Who waits to write looks again. */
  private release(): void {
    if (!this.holdsOutput) wakeAll(this.uart.writers);
  }

  restart(): void {
    this.isStopped = false;
    this.release();
  }

  /** tcflow(3): TCOOFF and TCOON. */
  holdByProgram(holds: boolean): void {
    this.isStoppedByProgram = holds;
    this.release();
  }

  /** Flow control (termios(3), IXON and IXANY): true if `byte` was no more than that. */
  private controlsFlow(byte: u64): boolean {
    const settings = this.termios.input;
    if ((settings & IXON) === 0) return false;
    if (this.isCharacter(VSTART, byte)) {
      this.restart();
      return true;
    }
    if (this.isCharacter(VSTOP, byte)) {
      this.isStopped = true;
      return true;
    }
    if (this.isStopped && (settings & IXANY) !== 0) this.restart();
    return false;
  }

  /** One character from the line. */
  input(received: u64): void {
    const settings = this.termios;
    let byte = received;
    if ((settings.input & ISTRIP) !== 0) byte &= 127;
    if (this.isNextLiteral) {
      this.isNextLiteral = false;
      this.store(byte);
      this.echo(byte);
      if (!this.has(ICANON)) this.commit();
      return;
    }
    if (this.controlsFlow(byte)) return;
    if (byte === RETURN) {
      if ((settings.input & IGNCR) !== 0) return;
      if ((settings.input & ICRNL) !== 0) byte = NEWLINE;
    } else if (byte === NEWLINE && (settings.input & INLCR) !== 0) byte = RETURN;
    if (this.has(ISIG)) {
      if (this.isCharacter(VINTR, byte)) {
        this.signal(byte, SIGINT);
        return;
      }
      if (this.isCharacter(VQUIT, byte)) {
        this.signal(byte, SIGQUIT);
        return;
      }
      if (this.isCharacter(VSUSP, byte)) {
        this.signal(byte, SIGTSTP);
        return;
      }
    }
    if (this.has(ICANON)) {
      this.edit(byte);
      return;
    }
    this.store(byte);
    this.echo(byte);
    this.commit();
  }

  /** Canonical mode: editing characters act, delimiters end the line. */
  private edit(byte: u64): void {
    if (this.isCharacter(VERASE, byte)) {
      this.eraseOne();
      return;
    }
    if (this.isCharacter(VKILL, byte)) {
      this.eraseLine();
      return;
    }
    if (this.isCharacter(VEOF, byte)) {
      if (this.store(LINE_END | HIDDEN)) this.endLine();
      return;
    }
    if (this.has(IEXTEN)) {
      if (this.isCharacter(VWERASE, byte)) {
        this.eraseWord();
        return;
      }
      if (this.isCharacter(VREPRINT, byte)) {
        this.reprint(byte);
        return;
      }
      if (this.isCharacter(VLNEXT, byte)) {
        this.isNextLiteral = true;
        // A caret stands where the character will.
        if (this.has(ECHO) && this.has(ECHOCTL)) {
          this.echoRaw(CARET);
          this.echoRaw(BACKSPACE);
        }
        return;
      }
    }
    const isDelimiter = byte === NEWLINE || this.isCharacter(VEOL, byte) || this.isCharacter(VEOL2, byte);
    if (!this.store(isDelimiter ? byte | LINE_END : byte)) return;
    this.echo(byte);
    if (isDelimiter) this.endLine();
  }

  private endLine(): void {
    this.lines += 1;
    this.commit();
  }

  private reprint(byte: u64): void {
    this.echo(byte);
    this.echo(NEWLINE);
    for (let position = this.committed; position !== this.tail; position++) this.echo(this.at(position) & CHARACTER);
  }

  /** The mode changed: what was typed so far counts as a line, or its lines are counted anew. */
  modeChanged(wasCanonical: boolean): void {
    if (wasCanonical && !this.has(ICANON)) this.commit();
    if (!wasCanonical && this.has(ICANON)) {
      this.lines = 0;
      for (let position = this.head; position !== this.committed; position++) {
        if ((this.at(position) & LINE_END) !== 0) this.lines += 1;
      }
      if (this.lines === 0 && this.committed !== this.head) {
        const last = (this.committed - 1) % INPUT_LIMIT;
        this.ring[last as i64] = (this.ring[last as i64] | LINE_END) as u16;
        this.lines = 1;
      }
    }
  }
}
