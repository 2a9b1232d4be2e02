/**
 * A QEMU machine that a test looks into: its log and console, its registers, memory and screen, and its processor
 * stopped at a function of the kernel. The tests of this folder need more than `tools/kairo run` shows.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../kairo.js';

export interface Options {
  machine?: string;
  cpu?: string;
  memory?: string;
  /** Words of the kernel's command line; with `arguments` that boot something else, none are given. */
  append?: string;
  /** How it boots; default: the kernel by PVH with the default root. */
  boot?: string[];
  /** Without isa-debug-exit, as on real machines. */
  bare?: boolean;
}

export const KERNEL = join(projectRoot, 'build/kairo.elf');
const ROOT = join(projectRoot, 'build/root.cpio');
export const ISO = join(projectRoot, 'build/kairo.iso');
export const UEFI = '/usr/share/ovmf/OVMF.fd';

/** What QEMU exits with for the values that the kernel writes to isa-debug-exit. */
export const STATUS_POWER_OFF = (0x10 << 1) | 1;
export const STATUS_PANIC = (0x20 << 1) | 1;

const PATIENCE = 90_000;

export class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'kairo-boot-'));
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;
  private readonly sockets: Socket[] = [];

  private constructor(options: Options) {
    const { machine = 'pc', cpu = 'qemu64', memory = '128M', append = 'kairo.log=debugcon loglevel=8' } = options;
    const boot = options.boot ?? ['-kernel', KERNEL, '-initrd', ROOT, '-append', append];
    this.child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'timeout', '120', 'qemu-system-x86_64', '-display', 'none', '-no-reboot'],
        ...['-M', machine, '-cpu', cpu, '-m', memory, '-accel', 'tcg', '-net', 'none'],
        ...['-debugcon', `file:${this.path('log')}`],
        ...['-serial', `unix:${this.path('console')},server=on,wait=off,logfile=${this.path('console.log')}`],
        ...['-qmp', `unix:${this.path('monitor')},server=on,wait=off`],
        ...['-gdb', `unix:${this.path('gdb')},server=on,wait=off`],
        ...(options.bare === true ? [] : ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4']),
        ...boot,
      ],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
    this.ended = new Promise((resolve) => this.child.on('exit', (code) => resolve(code)));
  }

  /** Runs `use` with a machine that is gone afterwards. */
  static async with(options: Options, use: (machine: Machine) => Promise<void>): Promise<void> {
    const machine = new Machine(options);
    try {
      await use(machine);
    } finally {
      for (const socket of machine.sockets) socket.destroy();
      machine.child.kill('SIGTERM');
      await machine.ended;
      rmSync(machine.folder, { recursive: true, force: true });
    }
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private file(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'latin1').replaceAll('\r', '') : '';
  }

  /** What the kernel wrote to the debug console so far. */
  get log(): string {
    return this.file('log');
  }

  /** What came out of COM1 so far. */
  get console(): string {
    return this.file('console.log');
  }

  async waitForLog(text: string | RegExp): Promise<void> {
    await this.waitFor(() => this.log, text);
  }

  async waitForConsole(text: string | RegExp): Promise<void> {
    await this.waitFor(() => this.console, text);
  }

  private async waitFor(read: () => string, text: string | RegExp): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (read().search(text) === -1) {
      assert.ok(Date.now() < end, `no ${String(text)} in:\n${read()}`);
      await sleep(50);
    }
  }

  /** The machine's exit status, once it has ended by itself. */
  async status(): Promise<number | null> {
    const late = sleep(PATIENCE, undefined, { ref: false }).then(() =>
      assert.fail(`still running:\n${this.log}\n${this.console}`),
    );
    return await Promise.race([this.ended, late]);
  }

  async isRunningAfter(milliseconds: number): Promise<boolean> {
    return await Promise.race([this.ended.then(() => false), sleep(milliseconds).then(() => true)]);
  }

  /** Types on the console. */
  async type(text: string): Promise<void> {
    (await this.open('console')).write(text);
  }

  private async open(name: string): Promise<Socket> {
    while (!existsSync(this.path(name))) await sleep(50);
    const socket = connect(this.path(name));
    socket.setEncoding('latin1');
    socket.on('error', () => undefined); // QEMU's end of the connection goes when the machine ends
    this.sockets.push(socket);
    return socket;
  }

  private monitor: Promise<(command: object) => Promise<unknown>> | undefined;

  /** QEMU's answer to a machine protocol command. */
  private async command(command: object): Promise<unknown> {
    this.monitor ??= this.openMonitor();
    return await (await this.monitor)(command);
  }

  private async openMonitor(): Promise<(command: object) => Promise<unknown>> {
    const socket = await this.open('monitor');
    const waiting: ((value: unknown) => void)[] = [];
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
        const message = JSON.parse(text.slice(0, end)) as { return?: unknown; error?: { desc: string } };
        text = text.slice(end + 1);
        if ('return' in message) waiting.shift()?.(message.return);
        else if (message.error !== undefined) waiting.shift()?.(message.error.desc);
      }
    });
    const send = (command: object): Promise<unknown> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.write(`${JSON.stringify(command)}\n`);
      });
    await send({ execute: 'qmp_capabilities' });
    return send;
  }

  /** The answer to a line of QEMU's own monitor. */
  async ask(line: string): Promise<string> {
    const answer = await this.command({ execute: 'human-monitor-command', arguments: { 'command-line': line } });
    return String(answer).replaceAll('\r', '');
  }

  /** A register as `info registers` names it. */
  async register(name: string): Promise<bigint> {
    const match = new RegExp(`\\b${name} *=([0-9a-f]+)`).exec(await this.ask('info registers'));
    assert.ok(match, `no register ${name}`);
    return BigInt(`0x${match[1]}`);
  }

  /** Bytes of physical memory. */
  async physical(address: number, count: number): Promise<number[]> {
    const text = await this.ask(`xp /${count}xb 0x${address.toString(16)}`);
    return [...text.matchAll(/0x([0-9a-f]{2})\b/g)].map((match) => Number.parseInt(match[1] ?? '', 16));
  }

  /** The picture on the screen. */
  async screen(): Promise<{ width: number; height: number; pixels: Buffer }> {
    await this.command({ execute: 'screendump', arguments: { filename: this.path('screen.ppm') } });
    const picture = readFileSync(this.path('screen.ppm'));
    const head = /^P6\s(\d+)\s(\d+)\s255\s/.exec(picture.subarray(0, 64).toString('latin1'));
    assert.ok(head, 'a portable pixmap');
    return { width: Number(head[1]), height: Number(head[2]), pixels: picture.subarray(head[0].length) };
  }

  /** The debugger's end of QEMU; the processor stands still from here on, until it is told to go on. */
  async debug(): Promise<Debugger> {
    const socket = await this.open('gdb');
    const debug = new Debugger(socket);
    await debug.begin();
    return debug;
  }
}

