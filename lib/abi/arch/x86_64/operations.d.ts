/**
 * The kernel's operations as a native thread calls them: intrinsics (their C is the ring-3 part of
 * lib/arch/x86_64/intrinsics.h). Errors are lib/abi/error.ts, labels lib/abi/invocation.ts, operations
 * lib/abi/operation.ts. The answer's words can be read until the program's next operation.
 */

/** Any operation: rax, capability, message word (label << 12 | words), words 0..3. Gives rax: the error. */
declare function kernelOperation(
  operation: u64,
  capability: u64,
  message: u64,
  word0: u64,
  word1: u64,
  word2: u64,
  word3: u64,
): u64;

/** Invokes `capability` with `label` (Invocation) and four words. Gives the error (KernelError). */
declare function kernelCall(capability: u64, label: u64, word0: u64, word1: u64, word2: u64, word3: u64): u64;

/**
 * Answers the Reply `answer` (0: nobody) with `label` (ForeignAnswer), then waits on `endpoint`. `keep` is the Reply
 * that a native caller is kept in (0: none can call). Gives the badge of the message; 0 may also mean an error.
 */
declare function replyReceive(endpoint: u64, answer: u64, keep: u64, label: u64): u64;

/** What the last operation received. The message word: label from bit 12 up, capabilities, words in bits 0..7. */
declare function kernelBadge(): u64;
declare function kernelMessage(): u64;
declare function kernelWord0(): u64;
declare function kernelWord1(): u64;
declare function kernelWord2(): u64;
declare function kernelWord3(): u64;
