/**
 * The signal frame of Linux x86_64 (struct rt_sigframe): what a handler finds on its stack and sigreturn takes back.
 *
 * Everything that comes back is the program's to forge, so only what ring 3 may hold is restored: the kernel forces
 * segments and masks flags, and refuses addresses outside user space when the thread leaves.
 */
import type { Frame } from '../../../lib/abi/frame';
import { word32At } from '../../../lib/arch/x86_64/bytes';
import { loadFpu, saveFpu } from '../../kernel/threads';
import { SignalInformationLayout } from '../../linux/siginfo';
import { copyIn, copyOut } from '../../memory/copy';
import type { Thread } from '../../process/thread';
import { type Disposition, SA_ONSTACK, SA_RESTORER } from '../../signal/dispositions';
import type { SignalInformation } from '../../signal/pending';

/** struct sigcontext, struct ucontext and the return address, in their order. */
class SignalFrame {
  returnAddress!: u64;
  flags!: u64;
  link!: u64;
  stackPointer!: u64;
  stackFlags!: u64;
  stackSize!: u64;
  r8!: u64;
  r9!: u64;
  r10!: u64;
  r11!: u64;
  r12!: u64;
  r13!: u64;
  r14!: u64;
  r15!: u64;
  rdi!: u64;
  rsi!: u64;
  rbp!: u64;
  rbx!: u64;
  rdx!: u64;
  rax!: u64;
  rcx!: u64;
  rsp!: u64;
  rip!: u64;
  rflags!: u64;
  /** cs, gs, fs, ss: 16 bits each. */
  segments!: u64;
  error!: u64;
  trap!: u64;
  oldMask!: u64;
  cr2!: u64;
  fpuState!: u64;
  reserved!: Fixed<u64, 8>;
  mask!: u64;
  information!: Inline<SignalInformationLayout>;
}

staticAssert(sizeOf<SignalFrame>() === 440, 'struct rt_sigframe is 440 bytes');

const image: SignalFrame = reserve();
/** FXSAVE or XSAVE image: at most 832 bytes with AVX. */
const FPU_LIMIT: u64 = 1024;
const fpuImage: Fixed<u8, 1024> = reserve();
/** Its size, the same for every thread; 0: not asked yet. */
let fpuSize: u64 = 0;

/** Where MXCSR is in it, and the bits that exist: a frame that sets others is bad (Intel SDM 1, 10.2.3 and 10.5.1.2). */
const MXCSR_AT: u64 = 24;
const MXCSR_BITS: u64 = 0xffff;

/** uc_flags: the stack segment is saved and is to be restored strictly (arch/x86/include/uapi/asm/ucontext.h). */
const UC_FLAGS: u64 = 6;
const USER_CS: u64 = 0x33;
const USER_SS: u64 = 0x2b;
/** Below the stack pointer lies the red zone (System V ABI, 3.2.2). */
const RED_ZONE: u64 = 128;
const DIRECTION_FLAG: u64 = 0x400;
const RESUME_FLAG: u64 = 0x1_0000;
const TRAP_FLAG: u64 = 0x100;
const SS_ONSTACK: u64 = 1;
const SS_DISABLE: u64 = 2;
const SS_AUTODISARM: u64 = 0x8000_0000;
/** The field's 32 bits; padding follows them. */
const STACK_FLAGS: u64 = 0xffff_ffff;
const MINSIGSTKSZ: u64 = 2048;

/** Whether `pointer` lies in `thread`'s alternate signal stack. */
export function isOnAlternateStack(thread: Thread, pointer: u64): boolean {
  return pointer > thread.alternateStack && pointer - thread.alternateStack <= thread.alternateSize;
}

function fillRegisters(frame: Frame): void {
  image.r8 = frame.r8;
  image.r9 = frame.r9;
  image.r10 = frame.r10;
  image.r11 = frame.r11;
  image.r12 = frame.r12;
  image.r13 = frame.r13;
  image.r14 = frame.r14;
  image.r15 = frame.r15;
  image.rdi = frame.rdi;
  image.rsi = frame.rsi;
  image.rbp = frame.rbp;
  image.rbx = frame.rbx;
  image.rdx = frame.rdx;
  image.rax = frame.rax;
  image.rcx = frame.rcx;
  image.rsp = frame.rsp;
  image.rip = frame.rip;
  image.rflags = frame.rflags;
  image.segments = USER_CS | (USER_SS << 48);
}

/**
 * Writes the frame of `signal` and points the registers at its handler. `mask` is what sigreturn restores. False, with
 * nothing changed, if the stack cannot be written or there is no way back (no SA_RESTORER).
 */
