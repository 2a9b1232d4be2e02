/**
 * Golden tests: what each construct of the dialect is lowered to. The text is what Porffor is given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loweredSource, lowerText } from './support.js';

/** Compares without the leading and trailing line breaks of the template. */
function lowersTo(text: string, expected: string): void {
  assert.equal(loweredSource(text).trim(), expected.trim());
}

test('a field access is one load or store at a constant offset', () => {
  lowersTo(
    `class Queue { first!: u64; length!: u32; flag!: boolean; }
export function f(queue: Queue): void {
  queue.length = queue.length + 1;
  queue.flag = true;
}`,
    `
const f = (queue_1) => {
  store32((queue_1 + 8), (load32((queue_1 + 8)) + 1));
  store8((queue_1 + 12), 1);
};`,
  );
});

test('a method is a static call with the object first', () => {
  lowersTo(
    `class Counter { count!: u64; add(n: u64): u64 { this.count += n; return this.count; } get half(): u64 { return this.count / 2; } }
export function f(counter: Counter): u64 { return counter.add(3) + counter.half; }`,
    `
const Counter_add = (this_0, n_1) => {
  store64(this_0, (load64(this_0) + n_1));
  return load64(this_0);
};
const Counter_half = (this_0) => {
  return __udiv(load64(this_0), 2);
};
const f = (counter_1) => {
  return (Counter_add(counter_1, 3) + Counter_half(counter_1));
};`,
  );
});

test('u64 compares, divides and shifts unsigned; i64 signed', () => {
  lowersTo(
    `export function f(a: u64, b: u64, c: i64, d: i64): u64 {
  if (a < b) return a / b;
  if (a >= b) return a % b;
  if (c < d) return (c / d) as u64;
  return (a >> 3) + ((c >> 3) as u64) + (c >>> 3);
}`,
    `
const f = (a_1, b_2, c_3, d_4) => {
  if (__ult(a_1, b_2) !== 0) {
    return __udiv(a_1, b_2);
  }
  if (__uge(a_1, b_2) !== 0) {
    return __urem(a_1, b_2);
  }
  if (c_3 < d_4) {
    return (c_3 / d_4);
  }
  return ((__shr_u(a_1, 3) + __shr_s(c_3, 3)) + __shr_u(c_3, 3));
};`,
  );
});

test('a check of an address against a constant is unsigned', () => {
  lowersTo(
    `const LIMIT: u64 = 0x0000_8000_0000_0000;
export function isUser(address: u64, length: u64): boolean { return address < LIMIT && length <= LIMIT - address; }`,
    `
const isUser = (address_1, length_2) => {
  let t_3 = 0;
  if (__ult(address_1, 140737488355328) !== 0) {
    if (__ule(length_2, (140737488355328 - address_1)) !== 0) {
      t_3 = 1;
    }
  }
  return t_3;
};`,
  );
});

test('literals are exact up to 64 bits', () => {
  lowersTo(
    'export function f(): u64 { return 0xffff_8000_0000_0001; }\nexport function g(): u64 { return 9_007_199_254_740_993; }',
    `
const f = () => {
  return -140737488355327;
};
const g = () => {
  return 9007199254740993n;
};`,
  );
});

test('a value is cut to a declared width only where it may not fit', () => {
  lowersTo(
    `class C { a!: u8; b!: u32; }
export function f(c: C, x: u64): u32 {
  const low: u8 = x & 0x7f;
  const cut: u8 = x;
  const small: u16 = c.a + 1;
  const sign: i16 = x;
  c.a = x;
  return low + cut + small + sign;
}`,
    `
const f = (c_1, x_2) => {
  let low_3 = (x_2 & 127);
  let cut_4 = (x_2 & 255);
  let small_5 = (load8(c_1) + 1);
  let sign_6 = __ext16s(x_2);
  store8(c_1, x_2);
  return ((((low_3 + cut_4) + small_5) + sign_6) & 4294967295);
};`,
  );
});

test('constants and enums are folded', () => {
  lowersTo(
    `enum State { Idle, Busy = 5, Gone }
const PAGE = 1 << 12;
const MASK: u64 = ~(PAGE - 1);
export function f(x: u64): u64 { return (x & MASK) + State.Gone * PAGE; }`,
    `
const f = (x_1) => {
  return ((x_1 & -4096) + 24576);
};`,
  );
});

test('module variables are globals; storage and tables lie at constant offsets', () => {
  const program = lowerText(
    `export let ticks: u64 = 7;
const SIZES: readonly u16[] = [1, 2, 300];
const bytes: Fixed<u8, 100> = reserve();
const words: Fixed<u64, 4> = reserve();
export function f(i: u64): u64 { ticks++; bytes[i] = 1; words[1] = SIZES[i]; return SIZES.length + words.length; }`,
  );
  assert.equal(
    program.source.replaceAll('arch_x86_64_main_', '').trim(),
    `
let g_ticks = 0;
const f = (i_1) => {
  g_ticks = (g_ticks + 1);
  store8((__statics() + i_1), 1);
  store64((__statics() + 136), load16(((__rodata() + (i_1 << 1)) + 8)));
  return 7;
};`.trim(),
  );
  assert.deepEqual([...program.initialGlobals.values()], [7n]);
  assert.deepEqual([...program.readOnlyData.slice(8)], [1, 0, 2, 0, 0x2c, 1]);
  assert.equal(program.staticBytes, 192);
});

