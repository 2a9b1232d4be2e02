/** Interrupt lines, ports, the clock, and the machine. */
import {
  CLOCK_SLOT,
  IRQ_CONTROL_SLOT,
  PORT_RANGE_SLOT,
  ROOT_CNODE_SLOT,
  ROOT_UTCB_ADDRESS,
  SYSTEM_SLOT,
} from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, invokeShort, operate, result0, result1, resultBadge } from './arch/x86_64/kernel.js';
import { utcbAt } from './arch/x86_64/memory.js';
import { check, expect, family } from './report.js';
import { freshSlot, make, must, remove } from './setup.js';

const COM1: u64 = 0x3f8;
const COM1_LINE: u64 = 4;

export function testDevices(): void {
  testPorts();
  testIrq();
  testClock();
  testSystem();
}

function ports(range: u64, label: Invocation, port: u64, bytes: u64, value: u64): u64 {
  return invoke(range, label, port, bytes, value, 0);
}

function testPorts(): void {
  family('ports');
  const narrow = freshSlot();
  const scratch = COM1 + 7;
  expect(ports(PORT_RANGE_SLOT, Invocation.PortRestrict, COM1, COM1 + 7, narrow), KernelError.None, 'a narrower range');
  expect(ports(narrow, Invocation.PortWrite, scratch, 1, 0x5a), KernelError.None, 'a port can be written');
  expect(ports(narrow, Invocation.PortRead, scratch, 1, 0), KernelError.None, 'and read');
  expect(result0(), 0x5a, 'with what is there');
  expect(ports(narrow, Invocation.PortRead, COM1 + 8, 1, 0), KernelError.OutOfRange, 'beyond the range: OutOfRange');
  expect(ports(narrow, Invocation.PortRead, COM1 - 1, 1, 0), KernelError.OutOfRange, 'before it: OutOfRange');
  expect(ports(narrow, Invocation.PortRead, COM1 + 7, 2, 0), KernelError.OutOfRange, 'across its end: OutOfRange');
  expect(ports(narrow, Invocation.PortRead, COM1, 3, 0), KernelError.OutOfRange, 'three bytes: OutOfRange');
  expect(ports(narrow, Invocation.PortRead, 0 - 1, 1, 0), KernelError.OutOfRange, 'port -1: OutOfRange');
  expect(ports(narrow, Invocation.PortRestrict, COM1 - 1, COM1, freshSlot()), KernelError.OutOfRange, 'a wider range');
  expect(ports(narrow, Invocation.PortRestrict, COM1 + 1, COM1, freshSlot()), KernelError.OutOfRange, 'an empty range');
  expect(ports(narrow, Invocation.PortRestrict, COM1, COM1, narrow), KernelError.SlotOccupied, 'onto a capability');
  const readOnly = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, narrow, readOnly, RIGHT_READ, 0), 'copy');
  expect(ports(readOnly, Invocation.PortWrite, scratch, 1, 0), KernelError.NoRight, 'writing needs Write: NoRight');
  const mine = utcbAt(ROOT_UTCB_ADDRESS);
  mine.data[0] = 0x11;
  mine.data[1] = 0x22;
  expect(ports(narrow, Invocation.PortWriteString, scratch, 1, 2), KernelError.None, 'strings can be written');
  expect(ports(narrow, Invocation.PortReadString, scratch, 1, 1), KernelError.None, 'and read');
  expect(mine.data[0], 0x22, 'with what was written last');
  expect(ports(narrow, Invocation.PortReadString, scratch, 1, 3073), KernelError.OutOfRange, 'too long: OutOfRange');
  expect(ports(narrow, Invocation.PortReadString, scratch, 1, 0 - 1), KernelError.OutOfRange, 'far too long');
  expect(invokeShort(narrow, Invocation.PortRead, 1), KernelError.WrongLength, 'one word: WrongLength');
  expect(ports(narrow, Invocation.ClockRead, 0, 0, 0), KernelError.UnknownInvocation, 'another label');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, PORT_RANGE_SLOT, 0, 0, 0), 'revoke');
  expect(ports(narrow, Invocation.PortRead, scratch, 1, 0), KernelError.EmptySlot, 'a range can be revoked');
}