export function setUpSignalFrame(
  thread: Thread,
  signal: u32,
  information: SignalInformation,
  disposition: Disposition,
  mask: u64,
): boolean {
  if ((disposition.flags & SA_RESTORER) === 0) return false;
  const frame = thread.frame;
  const wantsAlternate = (disposition.flags & SA_ONSTACK) !== 0 && thread.alternateSize !== 0;
  const isNested = isOnAlternateStack(thread, frame.rsp);
  let top = frame.rsp - RED_ZONE;
  if (wantsAlternate && !isNested) top = thread.alternateStack + thread.alternateSize;
  const fpuBytes = saveFpu(thread, addressOf(fpuImage), FPU_LIMIT);
  const fpuAddress = (top - fpuBytes) & ~63;
  const address = ((fpuAddress - (sizeOf<SignalFrame>() as u64)) & ~15) - 8;
  fillRegisters(frame);
  image.returnAddress = disposition.restorer;
  image.flags = UC_FLAGS;
  image.link = 0;
  image.stackPointer = thread.alternateStack;
  image.stackSize = thread.alternateSize;
  image.stackFlags = thread.alternateSize === 0 ? SS_DISABLE : isNested ? SS_ONSTACK : 0;
  image.error = frame.original;
  image.trap = frame.vector;
  image.oldMask = mask;
  image.cr2 = information.value;
  image.fpuState = fpuAddress;
  image.mask = mask;
  image.information.fill(information);
  if (copyOut(thread.space, fpuAddress, addressOf(fpuImage), fpuBytes) !== fpuBytes) return false;
  const size = sizeOf<SignalFrame>() as u64;
  if (copyOut(thread.space, address, addressOf(image), size) !== size) return false;
  frame.rsp = address;
  frame.rip = disposition.handler;
  frame.rdi = signal as u64;
  frame.rsi = address + (offsetOf<SignalFrame>('information') as u64);
  frame.rdx = address + (offsetOf<SignalFrame>('flags') as u64);
  frame.rax = 0;
  frame.rflags &= ~(DIRECTION_FLAG | RESUME_FLAG | TRAP_FLAG);
  return true;
}

/**
 * Puts the alternate stack of the frame just read in force, by sigaltstack's rules (Linux: restore_altstack): it stays as
 * it is while the thread goes back to it, and what sigaltstack would refuse is passed over.
 */
function restoreAlternateStack(thread: Thread): void {
  if (isOnAlternateStack(thread, thread.frame.rsp)) return;
  const mode = image.stackFlags & STACK_FLAGS & ~SS_AUTODISARM;
  if (mode === SS_DISABLE) {
    thread.alternateStack = 0;
    thread.alternateSize = 0;
  } else if ((mode === 0 || mode === SS_ONSTACK) && image.stackSize >= MINSIGSTKSZ) {
    thread.alternateStack = image.stackPointer;
    thread.alternateSize = image.stackSize;
  }
}

/** The mask that the frame just read holds. */
export function returnedMask(): u64 {
  return image.mask;
}

/** Takes the registers back from the frame that the handler's `ret` left below the stack pointer. False if unreadable. */
export function takeSignalFrame(thread: Thread): boolean {
  const frame = thread.frame;
  const size = sizeOf<SignalFrame>() as u64;
  if (copyIn(thread.space, addressOf(image), frame.rsp - 8, size) !== size) return false;
  if (fpuSize === 0) fpuSize = saveFpu(thread, addressOf(fpuImage), FPU_LIMIT);
  const fpuBytes = fpuSize;
  if (image.fpuState !== 0) {
    if (copyIn(thread.space, addressOf(fpuImage), image.fpuState, fpuBytes) !== fpuBytes) return false;
    if ((word32At(addressOf(fpuImage) + MXCSR_AT) & ~MXCSR_BITS) !== 0) return false;
    loadFpu(thread, addressOf(fpuImage), fpuBytes);
  }
  frame.r8 = image.r8;
  frame.r9 = image.r9;
  frame.r10 = image.r10;
  frame.r11 = image.r11;
  frame.r12 = image.r12;
  frame.r13 = image.r13;
  frame.r14 = image.r14;
  frame.r15 = image.r15;
  frame.rdi = image.rdi;
  frame.rsi = image.rsi;
  frame.rbp = image.rbp;
  frame.rbx = image.rbx;
  frame.rdx = image.rdx;
  frame.rax = image.rax;
  frame.rcx = image.rcx;
  frame.rsp = image.rsp;
  frame.rip = image.rip;
  frame.rflags = image.rflags;
  restoreAlternateStack(thread);
  return true;
}