test('a string is the address of its characters; its length lies before them', () => {
  const program = lowerText(
    `const NAMES: readonly string[] = ['ab', 'c'];
export function f(i: u64, s: string): u64 { return NAMES[i].length + s.charCodeAt(i); }`,
  );
  assert.equal(
    program.source.replaceAll('arch_x86_64_main_', '').trim(),
    `
const f = (i_1, s_2) => {
  return (load32(((__rodata() + load32(((__rodata() + (i_1 << 2)) + 24))) + -4)) + load8((s_2 + i_1)));
};`.trim(),
  );
  assert.deepEqual(
    [...program.readOnlyData.slice(8)],
    [2, 0, 0, 0, 97, 98, 0, 0, 1, 0, 0, 0, 99, 0, 0, 0, 12, 0, 0, 0, 20, 0, 0, 0],
  );
});

test('loops are while loops with labelled jumps; continue runs what follows the body', () => {
  lowersTo(
    `export function f(n: u64): u64 {
  let sum: u64 = 0;
  for (let i: u64 = 0; i < n; i++) {
    if (i === 3) continue;
    if (i === 9) break;
    sum += i;
  }
  return sum;
}`,
    `
const f = (n_1) => {
  let sum_2 = 0;
  let i_3 = 0;
  loop_4: while (0 === 0) {
    if (__uge(i_3, n_1) !== 0) {
      break loop_4;
    }
    once_5: while (0 === 0) {
      if (i_3 === 3) {
        break once_5;
      }
      if (i_3 === 9) {
        break loop_4;
      }
      sum_2 = (sum_2 + i_3);
      break once_5;
    }
    i_3 = (i_3 + 1);
  }
  return sum_2;
};`,
  );
});

test('a switch is an if chain', () => {
  lowersTo(
    `export function f(x: u64): u64 {
  switch (x) {
    case 1:
      return 10;
    case 2:
    case 3:
      if (x === 2) break;
      return 20;
    default:
      x = 5;
  }
  return x;
}`,
    `
const f = (x_1) => {
  let t_2 = x_1;
  switch_3: while (0 === 0) {
    if (t_2 === 1) {
      return 10;
    } else {
      let t_4 = 0;
      if (t_2 === 2) {
        t_4 = 1;
      }
      if (t_2 === 3) {
        t_4 = 1;
      }
      if (t_4 !== 0) {
        if (x_1 === 2) {
          break switch_3;
        }
        return 20;
      } else {
        x_1 = 5;
      }
    }
    break switch_3;
  }
  return x_1;
};`,
  );
});

test('operands before one that emits statements are kept', () => {
  lowersTo(
    `let count: u64 = 0;
export function f(b: u64): u64 { return count + (b === 7 ? count++ : 2); }`,
    `
let g_count = 0;
const f = (b_1) => {
  let t_4 = g_count;
  let t_2 = 0;
  if (b_1 === 7) {
    let t_3 = g_count;
    g_count = (t_3 + 1);
    t_2 = t_3;
  } else {
    t_2 = 2;
  }
  return (t_4 + t_2);
};`,
  );
});

test('overriding makes a family tagged, and a call a chain of comparisons', () => {
  lowersTo(
    `abstract class Shape { side!: u32; abstract area(): u64; twice(): u64 { return this.area() * 2; } }
class Square extends Shape { area(): u64 { return this.side * this.side; } }
class Line extends Shape { area(): u64 { return 0; } }
export function f(shape: Shape): u64 { return shape.twice() + (shape instanceof Line ? 1 : 0); }
export function g(line: Line): u64 { return line.area(); }`,
    `
const Square_area = (this_0) => {
  return (load32((this_0 + 4)) * load32((this_0 + 4)));
};
const Line_area = (this_0) => {
  return 0;
};
const Shape_area_dispatch = (this_0) => {
  let t_1 = load32(this_0);
  if (t_1 === 2) {
    return Square_area(this_0);
  }
  return Line_area(this_0);
};
const Shape_twice = (this_0) => {
  return (Shape_area_dispatch(this_0) * 2);
};
const f = (shape_1) => {
  let t_5 = Shape_twice(shape_1);
  let t_2 = shape_1;
  let t_3 = 0;
  if (load32(t_2) === 3) {
    t_3 = 1;
  }
  let t_4 = 0;
  if (t_3 !== 0) {
    t_4 = 1;
  } else {
    t_4 = 0;
  }
  return (t_5 + t_4);
};
const g = (line_1) => {
  return Line_area(line_1);
};`,
  );
});

