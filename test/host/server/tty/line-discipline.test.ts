/**
 * The terminal against a small model: lines edited and delimited in canonical mode, single characters in raw mode, and
 * signal characters to the foreground group (termios(3); POSIX.1-2017 chapter 11).
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { compileServerTest, createMachine, type Machine } from '../memory/memory-program.js';

const DRIVER = `
import { byteAt } from '../lib/arch/x86_64/bytes';
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { Buffer } from './memory/buffer';
import { Process } from './process/process';
import { ProcessGroup, Session } from './process/process-group';
import { Thread } from './process/thread';
import { Dispositions } from './signal/dispositions';
import { ECHO, ICANON } from './tty/termios';
import { Tty } from './tty/tty';
import { TtyFile } from './tty/tty-file';
import { Uart } from './tty/uart';

const O_NONBLOCK: u32 = 2048;
const uart: Uart = reserve();
const tty: Tty = reserve();
const group: ProcessGroup = reserve();
const session: Session = reserve();
const process: Process = reserve();
const thread: Thread = reserve();
const dispositions: Dispositions = reserve();
const buffer: Buffer = reserve();
const bytes: Fixed<u8, 4096> = reserve();
let file: TtyFile | null = null;

/** @entry test_start */
export function start(address: u64): void {
  startMemory(bootInformationAt(address));
  tty.start(uart);
  tty.foreground = group;
  tty.session = session;
  session.terminal = tty;
  group.session = session;
  group.firstMember = process;
  process.group = group;
  process.firstThread = thread;
  process.dispositions = dispositions;
  thread.process = process;
  const opened = new TtyFile();
  opened.tty = tty;
  opened.flags = O_NONBLOCK;
  file = opened;
}

/** @entry test_setMode */
export function setMode(isCanonical: boolean, isEchoing: boolean): void {
  const was = tty.has(ICANON);
  let local = tty.termios.local & ~(ICANON | ECHO);
  if (isCanonical) local |= ICANON;
  if (isEchoing) local |= ECHO;
  tty.termios.local = local as u32;
  tty.modeChanged(was);
}

/** @entry test_input */
export function input(byte: u64): void {
  tty.input(byte);
}

/** @entry test_read */
export function read(count: u64): i64 {
  if (file === null) return -1000;
  buffer.set(null, addressOf(bytes), count);
  return file.read(thread, buffer, 0);
}

/** @entry test_byte */
export function byte(index: u64): u64 {
  return byteAt(addressOf(bytes) + index);
}

/** @entry test_write */
export function write(count: u64): i64 {
  if (file === null) return -1000;
  buffer.set(null, addressOf(bytes), count);
  return file.write(thread, buffer, 0);
}

/** The next byte of what the terminal sends, or 256. */
/** @entry test_output */
export function output(): u64 {
  if (uart.head === uart.tail) return 256;
  const at = uart.head & 8191;
  uart.head += 1;
  return uart.ring[at as i64] as u64;
}