function testIrq(): void {
  family('irq');
  const handler = freshSlot();
  const notification = make(ObjectKind.Notification, 0);
  const badge: u64 = 0x10;
  expect(irq(64, handler), KernelError.OutOfRange, 'line 64: OutOfRange');
  expect(irq(63, handler), KernelError.NoDevice, 'a line that is not there: NoDevice');
  expect(irq(COM1_LINE, handler), KernelError.None, 'a line can be taken');
  expect(irq(COM1_LINE, freshSlot()), KernelError.AlreadyBound, 'once: AlreadyBound');
  expect(irq(3, handler), KernelError.SlotOccupied, 'onto a capability: SlotOccupied');
  expect(setNotification(handler, ROOT_CNODE_SLOT, 1), KernelError.WrongKind, 'no notification: WrongKind');
  expect(setNotification(handler, freshSlot(), 1), KernelError.EmptySlot, 'nothing: EmptySlot');
  const readOnly = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, notification, readOnly, RIGHT_READ, 0), 'copy');
  expect(setNotification(handler, readOnly, 1), KernelError.NoRight, 'one that may not be signalled: NoRight');
  expect(setNotification(handler, notification, badge), KernelError.None, 'a notification can be set');
  // The transmitter is empty: enabling its interrupt raises the line at once (16550: IER bit 1, MCR bit 3 for the pin).
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 4, 1, 0x0b), 'modem control');
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 1, 1, 2), 'interrupt enable');
  const waited = operate(Operation.Wait, notification, 0, 0, 0);
  const received = resultBadge();
  const again = operate(Operation.Poll, notification, 0, 0, 0);
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 1, 1, 0), 'interrupt disable');
  expect(waited, KernelError.None, 'an interrupt signals it');
  expect(received, badge, 'with the badge');
  expect(again, KernelError.WouldBlock, 'once');
  expect(invoke(handler, Invocation.IrqHandlerAcknowledge, 0, 0, 0, 0), KernelError.None, 'it can be acknowledged');
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 1, 1, 2), 'interrupt enable');
  const next = operate(Operation.Wait, notification, 0, 0, 0);
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 1, 1, 0), 'interrupt disable');
  expect(next, KernelError.None, 'and then comes again');
  must(invoke(handler, Invocation.IrqHandlerAcknowledge, 0, 0, 0, 0), 'acknowledge');
  expect(setNotification(handler, 0, 0), KernelError.None, 'the notification can be taken back');
  must(setNotification(handler, notification, badge), 'set');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, notification, 0, 0, 0), 'revoke');
  operate(Operation.Poll, notification, 0, 0, 0);
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 1, 1, 2), 'interrupt enable');
  const deaf = operate(Operation.Poll, notification, 0, 0, 0);
  must(ports(PORT_RANGE_SLOT, Invocation.PortWrite, COM1 + 1, 1, 0), 'interrupt disable');
  expect(deaf, KernelError.WouldBlock, 'revoked, it hears nothing');
  const weak = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, handler, weak, RIGHT_READ, 0), 'copy');
  expect(invoke(weak, Invocation.IrqHandlerAcknowledge, 0, 0, 0, 0), KernelError.NoRight, 'it needs Write: NoRight');
  remove(weak);
  expect(remove(handler), KernelError.None, 'a handler can be deleted');
  expect(irq(COM1_LINE, handler), KernelError.None, 'and its line taken again');
  remove(handler);
  remove(readOnly);
  remove(notification);
}

function irq(line: u64, slot: u64): u64 {
  return invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, line, slot, 0, 0);
}

function setNotification(handler: u64, notification: u64, badge: u64): u64 {
  return invoke(handler, Invocation.IrqHandlerSetNotification, notification, badge, 0, 0);
}

