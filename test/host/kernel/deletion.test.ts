// Tables that hold each other, threads and name spaces, at random: deleting and revoking any of them goes on in bounded
// steps, of which some are never asked for. After every step the kernel's invariants hold, and in the end revoking the
// memory gives all of it back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effort, seed as firstSeed } from '../../seed.js';
import { randomFrom } from '../compiler/back/random-program.js';
import { compileKernel, KernelBox, SLOT } from './box.js';
import { checkEverything, Kind } from './invariants.js';

const RUNS = 15 * effort;
const STEPS = 250;

const AGAIN = 22n;
const RETYPE = 0x10;
const [COPY, MOVE, DELETE, REVOKE] = [0x20, 0x22, 0x23, 0x24];
const CONFIGURE = 0x30;
const [SET_CSPACE, SET_VSPACE] = [0x70, 0x71];
const ATTACH = 0x40;

const FIRST = SLOT.free;
const LAST = 120;
/** Kind and bits of what the game is played with; tables most of all. */
const PIECES = [
  [Kind.CNode, 5],
  [Kind.CNode, 5],
  [Kind.CNode, 4],
  [Kind.CNode, 2],
  [Kind.Tcb, 0],
  [Kind.Tcb, 0],
  [Kind.Namespace, 0],
  [Kind.Endpoint, 0],
  [Kind.VSpace, 0],
  [Kind.Region, 12],
  [Kind.Untyped, 13],
] as const;

class Game {
  readonly trace: string[] = [];
  /** How often a deletion or revocation said that there was more to be done. */
  unfinished = 0;

  constructor(
    readonly box: KernelBox,
    private readonly random: () => number,
  ) {}

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  private slot(): number {
    return FIRST + this.below(LAST - FIRST);
  }

  kindAt(slot: number): number {
    const { box } = this;
    return Number(box.field('Capability', 'kind', box.field('Tcb', 'cspace', box.current) + BigInt(slot * 64)));
  }

  /** A slot of the root table with a capability of this kind (or any), or undefined. */
  private having(kind?: Kind): number | undefined {
    const slots = Array.from({ length: LAST - FIRST }, (_, index) => FIRST + index);
    const found = slots.filter((slot) => (kind === undefined ? this.kindAt(slot) !== 0 : this.kindAt(slot) === kind));
    return found[this.below(found.length)];
  }

  invoke(pointer: number, label: number, ...words: (number | bigint)[]): bigint {
    const [a, b, c, d] = [0, 1, 2, 3].map((index) => BigInt(words[index] ?? 0)) as [bigint, bigint, bigint, bigint];
    const { box } = this;
    this.trace.push(`${label.toString(16)} of ${pointer}: ${words.join(' ')}`);
    box.operate({
      operation: 3n,
      pointer: BigInt(pointer),
      message: (BigInt(label) << 12n) | 4n,
      words: [a, b, c, d],
    });
    return box.field('Frame', 'rax', box.program.fieldAddress('Tcb', 'frame', box.current));
  }

  private take(label: number, slot: number): void {
    if (this.invoke(SLOT.cnode, label, slot) === AGAIN) this.unfinished++;
  }

  step(): void {
    const choice = this.below(16);
    const capability = this.having();
    const table = this.having(Kind.CNode);
    if (choice < 4 || capability === undefined) {
      const [kind, bits] = PIECES[this.below(PIECES.length)] as (typeof PIECES)[number];
      const untyped = this.random() < 0.7 ? SLOT.untyped : (this.having(Kind.Untyped) ?? SLOT.untyped);
      // Many into a table at once, or a few into the root.
      const crowded = table !== undefined && this.random() < 0.6;
      const place = crowded ? BigInt(this.below(8)) | (BigInt(table) << 32n) : this.slot();
      this.invoke(untyped, RETYPE, kind, bits, place, crowded ? 8 + this.below(12) : 1 + this.below(3));
    } else if (choice < 10 && table !== undefined) {
      // Into a table, which may be the same.
      const place = BigInt(this.below(32)) | (BigInt(table) << 32n);
      if (choice < 9) this.invoke(SLOT.cnode, MOVE, capability, place);
      else this.invoke(SLOT.cnode, COPY, capability, place, 15);
    } else if (choice < 12) {
      this.fill(table ?? 0);
    } else if (choice === 12) {
      this.invoke(SLOT.cnode, COPY, capability, this.slot(), 15);
    } else {
      this.take(choice < 15 ? DELETE : REVOKE, this.random() < 0.5 ? (table ?? capability) : capability);
    }
  }

  /** Gives a thread or a name space something to hold. */
  private fill(table: number): void {
    const thread = this.having(Kind.Tcb);
    const namespace = this.having(Kind.Namespace);
    const space = this.having(Kind.VSpace) ?? 0;
    const region = this.having(Kind.Region);
    if (this.random() < 0.3 && region !== undefined) this.invoke(region, ATTACH, space, this.slot());
    else if (this.random() < 0.5 && thread !== undefined) {
      this.invoke(thread, CONFIGURE, BigInt(table) | (BigInt(space) << 32n), this.having(Kind.Endpoint) ?? 0);
    } else if (namespace !== undefined) {
      this.invoke(namespace, SET_CSPACE, table);
      this.invoke(namespace, SET_VSPACE, space);
    }
  }

  /** All memory is free again: nothing was made from the Untyped, or all of it has gone. */
  end(): void {
    let calls = 1;
    while (this.invoke(SLOT.cnode, REVOKE, SLOT.untyped) === AGAIN) {
      checkEverything(this.box);
      assert.ok(++calls < 1000, 'revoking ends');
    }
    checkEverything(this.box);
    for (let slot = FIRST; slot < LAST; slot++) assert.equal(this.kindAt(slot), 0, `slot ${slot} is empty`);
  }
}

test(`${RUNS} games of ${STEPS} steps with tables in tables end with all memory free`, async (context) => {
  const kernel = await compileKernel('kernel-deletion');
  let unfinished = 0;
  for (let seed = firstSeed; seed < firstSeed + RUNS; seed++) {
    const game = new Game(new KernelBox(kernel), randomFrom(seed));
    try {
      for (let step = 0; step < STEPS; step++) {
        game.step();
        checkEverything(game.box);
      }
      game.end();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      assert.fail(`seed ${seed}: ${text}\n${game.trace.slice(-10).join('\n')}`);
    }
    unfinished += game.unfinished;
  }
  context.diagnostic(`${unfinished} deletions and revocations were left half-way`);
  assert.ok(unfinished > 0, 'some are left half-way');
});