/** GDB's remote serial protocol, as much of it as moves a processor to where a test wants it. */
export class Debugger {
  private readonly answers: ((packet: string) => void)[] = [];
  private readonly stops: ((packet: string) => void)[] = [];
  private text = '';

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: string) => {
      this.text += chunk;
      for (let match = /\$([^#]*)#../.exec(this.text); match !== null; match = /\$([^#]*)#../.exec(this.text)) {
        const packet = match[1] ?? '';
        this.text = this.text.slice(match.index + match[0].length);
        this.socket.write('+');
        // That the machine stops is said whenever it happens, connecting included; all else is an answer.
        (packet.startsWith('T') ? this.stops : this.answers).shift()?.(packet);
      }
    });
  }

  private send(packet: string): void {
    const sum = [...packet].reduce((total, character) => total + character.charCodeAt(0), 0) & 0xff;
    this.socket.write(`$${packet}#${sum.toString(16).padStart(2, '0')}`);
  }

  private async request(packet: string): Promise<string> {
    return await new Promise((resolve) => {
      this.answers.push(resolve);
      this.send(packet);
    });
  }

  /** Stops the processor, and makes single registers known to QEMU's end (it wants its description read first). */
  async begin(): Promise<void> {
    assert.match(await this.request('qXfer:features:read:target.xml:0,ff0'), /^[lm]/);
  }

  /** Lets the machine run until it is about to execute the instruction at `address`. */
  async runTo(address: bigint): Promise<void> {
    const where = address.toString(16);
    assert.equal(await this.request(`Z1,${where},1`), 'OK');
    const stopped = new Promise((resolve) => this.stops.push(resolve));
    this.go();
    await stopped;
    assert.equal(await this.request(`z1,${where},1`), 'OK');
  }

  /** Register numbers are the protocol's for x86-64: 6 is rbp, 7 rsp, 16 rip. */
  async setRegister(number: number, value: bigint): Promise<void> {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(value);
    assert.equal(await this.request(`P${number.toString(16)}=${buffer.toString('hex')}`), 'OK');
  }

  /** Lets the machine run on. */
  go(): void {
    this.send('c');
  }
}

/** The address of a symbol of the kernel. */
export function symbol(name: string): bigint {
  const { stdout } = spawnSync('nm', [KERNEL], { encoding: 'latin1' });
  const match = new RegExp(`^([0-9a-f]{16}) \\w ${name}$`, 'm').exec(stdout);
  assert.ok(match, `the kernel has no symbol ${name}`);
  return BigInt(`0x${match[1]}`);
}
