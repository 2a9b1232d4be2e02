/**
 * What compiled programs do, for the constructs that the fuzzer does not make: run under Node from the WebAssembly
 * that the native program is made of.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { HostProgram } from '../../../../tools/compiler/back/host.js';
import { compileToWasm } from '../../../../tools/compiler/back/index.js';
import { errorsOf, lowerText, projectRoot } from './support.js';

const TEXT = `
const USER_LIMIT: u64 = 0x0000_8000_0000_0000;
export function isUserRange(address: u64, length: u64): boolean {
  return address < USER_LIMIT && length <= USER_LIMIT - address;
}
export function larger(a: u64, b: u64): u64 { return a > b ? a : b; }
export function largerSigned(a: i64, b: i64): i64 { return a > b ? a : b; }

const NAMES: readonly string[] = ['zero', 'one', '', 'three'];
const PRIMES: readonly u16[] = [2, 3, 5, 7, 11, 13, 60_000];
export function nameLength(index: u64): u64 { return NAMES[index].length; }
export function nameCharacter(index: u64, at: u64): u64 { return NAMES[index].charCodeAt(at); }
export function sumOfPrimes(): u64 { let sum: u64 = 0; for (const prime of PRIMES) sum += prime; return sum; }
export function totalLength(): u64 { let sum: u64 = 0; for (const name of NAMES) sum += name.length; return sum; }

class Cell { value!: i16; tag!: u8; }
const cells: Fixed<Inline<Cell>, 5> = reserve();
const grid: Fixed<Fixed<u32, 4>, 3> = reserve();
export function fill(value: i64): i64 {
  let index = 0;
  for (const cell of cells) { if (index === 2) { index++; continue; } cell.value = value * index; cell.tag = index; index++; }
  let sum = 0;
  for (const cell of cells) { if (cell.tag === 4) break; sum += cell.value; }
  return sum;
}
export function gridAt(row: u64, column: u64, value: u32): u32 { grid[row][column] = value; return grid[row][column] + grid[2][3]; }

const arena: Fixed<u64, 64> = reserve();
let used: u64 = 0;
let freed: u64 = 0;
/** @allocator */
function allocate(bytes: u64): u64 { const at = addressOf(arena) + used; used += (bytes + 7) & ~7; return at; }
/** @deallocator */
function release(address: u64): void { freed = address; }

abstract class Shape {
  scale!: u32;
  constructor(scale: u32) { this.scale = scale; }
  abstract area(): u64;
  get isLarge(): boolean { return this.area() > 100; }
  static of(side: u32): Shape { return new Square(side, 2); }
  describe(): u64 { return 1; }
}
class Square extends Shape {
  side!: u64;
  constructor(side: u64, scale: u32) { super(scale); this.side = side; }
  override area(): u64 { return this.side * this.side * this.scale; }
}
class Cube extends Square {
  override area(): u64 { return super.area() * this.side; }
  override describe(): u64 { return super.describe() + 10; }
}
class Point extends Shape { override area(): u64 { return 0; } }
export function areas(side: u64): u64 {
  const square: Shape = new Square(side, 1);
  const cube: Shape = new Cube(side, 1);
  const point: Shape = new Point(9);
  return square.area() * 1_000_000 + cube.area() * 1_000 + point.area() + point.scale;
}
export function kinds(which: u64): u64 {
  const shape: Shape | null = which === 0 ? null : which === 1 ? new Square(1, 1) : which === 2 ? new Cube(1, 1) : new Point(1);
  const described = shape === null ? 0 : shape.describe();
  return (shape instanceof Shape ? 1 : 0) + (shape instanceof Square ? 2 : 0) + (shape instanceof Cube ? 4 : 0) + described * 100;
}
export function large(side: u32): boolean { return Shape.of(side).isLarge; }
export function disposes(): boolean { const shape = new Point(1); dispose(shape); return freed === addressOf(shape); }

class Link { next!: Link | null; }
class Stack<T extends Link> {
  top!: T | null;
  depth!: u8;
  push(link: T): void { link.next = this.top; this.top = link; this.depth++; }
  pop(): T | null { const top = this.top; if (top !== null) { this.top = top.next as T | null; this.depth--; } return top; }
}
class Job extends Link { id!: u32; constructor(id: u32) { super(); this.id = id; } }
const jobs: Stack<Job> = reserve();
export function stack(): u64 {
  jobs.push(new Job(7));
  jobs.push(new Job(8));
  const last = jobs.pop();
  const first = jobs.pop();
  return (last === null ? 0 : last.id) * 100 + (first === null ? 0 : first.id) * 10 + (jobs.pop() === null ? 1 : 0) + jobs.depth;
}

let trace: u64 = 0;
function mark(digit: u64): u64 { trace = trace * 10 + digit; return digit; }
function yes(digit: u64): boolean { mark(digit); return true; }
export function order(): u64 {
  trace = 0;
  cells[mark(1)].value = mark(2) as i64;
  const sum = mark(3) + (yes(4) ? mark(5) : mark(9)) * larger(mark(6), yes(7) || yes(9) ? mark(8) : 0);
  return sum === 0 ? 0 : trace;
}

