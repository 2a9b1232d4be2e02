/**
 * What a process does on each signal (sigaction(2)); shared by CLONE_SIGHAND, copied by fork, reset by exec.
 */
import { release } from '../memory/heap';
import { bitOf, IGNORED_BY_DEFAULT, SIGNAL_COUNT } from './numbers';

export const SIG_DFL: u64 = 0;
export const SIG_IGN: u64 = 1;

export const SA_NOCLDSTOP: u64 = 1;
export const SA_NOCLDWAIT: u64 = 2;
export const SA_SIGINFO: u64 = 4;
export const SA_RESTORER: u64 = 0x0400_0000;
export const SA_ONSTACK: u64 = 0x0800_0000;
export const SA_RESTART: u64 = 0x1000_0000;
export const SA_NODEFER: u64 = 0x4000_0000;
export const SA_RESETHAND: u64 = 0x8000_0000;

/** The kernel's struct sigaction of x86_64: handler, flags, restorer, mask. */
export class Disposition {
  handler!: u64;
  flags!: u64;
  restorer!: u64;
  mask!: u64;
}

export class Dispositions {
  references!: u32;
  /** Signals set to SIG_IGN, and those with a handler, as sets. */
  ignored!: u64;
  caught!: u64;
  of!: Fixed<Inline<Disposition>, 65>;

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }

  /** Whether `signal` would be thrown away if it were not blocked. */
  ignores(signal: u32): boolean {
    const bit = bitOf(signal);
    if ((this.ignored & bit) !== 0) return true;
    return (this.caught & bit) === 0 && (IGNORED_BY_DEFAULT & bit) !== 0;
  }

  /** Records `handler` in the sets; the entry itself was written by the caller. */
  note(signal: u32): void {
    const bit = bitOf(signal);
    const handler = this.of[signal].handler;
    this.ignored &= ~bit;
    this.caught &= ~bit;
    if (handler === SIG_IGN) this.ignored |= bit;
    else if (handler !== SIG_DFL) this.caught |= bit;
  }

  /** Back to the default action; what else sigaction set stays to be read (SA_RESETHAND, forced signals). */
  disarm(signal: u32): void {
    this.of[signal].handler = SIG_DFL;
    this.note(signal);
  }

  reset(signal: u32): void {
    const entry: Disposition = this.of[signal];
    entry.handler = SIG_DFL;
    entry.flags = 0;
    entry.restorer = 0;
    entry.mask = 0;
    this.note(signal);
  }

  /** For execve: handlers go back to default, ignored signals stay ignored (execve(2)). */
  resetHandlers(): void {
    for (let signal: u32 = 1; signal <= SIGNAL_COUNT; signal++) {
      if ((this.caught & bitOf(signal)) !== 0) this.reset(signal);
      else {
        this.of[signal].flags = 0;
        this.of[signal].mask = 0;
      }
    }
  }

  copy(): Dispositions {
    const other = new Dispositions();
    other.references = 1;
    other.ignored = this.ignored;
    other.caught = this.caught;
    // Only entries that were ever set differ from zero.
    const touched = this.ignored | this.caught;
    for (let signal: u32 = 1; signal <= SIGNAL_COUNT; signal++) {
      if ((touched & bitOf(signal)) === 0) continue;
      const from: Disposition = this.of[signal];
      const to: Disposition = other.of[signal];
      to.handler = from.handler;
      to.flags = from.flags;
      to.restorer = from.restorer;
      to.mask = from.mask;
    }
    return other;
  }
}
