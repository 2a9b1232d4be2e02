// Messages arrive exactly once. Threads of different priorities send, call, receive and answer at random on two
// endpoints; every message carries a number of its own in its first word. After each operation the test looks who has
// which number: a message is with one receiver, or its sender still waits or was told that it failed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effort, seed as firstSeed } from '../../seed.js';
import { randomFrom } from '../compiler/back/random-program.js';
import { compileKernel, KernelBox, SLOT } from './box.js';
import { checkEverything } from './invariants.js';

const RUNS = 25 * effort;
const OPERATIONS = 400;
const THREADS = 5;

const OK = 0n;
const BLOCKED_SEND = 2n;
const BLOCKED_CALL = 3n;

enum Operation {
  Send = 1,
  SendNonBlocking = 2,
  Call = 3,
  Receive = 4,
  ReceiveNonBlocking = 5,
  Reply = 6,
  ReplyReceive = 7,
  Yield = 11,
}

const SENDING = [Operation.Send, Operation.SendNonBlocking, Operation.Call];
const FIRST_THREAD = 10;
const ENDPOINTS = [20, 21];
const REPLIES = [22, 23, 24, 25];

class Conversation {
  readonly box: KernelBox;
  readonly threads: bigint[];
  /** Message -> who sent it. */
  readonly sentBy = new Map<bigint, bigint>();
  /** Message -> who got it. */
  readonly receivedBy = new Map<bigint, bigint>();
  private nextMessage = 1000n;
  private readonly last = new Map<bigint, bigint>();

  constructor(
    box: KernelBox,
    private readonly random: () => number,
  ) {
    this.box = box;
    const call = (pointer: number, label: number, ...words: (number | bigint)[]) => {
      const [a, b, c, d] = [0, 1, 2, 3].map((index) => BigInt(words[index] ?? 0)) as [bigint, bigint, bigint, bigint];
      box.operate({
        operation: 3n,
        pointer: BigInt(pointer),
        message: (BigInt(label) << 12n) | 4n,
        words: [a, b, c, d],
      });
      assert.equal(this.register(box.current, 'rax'), OK, `preparing: invocation ${label.toString(16)}`);
    };
    call(SLOT.untyped, 0x10, 3, 0, FIRST_THREAD, THREADS);
    call(SLOT.untyped, 0x10, 4, 0, ENDPOINTS[0] as number, ENDPOINTS.length);
    call(SLOT.untyped, 0x10, 6, 0, REPLIES[0] as number, REPLIES.length);
    for (let slot = FIRST_THREAD; slot < FIRST_THREAD + THREADS; slot++) {
      call(slot, 0x30, BigInt(SLOT.cnode) | (BigInt(SLOT.space) << 32n), 0, 0, 0);
      call(slot, 0x34, 50 + this.below(5), 60);
      call(slot, 0x36);
    }
    const table = box.field('Tcb', 'cspace', box.current);
    const root = box.current;
    this.threads = Array.from({ length: THREADS }, (_, index) =>
      box.field('Capability', 'object', table + BigInt(FIRST_THREAD + index) * 64n),
    );
    call(SLOT.tcb, 0x37); // the thread that prepared all this stops
    assert.notEqual(box.current, root);
  }

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  register(thread: bigint, name: string): bigint {
    return this.box.field('Frame', name, this.box.program.fieldAddress('Tcb', 'frame', thread));
  }

  /** One operation by the current thread; returns what it was. */
  step(): string {
    const { box } = this;
    const caller = box.current;
    const operation = this.pick([1, 2, 3, 3, 3, 4, 4, 4, 5, 6, 7, 7, 7, 11] as Operation[]);
    const reply = () => BigInt(this.random() < 0.8 ? this.pick(REPLIES) : 0);
    const message = this.nextMessage++;
    let word = BigInt(operation);
    if (operation === Operation.Reply || operation === Operation.ReplyReceive) word |= reply() << 8n;
    if (operation >= Operation.Receive && operation !== Operation.Reply && operation <= Operation.ReplyReceive) {
      word |= reply() << 32n;
    }
    this.sentBy.set(message, caller);
    const endpoint = BigInt(this.pick(ENDPOINTS));
    box.operate({ operation: word, pointer: endpoint, message: 1n | (7n << 12n), words: [message, 0n, 0n, 0n] });
    this.noteArrivals();
    const failed = this.register(caller, 'rax') !== OK && box.field('Tcb', 'state', caller) === 1n;
    if (SENDING.includes(operation)) this.checkSent(message, caller, failed);
    return `${Operation[operation]} of ${message} by ${caller.toString(16)}: ${word.toString(16)} on ${endpoint}`;
  }

  /** Whoever's first message word has become a number that somebody else sent has just received it. */
  noteArrivals(): void {
    for (const thread of this.threads) {
      const word = this.register(thread, 'rdx');
      if (word === this.last.get(thread)) continue;
      this.last.set(thread, word);
      const sender = this.sentBy.get(word);
      if (sender === undefined || sender === thread) continue;
      assert.ok(!this.receivedBy.has(word), `message ${word} arrived twice`);
      this.receivedBy.set(word, thread);
    }
  }

  private checkSent(message: bigint, sender: bigint, failed: boolean): void {
    const state = this.box.field('Tcb', 'state', sender);
    const waits = state === BLOCKED_SEND || state === BLOCKED_CALL;
    const arrived = this.receivedBy.has(message);
    assert.equal(
      arrived,
      !waits && !failed,
      `message ${message} is with a receiver, or its sender waits, or it failed`,
    );
  }
}

test(`in ${RUNS * OPERATIONS} operations every message arrives once`, async (context) => {
  const kernel = await compileKernel('kernel-messages');
  let delivered = 0;
  let restarted = 0;
  for (let seed = firstSeed; seed < firstSeed + RUNS; seed++) {
    const random = randomFrom(seed);
    let talk = new Conversation(new KernelBox(kernel), random);
    const trace: string[] = [];
    for (let step = 0; step < OPERATIONS; step++) {
      try {
        if (talk.below(25) === 0) talk.box.tick();
        if (talk.box.current === talk.box.call('idle')) {
          delivered += talk.receivedBy.size;
          restarted++;
          talk = new Conversation(new KernelBox(kernel), random); // everybody waits
        }
        trace.push(talk.step());
        if (step % 10 === 0) checkEverything(talk.box);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        assert.fail(`seed ${seed}, step ${step}: ${text}\n${trace.slice(-8).join('\n')}`);
      }
    }
    delivered += talk.receivedBy.size;
  }
  context.diagnostic(`${delivered} messages delivered; everybody waited ${restarted} times`);
  assert.ok(delivered > RUNS * 50);
});
