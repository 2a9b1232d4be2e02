/**
 * The kernel's guest tests: a root task in place of the process server, which makes objects of every kind and sees
 * each operation succeed and give each of its errors. Families are numbered together (KTAP on COM1).
 */
import { SYSTEM_SLOT } from '../../../lib/abi/boot-information.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { invoke } from './arch/x86_64/kernel.js';
import { bootInformationAt } from './arch/x86_64/memory.js';
import { testArguments } from './argument-tests.js';
import { testBoot } from './boot-tests.js';
import { testCNode } from './cnode-tests.js';
import { testCrowds } from './crowd-tests.js';
import { testDevices } from './device-tests.js';
import { testForeign } from './foreign-tests.js';
import { testRandom } from './fuzz.js';
import { testIpc } from './ipc-tests.js';
import { testDepth } from './limit-tests.js';
import { measureCall, measureForeign, measureOperations } from './measure.js';
import { testMemory } from './memory-tests.js';
import { testNamespace } from './namespace-tests.js';
import { testNotifications } from './notification-tests.js';
import { testRefusals } from './refusal-tests.js';
import { finish, putLine, reportOutcomes } from './report.js';
import { play, rest } from './roles.js';
import { initialize } from './setup.js';
import { testTcb } from './tcb-tests.js';
import { testUntyped } from './untyped-tests.js';
import { testVanishing } from './vanishing-tests.js';

/** @entry test_main */
export function main(information: u64, addresses: u64): void {
  putLine('KTAP version 1');
  initialize(bootInformationAt(information), addresses);
  testBoot(information);
  testUntyped();
  testCNode();
  testIpc();
  testNotifications();
  testTcb();
  testForeign();
  testMemory();
  testNamespace();
  testDevices();
  testDepth();
  testRefusals();
  testArguments();
  testVanishing();
  testCrowds();
  reportOutcomes();
  testRandom();
  measureCall();
  measureForeign();
  measureOperations();
  finish();
  invoke(SYSTEM_SLOT, Invocation.SystemPowerOff, 0, 0, 0, 0);
}

/** @entry test_thread */
export function thread(role: u64, self: u64): void {
  play(role);
  rest(self);
}