enum Mode { Off, Slow = 3, Fast = 200 }
class Motor { mode!: Mode; speed!: i8; }
const motor: Motor = reserve();
export function turn(to: u64): i64 {
  motor.mode = to as Mode;
  switch (motor.mode) {
    case Mode.Off:
      motor.speed = 0;
      break;
    default:
      motor.speed = -1;
      break;
    case Mode.Slow:
    case Mode.Fast:
      motor.speed = 100;
      motor.speed += motor.mode === Mode.Fast ? 100 : 1;
  }
  return motor.speed;
}
export function bits(x: u64): u64 { return trailingZeros(x) * 10_000 + leadingZeros(x) * 100 + populationCount(x); }
function stop(): never { for (;;) mark(1); }
export function guarded(x: u64): u64 { if (x > 5) return stop(); return x; }

/** @entry narrow_entry */
export function narrowEntry(a: u8, b: i16, c: boolean): i64 { return a + b + (c ? 1 : 0); }
`;

const directory = mkdtempSync(path.join(tmpdir(), 'kairo-front-'));
const loaded: { program?: HostProgram } = {};
before(async () => {
  const lowered = lowerText(TEXT);
  loaded.program = new HostProgram(lowered, await compileToWasm(lowered, directory));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function call(name: string, ...values: (bigint | number | boolean)[]): bigint {
  assert.ok(loaded.program !== undefined);
  const symbol = name === 'narrow_entry' ? name : `arch_x86_64_main_${name}`;
  return loaded.program.call(symbol, ...values);
}
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

test('a pointer check is unsigned: the upper half of memory is not a user address', () => {
  const limit = 1n << 47n;
  assert.equal(call('isUserRange', 0x1000, 0x1000), 1n);
  assert.equal(call('isUserRange', limit - 1n, 1), 1n);
  assert.equal(call('isUserRange', limit - 1n, 2), 0n);
  assert.equal(call('isUserRange', limit, 0), 0n);
  assert.equal(call('isUserRange', 0xffff_8000_0000_0000n, 8), 0n, 'a kernel address is negative as an i64');
  assert.equal(call('isUserRange', 0xffff_ffff_ffff_ffffn, 1), 0n);
  assert.equal(call('isUserRange', 0x1000, 0xffff_ffff_ffff_f000n), 0n, 'a length that wraps');
});

test('the same operator is unsigned on u64 and signed on i64', () => {
  const minusOne = 0xffff_ffff_ffff_ffffn;
  assert.equal(call('larger', minusOne, 1), minusOne);
  assert.equal(call('largerSigned', minusOne, 1), 1n);
});

test('tables and strings', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => call('nameLength', index)),
    [4n, 3n, 0n, 5n],
  );
  assert.equal(call('nameCharacter', 3, 4), BigInt('three'.charCodeAt(4)));
  assert.equal(call('sumOfPrimes'), 60_041n);
  assert.equal(call('totalLength'), 12n);
});

test('arrays of embedded objects and arrays of arrays', () => {
  assert.equal(signed(call('fill', -7)), -28n);
  assert.equal(call('gridAt', 2, 3, 5), 10n);
  assert.equal(call('gridAt', 1, 3, 0xffff_ffff), 0x1_0000_0004n & 0xffff_ffffn);
});

test('overridden methods, super, getters and static methods', () => {
  assert.equal(call('areas', 3), 9_027_009n);
  assert.equal(call('large', 7), 0n);
  assert.equal(call('large', 8), 1n);
});

test('instanceof knows descendants and null', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((which) => call('kinds', which)),
    [0n, 103n, 1107n, 101n],
  );
});

test('dispose hands the address to the deallocator', () => assert.equal(call('disposes'), 1n));

test('one copy of a generic class serves every reference', () => assert.equal(call('stack'), 871n));

test('operands are evaluated from left to right, and only where JavaScript does', () => {
  assert.equal(call('order'), 12_345_678n);
});

test('switch with shared bodies and a default in the middle; narrow fields wrap', () => {
  assert.deepEqual(
    [0, 1, 3, 200, 456].map((mode) => signed(call('turn', mode))),
    [0n, -1n, 101n, -56n, -56n],
  );
});

test('counts of bits', () => {
  assert.equal(call('bits', 0), 646_400n);
  assert.equal(call('bits', 0x8000_0000_0000_0000n), 630_001n);
  assert.equal(call('bits', 40), 35_802n);
});

test('a function that never returns may stand where a value is needed', () => assert.equal(call('guarded', 5), 5n));

test('an entry point cuts what assembly passes', () => {
  assert.equal(signed(call('narrow_entry', 0x1_02, 0xf_ffff, 1)), 2n);
  assert.equal(signed(call('narrow_entry', 0, 0, 2)), 1n, 'a boolean is 0 or 1');
  assert.equal(signed(call('narrow_entry', 0, 0, 0x100)), 0n, 'the ABI defines its low byte only');
});

test('the examples of docs/dialect.md compile', () => {
  const document = readFileSync(path.join(projectRoot(), 'docs/dialect.md'), 'utf8');
  const example = /## One example of each\n```ts\n([\s\S]*?)```/.exec(document)?.[1];
  assert.ok(example !== undefined);
  assert.deepEqual(errorsOf(example), []);
});
