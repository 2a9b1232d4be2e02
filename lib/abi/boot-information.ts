/**
 * What the kernel tells the root task: one page, read-only at BOOT_INFORMATION_ADDRESS (its address is in rdi at
 * entry). Addresses and lengths are physical unless they say otherwise.
 */

/** Slots of the root task's CNode at start. */
export const ROOT_CNODE_SLOT = 1;
export const ROOT_VSPACE_SLOT = 2;
export const ROOT_TCB_SLOT = 3;
export const IRQ_CONTROL_SLOT = 4;
export const PORT_RANGE_SLOT = 5;
export const CLOCK_SLOT = 6;
export const SYSTEM_SLOT = 7;
/** Region of the boot module (the initial root file system), if any. */
export const MODULE_SLOT = 8;
/** Region of the framebuffer, if any. */
export const FRAMEBUFFER_SLOT = 9;
/** Tables that hold the root task's own page tables. */
export const ROOT_TABLES_SLOT = 10;
/** The first Untyped; the others follow. */
export const FIRST_UNTYPED_SLOT = 16;

export const BOOT_INFORMATION_ADDRESS = 0x7fff_0000_0000;
export const ROOT_UTCB_ADDRESS = 0x7fff_0001_0000;
export const ROOT_STACK_TOP = 0x7ffe_0000_0000;
export const ROOT_STACK_BYTES = 65536;
export const ROOT_PRIORITY = 200;

export const BOOT_MAGIC: u64 = 0x6b_6169_726f;
export const BOOT_UNTYPED_LIMIT = 96;

/** One Untyped of the root task: the slot is FIRST_UNTYPED_SLOT + its index. */
export class BootUntyped {
  physical!: u64;
  bits!: u64;
}

export class BootInformation {
  magic!: u64;
  /** Bytes of memory in the machine, and of it in the Untyped below. */
  totalMemory!: u64;
  untypedMemory!: u64;
  untypedCount!: u32;
  cpuCount!: u32;
  /** 2^radix slots in the root CNode: 11 below 32 MB, 14 from 56 MB on. */
  rootRadix!: u32;
  /** First slot that is empty at start; all after it are too. */
  firstFreeSlot!: u32;
  modulePhysical!: u64;
  moduleBytes!: u64;
  /** log2 of the span that MODULE_SLOT's Region covers, and where in it the module begins. */
  moduleRegionBits!: u32;
  moduleOffset!: u32;
  tscKilohertz!: u64;
  tscAtBoot!: u64;
  wallClockSeconds!: u64;
  framebufferPhysical!: u64;
  framebufferWidth!: u32;
  framebufferHeight!: u32;
  framebufferPitch!: u32;
  framebufferBitsPerPixel!: u32;
  /** Set when a second serial line (COM2) answers. */
  hasSecondSerial!: u32;
  commandLineBytes!: u32;
  untyped!: Fixed<Inline<BootUntyped>, 96>;
  /** Not terminated: commandLineBytes says how long. */
  commandLine!: Fixed<u8, 2048>;
}

staticAssert(sizeOf<BootInformation>() <= 4096, 'boot information is one page');
