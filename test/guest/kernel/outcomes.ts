/**
 * Which errors each operation and invocation was seen to give: by a case that expected that very error, and passed. The
 * runner compares this with what lib/abi documents (test/guest/kernel.guest.ts), so that no error is without a case.
 */

/** An invocation's code is its label; an operation's comes behind all labels. */
export const FIRST_OPERATION: u64 = 0x100;
export const OUTCOME_CODES: u64 = 0x110;

class Outcomes {
  /** What was asked last, and what it gave; no code if a case has been about it. */
  code!: u64;
  error!: u64;
  /** Bit E of word C: a case has seen C give error E. */
  seen!: Fixed<u64, 272>;
}

const outcomes: Outcomes = reserve();
staticAssert(OUTCOME_CODES === 272, 'a word for each code');

const NOTHING: u64 = 0;

function gave(code: u64, error: u64): void {
  outcomes.code = code;
  outcomes.error = error;
}

export function gaveInvocation(label: u64, error: u64): void {
  gave(label < FIRST_OPERATION ? label : NOTHING, error);
}

export function gaveOperation(operation: u64, error: u64): void {
  gave(operation < OUTCOME_CODES - FIRST_OPERATION ? FIRST_OPERATION + operation : NOTHING, error);
}

function confirm(code: u64, error: u64): void {
  const one: u64 = 1;
  if (error < 64) {
    outcomes.seen[code] |= one << error;
  }
}

/** A case is about a number: if it is what the last one gave, then about that. Each is the subject of one case at most. */
export function confirmLast(error: u64): void {
  if (outcomes.code !== NOTHING && outcomes.error === error) {
    confirm(outcomes.code, error);
  }
  outcomes.code = NOTHING;
}

export function confirmInvocation(label: u64, error: u64): void {
  confirm(label, error);
}

export function confirmOperation(operation: u64, error: u64): void {
  confirm(FIRST_OPERATION + operation, error);
}

/** A bit for each error. */
export function outcomesOf(code: u64): u64 {
  return outcomes.seen[code];
}
