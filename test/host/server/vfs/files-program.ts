/**
 * The file half of the process server under Node: system calls of one process whose memory is the server's own, so that
 * paths and buffers lie wherever the test puts them.
 */
import { before } from 'node:test';
import type { LoweredProgram } from '../../../../tools/compiler/lowered.js';
import { compileServerTest, createMachine, type Machine } from '../memory/memory-program.js';

const DRIVER = `
import { Frame } from '../lib/abi/frame';
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { dispatch } from './linux/dispatch';
import { type AddressSpace, createSpace } from './memory/address-space';
import { mapRequest, place } from './memory/map';
import { MappingKind } from './memory/mapping';
import { cancelTimer } from './time/timer';
import { leaveQueues } from './wait/wait-queue';
import { allocate, bytesOfHeap } from './memory/heap';
import { freePages } from './memory/pages';
import { allCapabilities } from './process/capability-set';
import { rootCredentials } from './process/credentials';
import { setDefaultLimits } from './process/limits';
import { Process } from './process/process';
import { Thread } from './process/thread';
import { joinUser } from './process/user';
import { createFileTable } from './vfs/file-table';
import { Inflate } from './vfs/inflate';
import { unpackInitrd } from './vfs/initrd';
import { initialiseFileSystems, rootContext, rootNamespace } from './vfs/start';
import { doChore } from './wait/chores';
import { refill } from './wait/budget';
import { AGAIN } from './wait/outcome';

const process: Process = reserve();
/** A space with 64 KB that can be written and 4 KB that can only be read, and the absence of one: our own memory. */
const CLIENT: u64 = 0x10000;
let client: AddressSpace | null = null;
let nobody: AddressSpace | null = null;
const thread: Thread = reserve();
const frame: Frame = reserve();
const inflate: Inflate = reserve();

/** @entry test_start */
export function start(information: u64): void {
  startMemory(bootInformationAt(information));
  initialiseFileSystems();
  process.number = 1;
  process.files = createFileTable();
  process.fileSystem = rootContext();
  process.mounts = rootNamespace();
  process.credentials = rootCredentials();
  process.user = joinUser(0);
  process.capabilities = allCapabilities();
  setDefaultLimits(process.limits, 100);
  thread.process = process;
  thread.number = 1;
  thread.frame = frame;
}

/** @entry test_use_client */
export function useClient(isClient: boolean): void {
  const own = process.space;
  if (isClient && client === null) {
    client = createSpace();
    nobody = own;
    if (client !== null) {
      mapRequest.set(CLIENT, CLIENT + 65536, 3, MappingKind.Plain);
      place(client, mapRequest);
      mapRequest.set(CLIENT + 65536, CLIENT + 69632, 1, MappingKind.Plain);
      place(client, mapRequest);
    }
  }
  if (isClient && client !== null) process.space = client;
  else if (nobody !== null || client !== null) process.space = nobody!;
}

/** @entry test_settle */
export function settle(): void {
  leaveQueues(thread);
  cancelTimer(thread.timer);
  thread.attention = 0;
  thread.hasSavedMask = false;
  thread.mask = 0;
  process.pending.set = 0;
  thread.pending.set = 0;
}

/** @entry test_frame */
export function frameAddress(): u64 {
  return addressOf(frame);
}

/** @entry test_call */
export function call(number: u64): i64 {
  let result = dispatch(thread, number);
  while (result === AGAIN) {
    refill();
    result = dispatch(thread, number);
  }
  thread.call.clear();
  return result;
}

/** @entry test_allocate */
export function allocateBytes(count: u64): u64 {
  return allocate(count);
}

/** @entry test_unpack */
export function unpack(address: u64, length: u64): void {
  while (!unpackInitrd(address, length)) continue;
}

/** @entry test_inflate_begin */
export function inflateBegin(address: u64, length: u64): boolean {
  return inflate.begin(address, length);
}

/** @entry test_inflate_run */
export function inflateRun(): boolean {
  return inflate.run();
}

/** @entry test_inflate_address */
export function inflateAddress(): u64 {
  return addressOf(inflate);
}

/** @entry test_inflate_done */
export function inflateDone(): boolean {
  return inflate.isDone;
}

/** @entry test_reap */
export function reap(): void {
  while (doChore()) refill();
}

/** @entry test_free */
export function free(): u64 {
  return freePages();
}

/** @entry test_heap */
export function heap(): u64 {
  return bytesOfHeap();
}
`;

const ROOM = 1 << 20;
const REGISTERS = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'];
/** errno(3) by number, those that files give. */
const ERRORS: Record<number, string> = {
  1: 'EPERM',
  2: 'ENOENT',
  6: 'ENXIO',
  9: 'EBADF',
  11: 'EAGAIN',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  18: 'EXDEV',
  20: 'ENOTDIR',
  21: 'EISDIR',
  22: 'EINVAL',
  24: 'EMFILE',
  26: 'ETXTBSY',
  27: 'EFBIG',
  28: 'ENOSPC',
  29: 'ESPIPE',
  30: 'EROFS',
  31: 'EMLINK',
  32: 'EPIPE',
  36: 'ENAMETOOLONG',
  38: 'ENOSYS',
  39: 'ENOTEMPTY',
  40: 'ELOOP',
};