/** The signals sent since the last time. */
/** @entry test_signals */
export function signals(): u64 {
  const sent = process.pending.set;
  process.pending.discard(sent);
  return sent;
}
`;

const ERASE = 127;
const KILL = 21;
const WORD_ERASE = 23;
const END_OF_FILE = 4;
const LITERAL = 22;
const NEWLINE = 10;
const START = 17;
const STOP = 19;
const EAGAIN = -11;
const SIGNALS = new Map([
  [3, 2],
  [28, 3],
  [26, 20],
]);

let compiled: Awaited<ReturnType<typeof compileServerTest>>;
before(async () => {
  compiled = await compileServerTest('test-tty', DRIVER);
});

function terminal(isCanonical: boolean, isEchoing = false): Machine['program'] {
  const { program } = createMachine(compiled.lowered, compiled.wasm);
  program.call('test_setMode', BigInt(isCanonical), BigInt(isEchoing));
  return program;
}

function type(program: Machine['program'], text: string): void {
  for (const byte of Buffer.from(text, 'latin1')) program.call('test_input', BigInt(byte));
}

/** What one read gives: its bytes, or the error. */
function read(program: Machine['program'], count: number): number[] | number {
  const got = Number(BigInt.asIntN(64, program.call('test_read', BigInt(count))));
  if (got < 0) return got;
  return Array.from({ length: got }, (_, index) => Number(program.call('test_byte', BigInt(index))));
}

function output(program: Machine['program']): string {
  let text = '';
  for (let byte = program.call('test_output'); byte !== 256n; byte = program.call('test_output')) {
    text += String.fromCharCode(Number(byte));
  }
  return text;
}

/** Canonical input by the book: the lines that can be read, and the one being typed. */
class Model {
  readonly lines: number[][] = [];
  line: number[] = [];
  signal = 0;
  private isLiteral = false;

  input(byte: number): void {
    this.signal = 0;
    if (this.isLiteral) {
      this.isLiteral = false;
      this.line.push(byte);
    } else if (SIGNALS.has(byte)) {
      this.signal = SIGNALS.get(byte) ?? 0;
      this.line = [];
      this.lines.length = 0;
    } else if (byte === ERASE) this.line.pop();
    else if (byte === KILL) this.line = [];
    else if (byte === WORD_ERASE) {
      while (this.line.at(-1) === 32) this.line.pop();
      while (this.line.length > 0 && this.line.at(-1) !== 32) this.line.pop();
    } else if (byte === LITERAL) this.isLiteral = true;
    else if (byte === END_OF_FILE) this.end();
    else {
      this.line.push(byte === 13 ? NEWLINE : byte);
      if (byte === NEWLINE || byte === 13) this.end();
    }
  }

  private end(): void {
    this.lines.push(this.line);
    this.line = [];
  }

  /** A read takes from one line only. */
  read(count: number): number[] | number {
    const line = this.lines[0];
    if (line === undefined) return EAGAIN;
    const taken = line.splice(0, count);
    if (line.length === 0) this.lines.shift();
    return taken;
  }
}

describe('canonical mode', () => {
  it('gives the lines that the model gives, and the signals', () => {
    const special = [ERASE, KILL, WORD_ERASE, END_OF_FILE, LITERAL, NEWLINE, 13, 3, 28, 26];
    const byte = fc.oneof(fc.constantFrom(97, 98, 32), fc.constantFrom(...special));
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('type' as const), value: byte }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('read' as const), value: fc.constant(4096) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const program = terminal(true);
        const model = new Model();
        for (const { kind, value } of steps) {
          if (kind === 'type') {
            model.input(value);
            program.call('test_input', BigInt(value));
            const sent = model.signal === 0 ? 0n : 1n << BigInt(model.signal - 1);
            assert.equal(program.call('test_signals'), sent);
          } else assert.deepEqual(read(program, value), model.read(value));
        }
        while (model.lines.length > 0) assert.deepEqual(read(program, 4096), model.read(4096));
        assert.equal(read(program, 4096), EAGAIN);
      }),
      { numRuns: 150 },
    );
  });

  it('gives a line in pieces to small reads', () => {
    const program = terminal(true);
    type(program, 'abcdef\nnext\n');
    assert.deepEqual(read(program, 4), [...Buffer.from('abcd')]);
    assert.deepEqual(read(program, 100), [...Buffer.from('ef\n')]);
    assert.deepEqual(read(program, 100), [...Buffer.from('next\n')]);
  });

  it('gives an end-of-file at the beginning of a line as no bytes', () => {
    const program = terminal(true);
    type(program, '\x04');
    assert.deepEqual(read(program, 100), []);
    assert.equal(read(program, 100), EAGAIN);
  });

  it('echoes what is typed, and takes it back on the screen', () => {
    const program = terminal(true, true);
    type(program, 'ab\x7f\x01\x7fc\r');
    assert.equal(output(program), 'ab\b \b^A\b \b\b \bc\r\n');
    type(program, 'one two\x17\x03');
    assert.equal(output(program), `one two${'\b \b'.repeat(3)}^C`);
  });

  it('keeps a line that is too long, and its end', () => {
    const program = terminal(true);
    type(program, `${'x'.repeat(6000)}\n`);
    const line = read(program, 4096);
    assert.ok(Array.isArray(line) && line.length >= 4000, `${line}`);
    assert.equal(line.at(-1), NEWLINE);
  });
});

describe('flow control', () => {
  const write = (program: Machine['program']) => Number(BigInt.asIntN(64, program.call('test_write', 5n)));

  it('holds output from the stop character to the start character, and keeps both to itself', () => {
    const program = terminal(true);
    assert.equal(write(program), 5);
    type(program, `a${String.fromCharCode(STOP)}b`);
    assert.equal(write(program), EAGAIN);
    type(program, `${String.fromCharCode(START)}c\n`);
    assert.equal(write(program), 5);
    assert.deepEqual(read(program, 100), [...Buffer.from('abc\n')]);
  });

  it('lets output go on at an interrupt', () => {
    const program = terminal(true);
    type(program, String.fromCharCode(STOP, 3));
    assert.equal(write(program), 5);
  });

  it('takes the stop character literally after the literal character, for which a caret stands meanwhile', () => {
    const program = terminal(true, true);
    type(program, `${String.fromCharCode(LITERAL)}`);
    assert.equal(output(program), '^\b');
    type(program, `${String.fromCharCode(STOP)}\n`);
    assert.equal(write(program), 5);
    assert.deepEqual(read(program, 100), [STOP, NEWLINE]);
  });
});

describe('raw mode', () => {
  it('gives every character at once, but for signals', () => {
    const byte = fc.integer({ min: 0, max: 255 }).filter((value) => value !== 13 && value !== START && value !== STOP);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 200 }), (bytes) => {
        const program = terminal(false);
        let expected: number[] = [];
        for (const value of bytes) {
          program.call('test_input', BigInt(value));
          if (SIGNALS.has(value)) expected = [];
          else expected.push(value);
        }
        assert.deepEqual(read(program, 4096), expected.length === 0 ? EAGAIN : expected);
      }),
      { numRuns: 100 },
    );
  });

  it('entered in the middle of a line makes it readable', () => {
    const program = terminal(true);
    type(program, 'half a li');
    assert.equal(read(program, 100), EAGAIN);
    program.call('test_setMode', 0n, 0n);
    assert.deepEqual(read(program, 100), [...Buffer.from('half a li')]);
  });
});
