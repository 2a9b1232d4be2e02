/**
 * The page each thread shares with the kernel (seeds: "UTCB"): message words beyond the registers, the thread-local
 * storage pointer, and for a foreign thread its registers. The kernel trusts nothing it reads here.
 */
import type { Frame } from './frame.js';

export class Utcb {
  /** Registers of a foreign thread. */
  frame!: Inline<Frame>;
  /** FS and GS base of a foreign thread; loaded on `ResumeFull` and whenever another thread ran in between. */
  fsBase!: u64;
  gsBase!: u64;
  /** CR2 of the last page fault of a foreign thread. */
  faultAddress!: u64;
  spare!: Fixed<u64, 7>;
  /** Message words; 0..3 travel in registers instead. */
  words!: Fixed<u64, 64>;
  /** Thread-local storage pointer and IPC buffer address, for the thread's own use. */
  tlsPointer!: u64;
  ipcBufferAddress!: u64;
  /** Capabilities to send: capability pointers. */
  sendCapabilities!: Fixed<u32, 4>;
  /** Where received capabilities go: a CNode (0: the root) and the first index in it. */
  receiveCNode!: u32;
  receiveIndex!: u32;
  reserved!: Fixed<u64, 27>;
  /** FPU state, port strings and log text pass here. */
  data!: Fixed<u8, 3072>;
}

export const UTCB_WORDS_OFFSET = 256;
export const UTCB_DATA_OFFSET = 1024;
export const UTCB_DATA_BYTES = 3072;

staticAssert(offsetOf<Utcb>('words') === UTCB_WORDS_OFFSET, 'message words start at 256');
staticAssert(offsetOf<Utcb>('tlsPointer') === 768, 'the thread pointer follows the message words');
staticAssert(offsetOf<Utcb>('data') === UTCB_DATA_OFFSET, 'bulk data starts at 1024');
staticAssert(sizeOf<Utcb>() === 4096, 'a UTCB is one page');
