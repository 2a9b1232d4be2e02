/**
 * KTAP over COM1, written through the PortRange capability: `ok N name` or `not ok N name` with what was expected.
 */
import { PORT_RANGE_SLOT } from '../../../lib/abi/boot-information.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { invokeQuietly, readQuietly } from './arch/x86_64/kernel.js';
import { confirmInvocation, confirmLast, confirmOperation, OUTCOME_CODES, outcomesOf } from './outcomes.js';

const COM1: u64 = 0x3f8;
/** The 16550's line status register. */
const COM1_STATUS: u64 = COM1 + 5;
const TRANSMITTER_EMPTY: u64 = 0x20;

/** How far the run is, and which family it is in. */
class Report {
  number!: u64;
  failures!: u64;
  family!: string;
}

const report: Report = reserve();

/** Waits until the transmitter has room: a reader that is behind holds it up. */
function put(character: u64): void {
  while ((readQuietly(PORT_RANGE_SLOT, Invocation.PortRead, COM1_STATUS, 1) & TRANSMITTER_EMPTY) === 0) {}
  invokeQuietly(PORT_RANGE_SLOT, Invocation.PortWrite, COM1, 1, character);
}

export function putText(text: string): void {
  for (let at = 0; at < text.length; at++) {
    put(text.charCodeAt(at));
  }
}

export function putNumber(value: u64): void {
  if (value >= 10) {
    putNumber(value / 10);
  }
  put(0x30 + (value % 10));
}

export function putLine(text: string): void {
  putText(text);
  put(10);
}

/** The tests that follow are of this family. */
export function family(name: string): void {
  report.family = name;
}

function begin(passed: boolean, name: string): void {
  report.number++;
  if (!passed) {
    report.failures++;
    putText('not ');
  }
  putText('ok ');
  putNumber(report.number);
  putText(' ');
  putText(report.family);
  putText(': ');
  putText(name);
}

export function check(passed: boolean, name: string): void {
  begin(passed, name);
  put(10);
}

/** A case about what the last operation or invocation gave, if `actual` is its error, or about any other number. */
export function expect(actual: u64, wanted: u64, name: string): void {
  if (actual === wanted) {
    confirmLast(actual);
  }
  compare(actual, wanted, name);
}

/** A case about what an invocation by another thread gave. */
export function expectInvocation(label: u64, actual: u64, wanted: u64, name: string): void {
  if (actual === wanted) {
    confirmInvocation(label, actual);
  }
  compare(actual, wanted, name);
}

/** A case about what an operation by another thread gave. */
export function expectOperation(operation: u64, actual: u64, wanted: u64, name: string): void {
  if (actual === wanted) {
    confirmOperation(operation, actual);
  }
  compare(actual, wanted, name);
}

function compare(actual: u64, wanted: u64, name: string): void {
  begin(actual === wanted, name);
  if (actual !== wanted) {
    putText(' # got ');
    putNumber(actual);
    putText(', wanted ');
    putNumber(wanted);
  }
  put(10);
}

/** Which errors passing cases were about: `# outcome CODE ERROR...` for each operation and invocation (outcomes.ts). */
export function reportOutcomes(): void {
  for (let code: u64 = 0; code < OUTCOME_CODES; code++) {
    let errors = outcomesOf(code);
    if (errors === 0) {
      continue;
    }
    putText('# outcome ');
    putNumber(code);
    while (errors !== 0) {
      put(0x20);
      putNumber(trailingZeros(errors));
      errors &= errors - 1;
    }
    put(10);
  }
}

/** The plan comes last, so that a run that stops early is seen to be incomplete. */
export function finish(): void {
  putText('1..');
  putNumber(report.number);
  put(10);
  putText('# failures: ');
  putNumber(report.failures);
  put(10);
}
