/**
 * Whether a process group is orphaned is known by a count. Against a model that looks at every member each time
 * (POSIX.1-2017 3.269: every member's parent is in the group itself, or in another session; or is init): whatever forks,
 * moves, dies, is adopted and is reaped.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { compileServerTest, createMachine } from '../memory/memory-program.js';

const PROCESSES = 8;
const DRIVER = `
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { bytesOfHeap } from './memory/heap';
import { addChild, removeChild } from './process/family';
import { Life, Process } from './process/process';
import {
  changeGroup, createGroup, createSession, isOrphaned, joinGroup, leaveGroup, weighAnchor,
} from './process/process-group';

const processes: Fixed<Inline<Process>, ${PROCESSES}> = reserve();
let numbers: i32 = 1;

/** @entry test_start */
export function start(address: u64): void {
  startMemory(bootInformationAt(address));
  const init = processes[0];
  init.isInit = true;
  joinGroup(init, createGroup(1, createSession(1)));
}

/** @entry test_fork */
export function fork(parent: u32, index: u32): void {
  const child = processes[index];
  child.life = Life.Running;
  child.parent = null;
  joinGroup(child, processes[parent].group);
  addChild(processes[parent], child);
}

/** @entry test_found */
export function found(index: u32): void {
  numbers += 1;
  changeGroup(processes[index], createGroup(numbers, processes[index].group.session));
}

/** @entry test_session */
export function session(index: u32): void {
  numbers += 1;
  changeGroup(processes[index], createGroup(numbers, createSession(numbers)));
}

/** @entry test_join */
export function join(index: u32, other: u32): void {
  if (processes[index].group !== processes[other].group) changeGroup(processes[index], processes[other].group);
}

/** @entry test_die */
export function die(index: u32): void {
  const process = processes[index];
  weighAnchor(process);
  process.life = Life.Zombie;
  for (let child = process.firstChild; child !== null; child = process.firstChild) {
    removeChild(process, child);
    addChild(processes[0], child);
  }
}

/** @entry test_reap */
export function reap(index: u32): void {
  const process = processes[index];
  const parent = process.parent;
  if (parent !== null) removeChild(parent, process);
  process.life = Life.Gone;
  leaveGroup(process);
}

/** @entry test_orphaned */
export function orphaned(index: u32): boolean {
  return isOrphaned(processes[index].group);
}

/** @entry test_heap */
export function heap(): u64 {
  return bytesOfHeap();
}
`;

let compiled: Awaited<ReturnType<typeof compileServerTest>>;
before(async () => {
  compiled = await compileServerTest('test-process-group', DRIVER);
});

type Member = { parent: number; group: number; session: number; isAlive: boolean };

/** Whether nobody keeps the group of `member` from being orphaned. */
function isOrphaned(model: (Member | undefined)[], { group }: Member): boolean {
  return model.every((member) => {
    if (member === undefined || member.group !== group || !member.isAlive) return true;
    const parent = member.parent > 0 ? model[member.parent] : undefined;
    return parent === undefined || parent.group === group || parent.session !== member.session;
  });
}

const step = fc.record({
  kind: fc.constantFrom('fork', 'fork', 'found', 'session', 'join', 'join', 'die', 'reap'),
  index: fc.integer({ min: 1, max: PROCESSES - 1 }),
  choice: fc.nat(),
});

test('a group is orphaned exactly when no member has a parent in another group of its session', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const { program } = createMachine(compiled.lowered, compiled.wasm);
      const atStart = program.call('test_heap');
      const model: (Member | undefined)[] = [{ parent: -1, group: 1, session: 1, isAlive: true }];
      let numbers = 1;
      for (const { kind, index, choice } of steps) {
        const living = [...model.keys()].filter((at) => model[at]?.isAlive);
        const other = living[choice % living.length] ?? 0;
        const [one, two] = [model[index], model[other]];
        const [first, second] = [BigInt(index), BigInt(other)];
        if (kind === 'fork') {
          if (one !== undefined || !two?.isAlive) continue;
          program.call('test_fork', second, first);
          model[index] = { ...two, parent: other };
        } else if (one === undefined) {
          continue;
        } else if (kind === 'reap') {
          if (one.isAlive) continue;
          program.call('test_reap', first);
          model[index] = undefined;
        } else if (!one.isAlive) {
          continue;
        } else if (kind === 'die') {
          program.call('test_die', first);
          one.isAlive = false;
          for (const member of model) if (member?.parent === index) member.parent = 0;
        } else if (kind === 'join') {
          if (two?.session !== one.session) continue;
          program.call('test_join', first, second);
          one.group = two.group;
        } else {
          program.call(kind === 'found' ? 'test_found' : 'test_session', first);
          one.group = ++numbers;
          if (kind === 'session') one.session = numbers;
        }
        for (const [at, member] of model.entries()) {
          if (member === undefined) continue;
          assert.equal(program.call('test_orphaned', BigInt(at)) !== 0n, isOrphaned(model, member), `process ${at}`);
        }
      }
      for (const [at, member] of model.entries()) {
        if (at > 0 && member?.isAlive) program.call('test_die', BigInt(at));
      }
      for (const [at, member] of model.entries()) if (at > 0 && member) program.call('test_reap', BigInt(at));
      assert.equal(program.call('test_heap'), atStart);
    }),
    { numRuns: 200 },
  );
});