test('new takes memory from the allocator, sets the tag and runs the constructor', () => {
  lowersTo(
    `/** @allocator */
function allocate(bytes: u64): u64 { return bytes; }
/** @deallocator */
function release(address: u64): void {}
class Base { run(): u64 { return 1; } }
class Derived extends Base { a!: u64; constructor(a: u64) { super(); this.a = a; } override run(): u64 { return 2; } }
export function f(): Derived { return new Derived(9); }
export function g(d: Derived): void { dispose(d); }`,
    `
const allocate = (bytes_1) => {
  return bytes_1;
};
const Derived_constructor = (this_0, a_1) => {
  store64((this_0 + 8), a_1);
};
const f = () => {
  let t_1 = allocate(16);
  store32(t_1, 2);
  Derived_constructor(t_1, 9);
  return t_1;
};
const release = (address_1) => {
};
const g = (d_1) => {
  release(d_1);
};`,
  );
});

test('generics are one copy for all references', () => {
  lowersTo(
    `class Node { next!: Node | null; }
class Stack<T extends Node> {
  top!: T | null;
  push(node: T): void { node.next = this.top; this.top = node; }
}
class Job extends Node { id!: u32; }
const jobs: Stack<Job> = reserve();
export function f(job: Job): u32 { jobs.push(job); const top = jobs.top; return top === null ? 0 : top.id; }`,
    `
const Stack_push = (this_0, node_1) => {
  store64(node_1, load64(this_0));
  store64(this_0, node_1);
};
const f = (job_1) => {
  Stack_push(__statics(), job_1);
  let top_2 = load64(__statics());
  let t_3 = 0;
  if (top_2 === 0) {
    t_3 = 0;
  } else {
    t_3 = load32((top_2 + 8));
  }
  return t_3;
};`,
  );
});

test('entry points cut their parameters: assembly may pass anything', () => {
  const program = lowerText(
    '/** @entry system_call */\nexport function f(number: u32, flag: u64): u64 { return number + flag; }',
  );
  assert.match(program.source, /number_1 = \(number_1 & 4294967295\);\n {2}return/);
  assert.deepEqual(program.entries, [
    { name: 'arch_x86_64_main_f', symbol: 'system_call', parameters: 2, returns: true },
  ]);
});

test('panics and functions marked @cold are kept out of line; a main loop is not', () => {
  const program = lowerText(
    `function loop(): never { for (;;) {} }
function panic(): never { return loop(); }
/** @cold */
function slow(): u64 { return 2; }
/** @inline */
function fast(): u64 { return slow(); }
export function f(x: u64): u64 { return x > 3 ? fast() : panic(); }`,
  );
  assert.deepEqual([...(program.cold ?? [])], ['arch_x86_64_main_panic', 'arch_x86_64_main_slow']);
  assert.deepEqual([...(program.inlined ?? [])], ['arch_x86_64_main_fast']);
});

test('what a jump table leads to is not inlined there', () => {
  const cases = [0, 1, 2, 3].map((at) => `    case ${at}: return g${at}(x);`);
  const functions = [0, 1, 2, 3].map((at) => `function g${at}(x: u64): u64 { return x + ${at}; }`);
  const program = lowerText(
    `${functions.join('\n')}\nexport function f(x: u64): u64 {\n  switch (x) {\n${cases.join('\n')}\n  }\n  return 9;\n}`,
  );
  assert.equal(program.outOfLine?.size, 4);
});

test('only what entry points reach is compiled', () => {
  const program = lowerText(
    'function unused(): u64 { return 1; }\nfunction used(): u64 { return 2; }\nexport function f(): u64 { return used(); }',
  );
  assert.deepEqual([...program.symbols.values()], ['arch_x86_64_main_used', 'arch_x86_64_main_f']);
});

test('fields lie in order at their natural alignment, inherited ones first', () => {
  const program = lowerText(
    `enum Small { A, B = 255 }
enum Large { A, B = 256 }
class Base { a!: u8; b!: u16; c!: Small; d!: Large; }
class Derived extends Base { e!: boolean; f!: Base | null; g!: Inline<Base>; h!: Fixed<u16, 3>; i!: Fixed<Inline<Base>, 2>; }
export function f(x: Derived): void { x.a = 1; }`,
  );
  assert.deepEqual(
    program.layouts.map(({ class: name, size }) => [name, size]),
    [
      ['Base', 12],
      ['Derived', 72],
    ],
  );
  assert.deepEqual(
    program.layouts[1]?.fields.map(({ name, offset, size }) => [name, offset, size]),
    [
      ['a', 0, 1],
      ['b', 2, 2],
      ['c', 4, 1],
      ['d', 8, 4],
      ['e', 12, 1],
      ['f', 16, 8],
      ['g', 24, 12],
      ['h', 36, 6],
      ['i', 44, 24],
    ],
  );
});
