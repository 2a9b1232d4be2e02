/**
 * Machine code is as good as C: functions like those of the kernel's hot paths, in the dialect and in the C that a
 * person would write, compiled by the same GCC with the same options. The compiled dialect calls nothing and takes as
 * many instructions, give or take what GCC's choice of loop variables may cost: an eighth and two.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { compileC } from '../../../tools/compiler/back/gcc.js';
import { compileToObject } from '../../../tools/compiler/back/index.js';
import { lowerText, projectRoot } from './front/support.js';

const DIALECT = `
class Thread {
  next!: Thread | null; previous!: Thread | null; queue!: Queue | null;
  time!: u64; priority!: u8; state!: u8; flags!: u32;
}
class Queue { first!: Thread | null; last!: Thread | null; length!: u32; }

export function append(queue: Queue, thread: Thread): void {
  const last = queue.last;
  thread.next = null;
  thread.previous = last;
  thread.queue = queue;
  if (last === null) queue.first = thread;
  else last.next = thread;
  queue.last = thread;
  queue.length++;
}

export function remove(thread: Thread): boolean {
  const queue = thread.queue;
  if (queue === null) return false;
  const next = thread.next;
  const previous = thread.previous;
  if (previous === null) queue.first = next;
  else previous.next = next;
  if (next === null) queue.last = previous;
  else next.previous = previous;
  thread.queue = null;
  queue.length--;
  return true;
}

export function probe(register: u64): boolean {
  storeOnce32(register, 5);
  storeOnce32(register, 6);
  return loadOnce32(register) === 6;
}

class Bitmap { words!: Fixed<u64, 4>; }
export function highest(map: Bitmap): i64 {
  for (let index = 3; index >= 0; index--) {
    const word = map.words[index];
    if (word !== 0) return index * 64 + 63 - (leadingZeros(word) as i64);
  }
  return -1;
}

const USER_LIMIT: u64 = 0x0000_8000_0000_0000;
const PRESENT = 1;
const WRITABLE = 2;
const ADDRESS_MASK: u64 = 0x000f_ffff_ffff_f000;
class Table { entries!: Fixed<u64, 512>; }
export function translate(root: Table, address: u64, writes: u64): u64 {
  if (address >= USER_LIMIT) return 0;
  let table = root;
  let shift: u64 = 39;
  for (;;) {
    const entry = table.entries[(address >> shift) & 511];
    if ((entry & PRESENT) === 0) return 0;
    if (writes !== 0 && (entry & WRITABLE) === 0) return 0;
    if (shift === 12) return (entry & ADDRESS_MASK) | (address & 4095);
    table = reference<Table>(entry & ADDRESS_MASK);
    shift -= 9;
  }
}

class Node { count!: u32; height!: u32; keys!: Fixed<u64, 15>; values!: Fixed<Thread | null, 15>; children!: Fixed<Node | null, 16>; }
function lowerBound(node: Node, key: u64): u64 {
  let low: u64 = 0;
  let high: u64 = node.count;
  while (low < high) {
    const middle: u64 = (low + high) >> 1;
    if (node.keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
export function atLeast(root: Node | null, key: u64): Thread | null {
  let best: Thread | null = null;
  let node: Node | null = root;
  while (node !== null) {
    const index = lowerBound(node, key);
    if (index < node.count) {
      best = node.values[index];
      if (node.keys[index] === key) return best;
    }
    node = node.height === 0 ? null : node.children[index];
  }
  return best;
}
`;

const C = `
#include <stddef.h>
#include <stdint.h>
struct queue;
struct thread {
  struct thread *next, *previous; struct queue *queue;
  uint64_t time; uint8_t priority, state; uint32_t flags;
};
struct queue { struct thread *first, *last; uint32_t length; };

void append(struct queue *queue, struct thread *thread) {
  struct thread *last = queue->last;
  thread->next = NULL;
  thread->previous = last;
  thread->queue = queue;
  if (last == NULL) queue->first = thread;
  else last->next = thread;
  queue->last = thread;
  queue->length++;
}

uint64_t remove(struct thread *thread) {
  struct queue *queue = thread->queue;
  if (queue == NULL) return 0;
  struct thread *next = thread->next, *previous = thread->previous;
  if (previous == NULL) queue->first = next;
  else previous->next = next;
  if (next == NULL) queue->last = previous;
  else next->previous = previous;
  thread->queue = NULL;
  queue->length--;
  return 1;
}

struct bitmap { uint64_t words[4]; };
int64_t highest(const struct bitmap *map) {
  for (int64_t index = 3; index >= 0; index--) {
    uint64_t word = map->words[index];
    if (word != 0) return index * 64 + 63 - __builtin_clzll(word);
  }
  return -1;
}

struct table { uint64_t entries[512]; };
uint64_t translate(const struct table *table, uint64_t address, uint64_t writes) {
  if (address >= 0x0000800000000000) return 0;
  for (uint64_t shift = 39;; shift -= 9) {
    uint64_t entry = table->entries[(address >> shift) & 511];
    if (!(entry & 1)) return 0;
    if (writes && !(entry & 2)) return 0;
    if (shift == 12) return (entry & 0x000ffffffffff000) | (address & 4095);
    table = (const struct table *)(entry & 0x000ffffffffff000);
  }
}

struct node { uint32_t count, height; uint64_t keys[15]; struct thread *values[15]; struct node *children[16]; };
static uint64_t lower_bound(const struct node *node, uint64_t key) {
  uint64_t low = 0, high = node->count;
  while (low < high) {
    uint64_t middle = (low + high) >> 1;
    if (node->keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
struct thread *atLeast(const struct node *node, uint64_t key) {
  struct thread *best = NULL;
  while (node != NULL) {
    uint64_t index = lower_bound(node, key);
    if (index < node->count) {
      best = node->values[index];
      if (node->keys[index] == key) return best;
    }
    node = node->height == 0 ? NULL : node->children[index];
  }
  return best;
}
`;

const directory = mkdtempSync(path.join(tmpdir(), 'kairo-quality-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const prefix = 'arch_x86_64_main_';
const fromC = path.join(directory, 'written.o');
const fromDialect = path.join(directory, 'program.o');

before(async () => {
  const include = [path.join(projectRoot(), 'lib/arch/x86_64')];
  await compileToObject(lowerText(DIALECT), { directory, include, kind: 'kernel' });
  const source = path.join(directory, 'written.c');
  writeFileSync(source, C);
  await compileC(source, fromC, 'kernel', []);
});

/** The instructions of one function; padding is none. */
function instructions(object: string, symbol: string): string[] {
  const options = ['-d', '--no-show-raw-insn', '-M', 'intel', `--disassemble=${symbol}`, object];
  const lines = execFileSync('objdump', options, { encoding: 'utf8' }).split('\n');
  const found = lines.map((line) => /^\s+[0-9a-f]+:\s+(.*)$/.exec(line)?.[1] ?? '').filter((line) => line !== '');
  return found.filter((line) => !/^(nop|data16|xchg\s+ax,ax|cs nop)/.test(line));
}

for (const name of ['append', 'remove', 'highest', 'translate', 'atLeast']) {
  test(`${name} costs what it costs in C`, (t) => {
    const dialect = instructions(fromDialect, prefix + name);
    const written = instructions(fromC, name);
    t.diagnostic(`${dialect.length} instructions, ${written.length} from C`);
    assert.ok(written.length > 5, 'objdump shows the function');
    assert.ok(dialect.length <= written.length * 1.125 + 2, dialect.join('\n'));
    assert.equal(dialect.filter((line) => line.startsWith('call')).length, 0);
  });
}

test('loadOnce and storeOnce are as many accesses as are written: device registers are no memory', () => {
  const accesses = instructions(fromDialect, `${prefix}probe`).filter((line) => /\[rdi\]/.test(line));
  assert.equal(accesses.length, 3, accesses.join('\n'));
});
