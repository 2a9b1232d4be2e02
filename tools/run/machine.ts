/**
 * Runs one machine: starts QEMU, carries bytes between it and the person, and reports how it ended.
 * QEMU never outlives the runner: it asks the kernel for SIGKILL when its parent dies (setpriv --pdeathsig).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { encodeInput, encodeInputEnd, encodeWindowSize, FrameReader, ProtocolError } from './frame.js';
import type { LogSink } from './log.js';
import { Monitor } from './monitor.js';
import { Descriptor } from './qemu.js';
import { asksToLeave, Terminal } from './terminal.js';
import { type Ending, ExitStatus } from './verdict.js';
import type { Streams } from './words.js';

export interface MachineRun {
  arguments: string[];
  streams: Streams;
  /** The guest says over the channel when it listens; what it is sent before may be lost as its lines are set up. */
  guestGreets: boolean;
  /** The channel carries noise until the first byte of the log. */
  channelOpensWithLog: boolean;
  statusOwed: boolean;
  timeoutSeconds: number | undefined;
  log: LogSink;
  /** Explains a register dump. */
  describe: (dump: string) => string;
}

/** What ended a run from the person's side; the shell's 128+n for the signal it stands for, or a failure to be told. */
export class Interrupted extends Error {
  constructor(
    readonly status: number,
    message = '',
  ) {
    super(message);
  }
}

const BY_SIGPIPE = 128 + 13;
const PATIENCE_WITH_MONITOR = 2000;

export class Machine {
  private readonly child: ChildProcess;
  private readonly monitor: Monitor;
  private readonly terminal: Terminal;
  private readonly frames = new FrameReader();
  private readonly ending: Ending;
  private interruption: Interrupted | undefined;
  private channelOpen: boolean;
  /** The guest reads what is sent over the channel. */
  private greeted = false;

