/**
 * The start of the process server: from the kernel's boot information to the first program, then the event loop.
 *
 * Each step that can fail for a reason a person can mend says which, in one line, before the machine stops.
 */
import { BOOT_MAGIC, type BootInformation } from '../lib/abi/boot-information';
import { addressOfString } from '../lib/arch/x86_64/bytes';
import { startMemory } from './boot';
import {
  budgetOfTurn,
  commandLineLength,
  hasHostChannel,
  initArguments,
  initArgumentsLength,
  initEnvironment,
  initEnvironmentLength,
  initPath,
  initPathLength,
  ramInitPath,
  ramInitPathLength,
  readCommandLine,
  tracesCalls,
} from './command-line';
import { bindClock } from './kernel/clock';
import { stop } from './kernel/stop';
import { logBytes, logDecimal, logEnd, logText, panicBecause } from './log';
import { CLOCK_EVENT, CONSOLE_EVENT, HOST_EVENT, serve, settle } from './loop';
import { moduleAddress, releaseModule } from './memory/module';
import { ATTENTION_TRACE } from './process/attention';
import { makeInit } from './process/init';
import { startProgram } from './process/start-program';
import type { Thread } from './process/thread';
import { startClock } from './time/clock';
import { startConsole } from './tty/console';
import { startHostChannel } from './tty/host-channel';
import { unpackInitrd } from './vfs/initrd';
import { initialiseFileSystems, openInitial } from './vfs/start';
import { setBudget } from './wait/budget';
import { AGAIN, REGISTERS_SET } from './wait/outcome';

const O_RDWR: u32 = 2;

/** @entry server_main */
export function main(boot: BootInformation): void {
  if (boot.magic !== BOOT_MAGIC) stop('the boot information is not ours');
  startMemory(boot);
  startClock(boot);
  readCommandLine(boot);
  setBudget(budgetOfTurn());
  bindClock(CLOCK_EVENT);
  startConsole(CONSOLE_EVENT);
  if (hasHostChannel() && !startHostChannel(HOST_EVENT)) {
    panicBecause('kairo.host=com2, but the machine has no second serial line', 0x2f8);
  }
  initialiseFileSystems();
  if (boot.moduleBytes === 0)
    panicBecause('no root file system: give an initrd (a cpio archive) as the boot module', 0);
  const address = moduleAddress(boot);
  while (!unpackInitrd(address, boot.moduleBytes));
  releaseModule(boot);
  startFirstProgram();
  serve();
}

/** Runs the first of the programs that may be init, as Linux chooses (init/main.c, kernel_init). */
function startFirstProgram(): void {
  const thread = makeInit();
  if (thread === null) panicBecause('no memory for the first process', commandLineLength);
  if (tracesCalls()) thread.attention |= ATTENTION_TRACE;
  openStandardStreams(thread);
  if (ramInitPathLength !== 0) {
    if (start(thread, addressOf(ramInitPath))) return;
    complain(ramInitPath, ramInitPathLength);
  } else if (start(thread, addressOfString('/init'))) return;
  if (initPathLength !== 0) {
    if (start(thread, addressOf(initPath))) return;
    complain(initPath, initPathLength);
  }
  if (start(thread, addressOfString('/sbin/init'))) return;
  if (start(thread, addressOfString('/etc/init'))) return;
  if (start(thread, addressOfString('/bin/init'))) return;
  if (start(thread, addressOfString('/bin/sh'))) return;
  panicBecause('no init: none of /init, /sbin/init, /etc/init, /bin/init, /bin/sh can be run; use rdinit=', lastError);
}

/** The last error of a failed start, as a positive errno. */
let lastError: u64 = 0;

/** Descriptors 0, 1 and 2 are the console, as Linux gives them to init. */
function openStandardStreams(thread: Thread): void {
  const file = openInitial(thread, '/dev/console', O_RDWR);
  if (file === null) {
    logText('server: cannot open /dev/console; init starts without standard streams');
    logEnd();
    return;
  }
  file.retain();
  file.retain();
  const limit: u64 = 1024;
  for (let count = 0; count < 3; count++) thread.files.install(file, 0, limit, false);
}

/** Tries one program; false, with lastError set, if it cannot be run. */
function start(thread: Thread, path: u64): boolean {
  let result = AGAIN;
  while (result === AGAIN) {
    result = startProgram(
      thread,
      path,
      addressOf(initArguments),
      initArgumentsLength,
      addressOf(initEnvironment),
      initEnvironmentLength,
    );
  }
  if (result < 0 && result !== REGISTERS_SET) {
    lastError = (0 - result) as u64;
    return false;
  }
  settle(thread, REGISTERS_SET);
  return true;
}

function complain(path: Fixed<u8, 257>, length: u64): void {
  logText('server: cannot run ');
  logBytes(addressOf(path), length);
  logText(': error ');
  logDecimal(lastError);
  logEnd();
}