function testClock(): void {
  family('clock');
  const notification = make(ObjectKind.Notification, 0);
  must(invoke(CLOCK_SLOT, Invocation.ClockSetNotification, 0, 0, 0, 0), 'none');
  expect(clock(Invocation.ClockSetDeadline, 1), KernelError.NotConfigured, 'nobody to signal: NotConfigured');
  expect(clock(Invocation.ClockSetNotification, 1), KernelError.WrongKind, 'no notification: WrongKind');
  expect(
    invoke(CLOCK_SLOT, Invocation.ClockSetNotification, notification, 0x20, 0, 0),
    KernelError.None,
    'a notification can be set',
  );
  expect(clock(Invocation.ClockRead, 0), KernelError.None, 'time can be read');
  const start = result0();
  const millisecond = result1();
  check(start > 0 && millisecond > 1000, 'and its frequency');
  must(clock(Invocation.ClockRead, 0), 'read');
  const deadline = result0() + 100 * millisecond;
  const set = clock(Invocation.ClockSetDeadline, deadline);
  const early = operate(Operation.Poll, notification, 0, 0, 0);
  const waited = operate(Operation.Wait, notification, 0, 0, 0);
  const badge = resultBadge();
  must(clock(Invocation.ClockRead, 0), 'read');
  const after = result0();
  expect(set, KernelError.None, 'a deadline can be set');
  expect(early, KernelError.WouldBlock, 'before it there is no signal');
  expect(waited, KernelError.None, 'after it there is');
  expect(badge, 0x20, 'with the badge');
  check(after >= deadline, 'and not too early');
  expect(clock(Invocation.ClockSetDeadline, 1), KernelError.None, 'a deadline that has passed');
  expect(operate(Operation.Wait, notification, 0, 0, 0), KernelError.None, 'is signalled at once');
  must(clock(Invocation.ClockRead, 0), 'read');
  must(clock(Invocation.ClockSetDeadline, result0() + 50 * millisecond), 'set');
  must(clock(Invocation.ClockSetDeadline, 0), 'take back');
  must(clock(Invocation.ClockRead, 0), 'read');
  const end = result0() + 60 * millisecond;
  let now = result0();
  while (now < end) {
    must(clock(Invocation.ClockRead, 0), 'read');
    now = result0();
  }
  expect(operate(Operation.Poll, notification, 0, 0, 0), KernelError.WouldBlock, 'one taken back never comes');
  const readOnly = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, CLOCK_SLOT, readOnly, RIGHTS_ALL & ~RIGHT_WRITE, 0), 'copy');
  expect(
    invoke(readOnly, Invocation.ClockSetDeadline, 1, 0, 0, 0),
    KernelError.NoRight,
    'setting needs Write: NoRight',
  );
  expect(invoke(readOnly, Invocation.ClockRead, 0, 0, 0, 0), KernelError.None, 'reading does not');
  remove(readOnly);
  remove(notification);
}

function clock(label: Invocation, word0: u64): u64 {
  return invoke(CLOCK_SLOT, label, word0, 1, 0, 0);
}

function testSystem(): void {
  family('system');
  expect(invoke(SYSTEM_SLOT, Invocation.SystemReadLog, 0, 0, 0, 0), KernelError.None, 'the log can be read');
  check(result0() > 0 && result1() >= result0(), 'it is not empty');
  expect(utcbAt(ROOT_UTCB_ADDRESS).data[0], 0x5b, 'and starts with a time stamp');
  must(invoke(SYSTEM_SLOT, Invocation.SystemReadLog, 0 - 1, 0, 0, 0), 'read log');
  expect(result0(), 0, 'beyond its end there is nothing');
  expect(invokeShort(SYSTEM_SLOT, Invocation.SystemReadLog, 0), KernelError.WrongLength, 'no word: WrongLength');
  expect(invoke(SYSTEM_SLOT, Invocation.SystemReadStatistics, 0, 0, 0, 0), KernelError.None, 'statistics can be read');
  check(result0() > 0 && result1() > 0, 'threads were switched and interrupts came');
  expect(invoke(SYSTEM_SLOT, Invocation.UntypedRetype, 0, 0, 0, 0), KernelError.UnknownInvocation, 'another label');
  const weak = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, SYSTEM_SLOT, weak, RIGHT_READ, 0), 'copy');
  expect(invoke(weak, Invocation.SystemPowerOff, 0, 0, 0, 0), KernelError.NoRight, 'power off needs Write: NoRight');
  expect(invoke(weak, Invocation.SystemReboot, 0, 0, 0, 0), KernelError.NoRight, 'so does a restart');
  expect(invoke(weak, Invocation.SystemPanic, 0, 0, 0, 0), KernelError.NoRight, 'and a panic');
  remove(weak);
}
