/**
 * The root task: the first thread and the only one the kernel makes. It gets all that there is, as capabilities in a
 * flat CNode (lib/abi/boot-information.ts lists the slots): every byte of memory that the kernel does not use itself,
 * the interrupt lines, the I/O ports, the clock and the machine.
 */
import {
  BOOT_INFORMATION_ADDRESS,
  BOOT_MAGIC,
  type BootInformation,
  CLOCK_SLOT,
  FIRST_UNTYPED_SLOT,
  FRAMEBUFFER_SLOT,
  IRQ_CONTROL_SLOT,
  MODULE_SLOT,
  PORT_RANGE_SLOT,
  ROOT_CNODE_SLOT,
  ROOT_PRIORITY,
  ROOT_STACK_TOP,
  ROOT_TCB_SLOT,
  ROOT_UTCB_ADDRESS,
  ROOT_VSPACE_SLOT,
  SYSTEM_SLOT,
} from '../lib/abi/boot-information.js';
import { ObjectKind, PAGE_BITS, SLOT_BITS, TCB_BITS, VSPACE_BITS } from '../lib/abi/object-kind.js';
import { RIGHT_READ, RIGHTS_ALL } from '../lib/abi/rights.js';
import { currentCpu } from './arch/x86_64/cpu.js';
import { readTsc, tscKilohertz, wallClockSeconds } from './arch/x86_64/time.js';
import { bootRecord, ScreenKind } from './boot/boot-record.js';
import { addMemory } from './boot/memory-map.js';
import type { Capability } from './object/capability.js';
import type { CNode } from './object/cnode.js';
import { makeObject } from './object/create.js';
import { insertChild } from './object/derivation.js';
import { type Tcb, ThreadSlot, ThreadState } from './object/tcb.js';
import { bindSlot, setUtcb } from './object/thread-slots.js';
import { makeMemoryCapability, setMarks } from './object/untyped.js';
import type { VSpace } from './object/vspace.js';
import { bootInformationAt, copyMemory, hasSecondSerial } from './root/arch/x86_64/boot-page.js';
import { elfEntry } from './root/arch/x86_64/elf-image.js';
import { addAllUntyped, addUntyped, findBlock, takeBlock } from './root/memory.js';
import { blockBits, loadProgram, mapFixedPages, supplyRootTables } from './root/program.js';
import { idleThread, initializeIdle } from './sched/idle.js';
import { initializeScheduler, switchTo } from './sched/scheduler.js';

// What assembly enters beside these modules' own imports, so that it is part of the program.
export { nativeOperation } from './ipc/fast-path.js';
export { deliverFault } from './ipc/fault.js';
export { foreignSystemCall } from './ipc/foreign.js';

const SMALL_MEMORY: u64 = 0x200_0000;
const LARGE_MEMORY: u64 = 0x380_0000;
const SMALL_RADIX = 11;
const MIDDLE_RADIX = 12;
const LARGE_RADIX = 14;
const SLICE_MILLISECONDS = 10;
const RFLAGS_INTERRUPTS = 0x202;
const PORTS_LAST: u64 = 0xffff;

let startTsc: u64 = 0;

/** The time stamp counter when the root task was made: the origin of its clock. */
export function bootTsc(): u64 {
  return startTsc;
}

/** Makes the root task and makes it the current thread. */
export function startRootTask(): void {
  startTsc = readTsc();
  const radix = rootRadix();
  const firstSlots = takeBlock(radix + SLOT_BITS);
  // The table's own capability lies in the table: it is made outside first.
  const bootstrap = bootstrapSlot;
  makeObject(bootstrap, ObjectKind.CNode, radix + SLOT_BITS, firstSlots);
  const table = bootstrap.object as CNode;
  moveInitial(bootstrap, table.slots[ROOT_CNODE_SLOT]);
  makeObject(table.slots[ROOT_VSPACE_SLOT], ObjectKind.VSpace, VSPACE_BITS, takeBlock(VSPACE_BITS));
  makeObject(table.slots[ROOT_TCB_SLOT], ObjectKind.Tcb, TCB_BITS, takeBlock(PAGE_BITS));
  makeDeviceCapabilities(table);

  const space = table.slots[ROOT_VSPACE_SLOT].object as VSpace;
  const utcb = takeBlock(PAGE_BITS);
  const information = takeBlock(PAGE_BITS);
  supplyRootTables(space, table);
  loadProgram(space);
  mapFixedPages(space, utcb, information);
  fillInformation(bootInformationAt(information), table, radix);

  const thread = table.slots[ROOT_TCB_SLOT].object as Tcb;
  bindSlot(thread, ThreadSlot.CSpace, table.slots[ROOT_CNODE_SLOT]);
  bindSlot(thread, ThreadSlot.VSpace, table.slots[ROOT_VSPACE_SLOT]);
  setUtcb(thread, utcb, ROOT_UTCB_ADDRESS);
  run(thread);
}

const bootstrapSlot: Capability = reserve();
let rootThread: Tcb | null = null;

/** Whether `thread` is the one that the kernel made: without it nothing works. */
export function isRootTask(thread: Tcb): boolean {
  return thread === rootThread;
}