let built: { lowered: LoweredProgram; wasm: Uint8Array };

/** Compiles the program before the first test of a file. */
export function useFilesProgram(): void {
  before(async () => {
    built = await compileServerTest('files-test', DRIVER);
  });
}

export interface Entry {
  name: string;
  offset: bigint;
}

/** A system with an empty root (but for /dev and /root) and one privileged process in it. */
export class FilesMachine {
  private readonly machine: Machine;
  private readonly frame: bigint;
  /** Room in the server's memory for what calls point at. */
  readonly room: bigint;
  log = '';

  constructor() {
    this.machine = createMachine(built.lowered, built.wasm, (byte) => {
      this.log += String.fromCharCode(byte);
    });
    this.frame = this.run('test_frame');
    this.room = this.run('test_allocate', ROOM);
  }

  run(symbol: string, ...given: (bigint | number)[]): bigint {
    return BigInt.asIntN(64, this.machine.program.call(symbol, ...given));
  }

  /** Puts bytes `at` some way into the room; their address. */
  put(bytes: Uint8Array, at = 0): bigint {
    this.machine.program.memory.span(this.room + BigInt(at), bytes.length).set(bytes);
    return this.room + BigInt(at);
  }

  bytes(address: bigint, count: number): Uint8Array {
    return this.machine.program.memory.span(address, count).slice();
  }

  field(className: string, name: string, address: bigint): bigint {
    return this.machine.program.field(className, name, address);
  }

  /** A system call by number; strings become addresses of NUL-terminated texts. */
  call(number: number, ...given: (bigint | number | string)[]): bigint {
    let used = 0;
    for (const [index, value] of given.entries()) {
      let word: bigint;
      if (typeof value === 'string') {
        const text = Buffer.from(`${value}\0`, 'latin1');
        word = this.put(text, used);
        used += text.length;
      } else word = BigInt(value);
      this.machine.program.setField('Frame', REGISTERS[index] as string, this.frame, word);
    }
    return this.run('test_call', number);
  }

  /** The same, with an error by its name and success as "ok". */
  outcome(number: number, ...given: (bigint | number | string)[]): string {
    return outcomeOf(this.call(number, ...given));
  }

  write(path: string, bytes: Uint8Array): void {
    const file = this.call(2, path, 0x241, 0o644);
    this.call(1, file, this.put(bytes, 8192), bytes.length);
    this.call(3, file);
  }

  read(path: string, limit = 65536): Uint8Array | undefined {
    const file = this.call(2, path, 0);
    if (file < 0n) return undefined;
    const count = this.call(0, file, this.room + 8192n, limit);
    this.call(3, file);
    return count < 0n ? undefined : this.bytes(this.room + 8192n, Number(count));
  }

  readLink(path: string): string | undefined {
    const count = this.call(89, path, this.room + 8192n, 4096);
    return count < 0n ? undefined : new TextDecoder().decode(this.bytes(this.room + 8192n, Number(count)));
  }

  /** struct stat of a path, without following a link there; undefined if there is nothing. */
  stat(path: string): { mode: number; links: number; size: number; number: bigint } | undefined {
    const at = this.room + 8192n;
    if (this.call(6, path, at) !== 0n) return undefined;
    const view = new DataView(this.bytes(at, 144).buffer);
    return {
      number: view.getBigUint64(8, true),
      links: Number(view.getBigUint64(16, true)),
      mode: view.getUint32(24, true),
      size: Number(view.getBigUint64(48, true)),
    };
  }

  /** One getdents64 with `room` bytes. */
  list(file: bigint, room: number): Entry[] {
    const at = this.room + 8192n;
    const count = Number(this.call(217, file, at, room));
    if (count < 0) throw new Error(`getdents64: ${outcomeOf(BigInt(count))}`);
    const bytes = this.bytes(at, count);
    const view = new DataView(bytes.buffer);
    const found: Entry[] = [];
    for (let start = 0; start < count; start += view.getUint16(start + 16, true)) {
      const end = bytes.indexOf(0, start + 19);
      const name = Buffer.from(bytes.subarray(start + 19, end)).toString('latin1');
      found.push({ name, offset: view.getBigUint64(start + 8, true) });
    }
    return found;
  }

  /** Every name in a directory but `.` and `..`, sorted. */
  names(path: string): string[] {
    const file = this.call(2, path, 0o200000);
    if (file < 0n) throw new Error(`cannot open ${path}: ${outcomeOf(file)}`);
    const all: string[] = [];
    for (let part = this.list(file, 1024); part.length !== 0; part = this.list(file, 1024)) {
      all.push(...part.map(({ name }) => name));
    }
    this.call(3, file);
    return all.filter((name) => name !== '.' && name !== '..').sort();
  }
}

export function outcomeOf(result: bigint): string {
  return result >= 0n ? 'ok' : (ERRORS[Number(-result)] ?? String(result));
}
