/**
 * The boot sequence, from the loader's hand-over to the first instruction in ring 3. Everything here runs once, on the
 * CPU that booted, with interrupts off.
 */
import { initializeAcpi } from './arch/x86_64/acpi.js';
import { readPowerHardware } from './arch/x86_64/acpi-power.js';
import { initializeCpu } from './arch/x86_64/cpu-setup.js';
import { initializeInterrupts, usesPic } from './arch/x86_64/irq.js';
import { protectImage } from './arch/x86_64/kernel-map.js';
import { calibrateTimers, enableLocalApic } from './arch/x86_64/local-apic.js';
import { madt, readMadt } from './arch/x86_64/madt.js';
import { openScreen } from './arch/x86_64/screen.js';
import { initializeSerial } from './arch/x86_64/serial.js';
import { readWallClock, startClock, tscKilohertz } from './arch/x86_64/time.js';
import { BootProtocol, bootRecord } from './boot/boot-record.js';
import { bootOptions, parseCommandLine } from './boot/command-line.js';
import { takeOverMemory } from './boot/memory.js';
import { readMultiboot2Information } from './boot/multiboot2.js';
import { readPvhInformation } from './boot/pvh.js';
import { LogDevice, LogLevel, logBegin, logEnd, logLine, logNumber, logText, openLog } from './log.js';
import { panic } from './panic.js';
import { startRootTask } from './root-task.js';

// What assembly enters beside kernel_main, so that it is part of the program.
export { interrupt } from './arch/x86_64/interrupt.js';
export { beforeResume } from './arch/x86_64/resume.js';

/** @entry kernel_main */
export function main(protocol: u64, information: u64): void {
  startClock();
  initializeCpu();
  protectImage();
  const isRead = readBootInformation(protocol, information);
  parseCommandLine();
  openScreen();
  initializeSerial();
  openLog(bootOptions.logLevel, logDevices());
  logLine(LogLevel.Info, 'Kairo: a capability kernel in TypeScript');
  if (!isRead) {
    panic('the loader left no boot information that can be read');
  }
  takeOverMemory();
  initializeDevices();
  startRootTask();
}

function logDevices(): LogDevice {
  if (bootOptions.logToDebugConsole) {
    return LogDevice.DebugConsole;
  }
  return bootOptions.logToScreen ? LogDevice.Screen : LogDevice.SerialAndScreen;
}

/** `information` is the physical address of what the loader left. */
function readBootInformation(protocol: u64, information: u64): boolean {
  if (protocol === BootProtocol.Pvh) {
    bootRecord.protocol = BootProtocol.Pvh;
    return readPvhInformation(information);
  }
  bootRecord.protocol = BootProtocol.Multiboot2;
  return readMultiboot2Information(information);
}

/** Interrupt controllers, timers and clocks. */
function initializeDevices(): void {
  initializeAcpi();
  readMadt();
  readPowerHardware();
  initializeInterrupts();
  if (!enableLocalApic(usesPic())) {
    panic('this processor has no local APIC where one should be');
  }
  if (!calibrateTimers()) {
    logLine(LogLevel.Warning, 'time: no timer to measure the processor frequency by; clocks will be wrong');
  }
  readWallClock();
  logLine(LogLevel.Info, 'console: the first serial line, 115200 baud, 8N1');
  logBegin(LogLevel.Info);
  logText('cpu: ');
  logNumber(madt.processorCount);
  logText(madt.processorCount === 1 ? ' processor, ' : ' processors, ');
  logNumber(tscKilohertz() / 1000);
  logText(usesPic() ? ' MHz, interrupts by 8259' : ' MHz, interrupts by I/O APIC');
  logEnd();
}