  constructor(private readonly run: MachineRun) {
    this.channelOpen = !run.channelOpensWithLog;
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...run.arguments], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      detached: true, // ^C at the person's terminal is ours to handle
    });
    this.ending = {
      ...{ code: null, signal: null, qemuErrors: '', shutdownReason: undefined, status: undefined },
      ...{ statusOwed: run.statusOwed, timeout: undefined, position: '', channelError: undefined },
      ...{ log: '', logShown: run.log.shown },
    };
    this.monitor = new Monitor(this.socket(Descriptor.Monitor));
    const channel = this.socket(Descriptor.Channel);
    this.terminal = new Terminal((rows, columns) => {
      if (this.greeted) channel.write(encodeWindowSize(rows, columns));
    });
  }

  /** Resolves when the machine is gone and all it said has been passed on. Throws Interrupted if the person ended it. */
  async wait(): Promise<Ending> {
    const watchdog = this.startWatchdog();
    const signals = this.catchSignals();
    this.collectDiagnostics();
    this.connectConsole();
    this.connectChannel();
    this.carry(this.socket(Descriptor.Log), (bytes) => this.receiveLog(bytes));
    if (this.run.streams.terminal) this.terminal.open();
    try {
      await this.closed();
    } finally {
      clearTimeout(watchdog);
      signals();
      if (this.run.streams.terminal) this.terminal.close();
      process.stdin.destroy();
    }
    if (this.interruption !== undefined) throw this.interruption;
    this.ending.shutdownReason = this.monitor.shutdownReason;
    this.ending.log = this.run.log.tail;
    return this.ending;
  }

  private closed(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.ending.qemuErrors += error.message;
        resolve();
      });
      this.child.once('close', (code, signal) => {
        this.ending.code = code;
        this.ending.signal = signal;
        resolve();
      });
    });
  }

  private socket(descriptor: number): Socket {
    return this.child.stdio[descriptor] as Socket;
  }

  private stop(): void {
    this.child.kill('SIGKILL');
  }

  private interrupt(status: number, message = ''): void {
    this.interruption ??= new Interrupted(status, message);
    this.stop();
  }

  private startWatchdog(): NodeJS.Timeout | undefined {
    const seconds = this.run.timeoutSeconds;
    if (seconds === undefined) return undefined;
    return setTimeout(async () => {
      this.ending.timeout = seconds;
      this.ending.position = this.run.describe(await this.monitor.registers(PATIENCE_WITH_MONITOR));
      this.stop();
    }, seconds * 1000);
  }

  /** Returns what undoes it. */
  private catchSignals(): () => void {
    const handlers = (
      [
        ['SIGHUP', 129],
        ['SIGINT', 130],
        ['SIGTERM', 143],
      ] as const
    ).map(([signal, status]) => {
      const handler = () => this.interrupt(status);
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    return () => {
      for (const undo of handlers) undo();
    };
  }

  private collectDiagnostics(): void {
    for (const output of [process.stdout, process.stderr]) {
      output.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE')
          this.interrupt(BY_SIGPIPE); // nobody reads us any more
        else this.interrupt(ExitStatus.Failure, `cannot write what the guest said: ${error.message}`);
      });
    }
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.ending.qemuErrors += bytes.toString();
      });
    }
  }

  private connectConsole(): void {
    const socket = this.socket(Descriptor.Console);
    if (this.run.streams.stdio === 'host') {
      this.carry(socket, (bytes) => this.run.log.write(bytes));
      return;
    }
    this.carry(socket, (bytes) => this.print(process.stdout, bytes, socket));
    if (this.run.guestGreets) socket.cork();
    this.readInput(socket, (bytes) => bytes);
  }

  private connectChannel(): void {
    const socket = this.socket(Descriptor.Channel);
    this.carry(socket, (bytes) => this.receiveFrames(bytes, socket));
  }

  /** The guest listens from now on. */
  private greet(socket: Socket): void {
    if (this.greeted) return;
    this.greeted = true;
    if (this.run.streams.terminal) this.terminal.reportSize();
    if (this.run.streams.stdio !== 'host') {
      this.socket(Descriptor.Console).uncork();
      return;
    }
    this.readInput(socket, encodeInput);
    process.stdin.once('end', () => socket.write(encodeInputEnd()));
  }

  private receiveFrames(bytes: Buffer, socket: Socket): void {
    if (!this.run.streams.channel || !this.channelOpen || this.ending.channelError !== undefined) return;
    try {
      for (const frame of this.frames.push(bytes)) {
        if (frame.type === 'x') this.ending.status = frame.status;
        else if (frame.type === 'h') this.greet(socket);
        else this.print(frame.type === 'o' ? process.stdout : process.stderr, frame.payload, socket);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.ending.channelError = error.message;
      this.stop();
    }
  }

  private receiveLog(bytes: Buffer): void {
    this.run.log.write(bytes);
    // What firmware wrote to the channel before this byte is delivered in this turn of the event loop: drop it too.
    if (this.channelOpen) return;
    setImmediate(() => {
      this.channelOpen = true;
    });
  }

  private carry(socket: Socket, receive: (bytes: Buffer) => void): void {
    socket.on('data', receive);
    socket.on('error', () => undefined); // a reset: QEMU is gone, which `close` reports
  }

  /** Prints, and holds the guest back while the reader of our output is slower than it. */
  private print(output: NodeJS.WriteStream, bytes: Buffer, from: Socket): void {
    if (output.write(bytes)) return;
    from.pause();
    output.once('drain', () => from.resume());
  }

  /** Passes standard input on, no faster than the guest takes it. */
  private readInput(socket: Socket, encode: (bytes: Buffer) => Buffer): void {
    process.stdin.on('data', (bytes: Buffer) => {
      if (this.run.streams.terminal && asksToLeave(bytes)) this.interrupt(130);
      else if (!socket.write(encode(bytes))) {
        process.stdin.pause();
        socket.once('drain', () => process.stdin.resume());
      }
    });
    process.stdin.on('error', () => undefined); // an unreadable input is an empty one
  }
}
