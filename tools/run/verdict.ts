/**
 * Turns how a run ended into the exit status of `tools/kairo` and the lines it prints.
 * The guest's own status passes unchanged; everything else has a status and a first line of its own.
 * isa-debug-exit makes QEMU exit with (value << 1) | 1, and QEMU's own failure is 1, so success is neither 0 nor 1.
 */

export const ExitStatus = { Usage: 2, Timeout: 124, Panic: 125, Failure: 126 } as const;

const QEMU_POWER_OFF = (0x10 << 1) | 1;
const QEMU_RESTART = (0x18 << 1) | 1;
const QEMU_PANIC = (0x20 << 1) | 1;

/** Lines of the log that are shown from before a panic. */
const PANIC_CONTEXT = 6;

export interface Ending {
  /** How QEMU ended. */
  code: number | null;
  signal: string | null;
  qemuErrors: string;
  /** Reason of QEMU's SHUTDOWN event: `guest-shutdown` is an ACPI power-off, `guest-reset` a reset or triple fault. */
  shutdownReason: string | undefined;
  /** What the guest wrote to its exit channel. */
  status: number | undefined;
  /** A COMMAND was given, so a status is owed. */
  statusOwed: boolean;
  /** Seconds, when the run was ended for taking longer. */
  timeout: number | undefined;
  /** Where the processors stood when time was up. */
  position: string;
  /** Set when the channel carried something that is no frame. */
  channelError: string | undefined;
  log: string;
  /** The log is already on the person's screen. */
  logShown: boolean;
}

export interface Verdict {
  status: number;
  lines: string[];
}

export function judge(ending: Ending): Verdict {
  if (ending.timeout !== undefined) {
    const line = `kairo: time-out: the guest was still running after ${ending.timeout} s`;
    return { status: ExitStatus.Timeout, lines: [line, ...indent(ending.position)] };
  }
  if (ending.channelError !== undefined) {
    return failure(`the guest sent ${ending.channelError} over its host channel`);
  }
  if (ending.code === QEMU_PANIC) {
    return { status: ExitStatus.Panic, lines: ['kairo: panic: the kernel stopped', ...panicText(ending)] };
  }
  if (poweredOff(ending)) {
    if (ending.status !== undefined) return { status: ending.status, lines: [] };
    if (!ending.statusOwed) return { status: 0, lines: [] };
    return failure('the guest switched itself off before COMMAND reported its exit status', logTail(ending));
  }
  if (ending.code === 0 && ending.shutdownReason === 'guest-reset') {
    const line = 'kairo: panic: the guest reset the machine (a triple fault, or a reboot nobody asked for)';
    return { status: ExitStatus.Panic, lines: [line, ...logTail(ending)] };
  }
  const how = ending.signal === null ? `exited with status ${ending.code}` : `was ended by ${ending.signal}`;
  return failure(`QEMU ${how}`, indent(ending.qemuErrors));
}

function poweredOff(ending: Ending): boolean {
  if (ending.code === QEMU_POWER_OFF || ending.code === QEMU_RESTART) return true;
  return ending.code === 0 && ending.shutdownReason === 'guest-shutdown';
}

function failure(reason: string, more: string[] = []): Verdict {
  return { status: ExitStatus.Failure, lines: [`kairo: failure: ${reason}`, ...more] };
}

/** From a few lines before the last panic, which often say why, to the end of the log. */
function panicText(ending: Ending): string[] {
  if (ending.logShown) return [];
  const lines = ending.log.trimEnd().split('\n');
  const start = lines.findLastIndex((line) => /\bpanic\b/i.test(line) && !line.includes('end of panic'));
  return indent(lines.slice(start === -1 ? -40 : Math.max(0, start - PANIC_CONTEXT)).join('\n'));
}

function logTail(ending: Ending): string[] {
  return ending.logShown ? [] : indent(ending.log.trimEnd().split('\n').slice(-10).join('\n'));
}

function indent(text: string): string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split('\n').map((line) => `  ${line.replace(/\r$/, '')}`);
}
