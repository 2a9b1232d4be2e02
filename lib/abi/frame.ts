/**
 * The registers of an interrupted thread, in memory: the order of Linux's `pt_regs`, with the vector below it. The
 * processor pushes ss..rip itself (Intel SDM 3A 6.14.2), so the end of a frame is where TSS.RSP0 points. A foreign
 * thread's frame lies at offset 0 of its UTCB page, where its server reads and writes it.
 */
export class Frame {
  vector!: u64;
  r15!: u64;
  r14!: u64;
  r13!: u64;
  r12!: u64;
  rbp!: u64;
  rbx!: u64;
  r11!: u64;
  r10!: u64;
  r9!: u64;
  r8!: u64;
  rax!: u64;
  rcx!: u64;
  rdx!: u64;
  rsi!: u64;
  rdi!: u64;
  /** The system call's number or the exception's error code. */
  original!: u64;
  rip!: u64;
  cs!: u64;
  rflags!: u64;
  rsp!: u64;
  ss!: u64;
}

export const FRAME_WORDS = 22;
staticAssert(sizeOf<Frame>() === FRAME_WORDS * 8, 'the assembly and Linux signal frames know this layout');