function moveInitial(from: Capability, to: Capability): void {
  to.kind = from.kind;
  to.rights = from.rights;
  to.bits = from.bits;
  to.guardBits = from.guardBits;
  to.object = from.object;
  from.kind = ObjectKind.None;
}

function rootRadix(): u64 {
  if (bootRecord.totalMemory < SMALL_MEMORY) {
    return SMALL_RADIX;
  }
  return bootRecord.totalMemory < LARGE_MEMORY ? MIDDLE_RADIX : LARGE_RADIX;
}

function makeDeviceCapabilities(table: CNode): void {
  makePlain(table.slots[IRQ_CONTROL_SLOT], ObjectKind.IrqControl);
  makePlain(table.slots[PORT_RANGE_SLOT], ObjectKind.PortRange);
  table.slots[PORT_RANGE_SLOT].word = PORTS_LAST << 16;
  makePlain(table.slots[CLOCK_SLOT], ObjectKind.Clock);
  makePlain(table.slots[SYSTEM_SLOT], ObjectKind.System);
}

function makePlain(slot: Capability, kind: ObjectKind): void {
  slot.kind = kind;
  slot.rights = RIGHTS_ALL;
}

function fillInformation(information: BootInformation, table: CNode, radix: u64): void {
  information.magic = BOOT_MAGIC;
  information.totalMemory = bootRecord.totalMemory;
  information.cpuCount = 1;
  information.rootRadix = radix;
  information.tscKilohertz = tscKilohertz();
  information.tscAtBoot = startTsc;
  information.wallClockSeconds = wallClockSeconds();
  information.hasSecondSerial = hasSecondSerial() ? 1 : 0;
  information.commandLineBytes = bootRecord.commandLineLength;
  for (let at: u64 = 0; at < bootRecord.commandLineLength; at++) {
    information.commandLine[at] = bootRecord.commandLine[at];
  }
  addModule(information, table);
  addFramebuffer(information, table.slots[FRAMEBUFFER_SLOT]);
  addAllUntyped(information, table);
  information.firstFreeSlot = FIRST_UNTYPED_SLOT + information.untypedCount;
}

/**
 * The boot module as a Region. It is copied to a block of its own where there is one, an Untyped that the root task
 * gets back by revoking it; otherwise a read-only Region covers it where the loader left it.
 */
function addModule(information: BootInformation, table: CNode): void {
  const bytes = bootRecord.moduleBytes;
  if (bytes === 0) {
    return;
  }
  const slot = table.slots[MODULE_SLOT];
  const bits = blockBits(bytes);
  const one: u64 = 1;
  const block = findBlock(bits);
  information.moduleBytes = bytes;
  if (block === 0) {
    coverInPlace(slot, bootRecord.modulePhysical, bytes, RIGHT_READ);
    information.modulePhysical = bootRecord.modulePhysical;
    information.moduleRegionBits = slot.bits;
    information.moduleOffset = bootRecord.modulePhysical - slot.base;
    return;
  }
  copyMemory(block, bootRecord.modulePhysical, bytes);
  addMemory(bootRecord.modulePhysical, bytes);
  const untyped = table.slots[FIRST_UNTYPED_SLOT + information.untypedCount];
  addUntyped(information, table, block, bits);
  setMarks(untyped, one << bits, one << bits);
  makeMemoryCapability(slot, ObjectKind.Region, bits, block, RIGHTS_ALL);
  insertChild(untyped, slot);
  information.modulePhysical = block;
  information.moduleRegionBits = bits;
}

/** A Region that covers [physical, physical + bytes), whatever else its span holds. */
function coverInPlace(slot: Capability, physical: u64, bytes: u64, rights: u64): void {
  let bits: u64 = PAGE_BITS;
  while (physical >>> bits !== (physical + bytes - 1) >>> bits) {
    bits++;
  }
  makeMemoryCapability(slot, ObjectKind.Region, bits, (physical >>> bits) << bits, rights);
}

function addFramebuffer(information: BootInformation, slot: Capability): void {
  if (bootRecord.screenKind !== ScreenKind.Framebuffer) {
    return;
  }
  information.framebufferPhysical = bootRecord.screenPhysical;
  information.framebufferWidth = bootRecord.screenWidth;
  information.framebufferHeight = bootRecord.screenHeight;
  information.framebufferPitch = bootRecord.screenPitch;
  information.framebufferBitsPerPixel = bootRecord.screenBitsPerPixel;
  coverInPlace(slot, bootRecord.screenPhysical, bootRecord.screenPitch * bootRecord.screenHeight, RIGHTS_ALL);
}

/** The root task is trusted: it uses no FPU, so none is kept from it, and it may give any priority. */
function run(thread: Tcb): void {
  const cpu = currentCpu();
  const frame = thread.frame;
  rootThread = thread;
  frame.rip = elfEntry();
  frame.rsp = ROOT_STACK_TOP - 8;
  frame.rdi = BOOT_INFORMATION_ADDRESS;
  frame.rflags = RFLAGS_INTERRUPTS;
  thread.usesFpu = false;
  thread.slowFlags = 0;
  thread.priority = ROOT_PRIORITY;
  thread.maximumPriority = 255;
  thread.state = ThreadState.Ready;
  initializeIdle();
  initializeScheduler(tscKilohertz() * SLICE_MILLISECONDS);
  cpu.current = idleThread;
  switchTo(cpu, thread);
}
