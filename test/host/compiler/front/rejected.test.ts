/**
 * One test per construct that is outside the dialect: the error names the place, the construct and a way out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf, PORTABLE_FILE } from './support.js';

/** What is rejected, a module that does it, where the error points, and what it says. */
interface Rejection {
  readonly text: string;
  readonly at: string;
  readonly says: RegExp;
  readonly file?: string;
}

const inFunction = (statement: string): string =>
  `export function f(x: u64, y: i64, s: string): void {\n  ${statement}\n}\n`;

const rejections: Readonly<Record<string, Rejection>> = {
  'an arrow function': { text: inFunction('const g = () => 1;'), at: '2:13', says: /function value.*abstract method/ },
  'a function expression': { text: inFunction('const g = function () {};'), at: '2:13', says: /function value/ },
  'a nested function': { text: inFunction('function g(): void {}'), at: '2:3', says: /nested function.*module level/ },
  'a nested class': { text: inFunction('class C {}'), at: '2:3', says: /nested class/ },
  'a function as a value': { text: `${inFunction('const g = f;')}`, at: '2:13', says: /`f` as a value/ },
  'a method as a value': {
    text: 'class C { m(): void {} }\nexport function f(c: C): void {\n  const g = c.m;\n}',
    at: '3:13',
    says: /method `c.m` as a value.*call it/,
  },
  'an object literal': { text: inFunction('const o = { a: 1 };'), at: '2:13', says: /object literal.*write a class/ },
  'an array literal': { text: inFunction('const a = [1, 2];'), at: '2:13', says: /array literal.*Fixed/ },
  'a template string': { text: inFunction(`const t = \`\${s}!\`;`), at: '2:13', says: /template string/ },
  'a regular expression': { text: inFunction('const r = /a/;'), at: '2:13', says: /regular expression/ },
  'a bigint literal': { text: inFunction('const b = 1n;'), at: '2:13', says: /bigint literal.*leave out the n/ },
  'a fraction': { text: inFunction('const b = 1.5;'), at: '2:13', says: /literal 1\.5.*integer/ },
  'a literal beyond 64 bits': {
    text: inFunction('const b = 0x1_0000_0000_0000_0000;'),
    at: '2:13',
    says: /does not fit 64 bits/,
  },
  'a string that is not ASCII': { text: inFunction("const b = 'ä';"), at: '2:13', says: /not ASCII/ },
  'a string method': {
    text: inFunction("const b = s.indexOf('a');"),
    at: '2:13',
    says: /string method indexOf.*charCodeAt/,
  },
  'strings compared': { text: inFunction("if (s === 'a') return;"), at: '2:7', says: /between strings.*characters/ },
  'strings added': { text: inFunction("const b = s + 'a';"), at: '2:13', says: /`\+` on string/ },
  typeof: { text: inFunction('const t = typeof x;'), at: '2:13', says: /typeof.*known when the program is built/ },
  'a value that may be null': {
    text: 'class C { a!: u64 | null }\nexport function f(): void {}',
    at: '1:15',
    says: /union type `u64 \| null`/,
  },
  'the void operator': { text: inFunction('void x;'), at: '2:3', says: /void/ },
  'the comma operator': { text: inFunction('x = 1, y = 2;'), at: '2:3', says: /comma operator.*two statements/ },
  'loose equality': { text: inFunction('if (x == 1) return;'), at: '2:9', says: /operator `==`.*===/ },
  'the ?? operator': {
    text: 'class C {}\nexport function f(c: C | null, d: C): C {\n  return c ?? d;\n}',
    at: '3:10',
    says: /operator `\?\?`.*null/,
  },
  'optional chaining': {
    text: 'class C { a!: u8; m(): void {} }\nexport function f(c: C | null): void {\n  c?.m();\n}',
    at: '3:3',
    says: /optional chaining.*null/,
  },
  'logical assignment': {
    text: 'export function f(b: boolean): boolean {\n  b &&= true;\n  return b;\n}',
    at: '2:5',
    says: /operator `&&=`.*if/,
  },
  exponentiation: { text: inFunction('x = x ** 2;'), at: '2:7', says: /operator `\*\*`/ },
  'a number as a condition': { text: inFunction('if (x) return;'), at: '2:7', says: /condition of type u64.*!== 0/ },
  'a reference as a condition': {
    text: 'class C {}\nexport function f(c: C | null): void {\n  while (c) {}\n}',
    at: '3:10',
    says: /condition of type C.*!== null/,
  },
  'u64 compared with i64': {
    text: inFunction('if (x < y) return;'),
    at: '2:7',
    says: /`<` between u64 and i64.*as u64/,
  },
  'u64 divided by i64': { text: inFunction('x = x / (y as i64) as u64;'), at: '2:7', says: /`\/` between u64 and i64/ },
  'u64 compared with a negative constant': { text: inFunction('if (x > -1) return;'), at: '2:7', says: /`>` between/ },
  'u64 compared with a signed field': {
    text: 'class C { a!: i32 }\nexport function f(c: C, x: u64): boolean {\n  return c.a < x;\n}',
    at: '3:10',
    says: /`<` between i32 and u64/,
  },
  'division by the constant zero': { text: inFunction('x = x / 0;'), at: '2:7', says: /division by the constant zero/ },
  'a constant that does not fit': {
    text: inFunction('const b: u8 = 256;'),
    at: '2:17',
    says: /256 does not fit u8.*as u8/,
  },
  try: { text: inFunction('try { x = 1; } finally { y = 2; }'), at: '2:3', says: /try.*no exceptions/ },
  throw: { text: inFunction('throw s;'), at: '2:3', says: /throw.*no exceptions/ },
  'for-in': { text: inFunction('for (const k in s as unknown as object) x++;'), at: '2:3', says: /for-in/ },
  'for-of over a string': { text: inFunction('for (const c of s) x++;'), at: '2:19', says: /for-of over string/ },
  var: { text: inFunction('var z = 1;'), at: '2:3', says: /var.*let or const/ },
  destructuring: {
    text: 'const T: readonly u8[] = [1, 2];\nexport function f(): void {\n  const [a] = T;\n}',
    at: '3:9',
    says: /destructuring/,
  },
  debugger: { text: inFunction('debugger;'), at: '2:3', says: /debugger/ },
  'a default parameter': { text: 'export function f(x: u64 = 1): void {}', at: '1:19', says: /default parameter/ },
  'an optional parameter': { text: 'export function f(x?: u64): void {}', at: '1:19', says: /optional parameter/ },
  'a rest parameter': { text: 'export function f(...x: u64[]): void {}', at: '1:19', says: /rest parameter/ },
  'a missing return type': { text: 'export function f() {}', at: '1:17', says: /without a return type.*\(\): void/ },
  'an async function': { text: 'export async function f(): Promise<void> {}', at: '1:1', says: /async function/ },
  'a generator': { text: 'export function* f(): Generator<u64> {}', at: '1:1', says: /generator/ },
  'an overloaded function': {
    text: 'function g(x: u64): void;\nfunction g(x: u64): void {}\nexport function f(): void {\n  g(1);\n}',
    at: '4:3',
    says: /overloaded function/,
  },
  any: { text: 'export function f(x: any): void {}', at: '1:22', says: /type any.*sized type/ },
  unknown: { text: 'export function f(x: unknown): void {}', at: '1:22', says: /type unknown/ },
  'a function type': { text: 'export function f(x: () => void): void {}', at: '1:22', says: /function type/ },
  'an array type': { text: 'export function f(x: u64[]): void {}', at: '1:22', says: /array type.*Fixed/ },
  'a union of values': { text: 'export function f(x: 1 | 2): void {}', at: '1:22', says: /union type|type `1/ },
  'an interface': { text: 'interface I { a: u8 }\nexport function f(): void {}', at: '1:1', says: /interface.*class/ },
  'a namespace': {
    text: 'namespace N { export const a = 1; }\nexport function f(): void {}',
    at: '1:1',
    says: /namespace/,
  },
  'a default export': { text: 'export default function f(): void {}', at: '1:1', says: /default export.*by name/ },
  'export *': {
    text: "export * from '../../../lib/sample';\nexport function f(): void {}",
    at: '1:1',
    says: /export \*.*by name/,
  },
  'a statement at module level': { text: 'export function f(): void {}\nf();', at: '2:1', says: /module level/ },
  'a setter': {
    text: 'class C { set a(x: u8) {} }\nexport function f(c: C): void {}',
    at: '1:11',
    says: /setter.*method/,
  },
  'a private name': { text: 'class C { #a!: u8 }\nexport function f(c: C): void {}', at: '1:11', says: /#a.*private/ },
  'a static block': {
    text: 'class C { static { } }\nexport function f(c: C): void {}',
    at: '1:11',
    says: /static block/,
  },
  implements: {
    text: 'class B {}\nclass C implements B {}\nexport function f(c: C): void {}',
    at: '2:9',
    says: /implements.*abstract class/,
  },
  'a static field': {
    text: 'class C { static a: u8 = 1; }\nexport function f(): u8 {\n  return C.a;\n}',
    at: '1:11',
    says: /static field.*module variable/,
  },
  'a field initializer': {
    text: 'class C { a: u8 = 1; }\nexport function f(c: C): u8 { return c.a; }',
    at: '1:19',
    says: /field initializer/,
  },
  'a parameter property': {
    text: '/** @allocator */\nfunction a(n: u64): u64 { return n; }\nclass C { constructor(readonly x: u8) {} }\nexport function f(): C { return new C(1); }',
    at: '3:23',
    says: /parameter property/,
  },
  'new without an allocator': {
    text: 'class C {}\nexport function f(): C {\n  return new C();\n}',
    at: '3:10',
    says: /without an allocator.*@allocator/,
  },
  'new of a library class': { text: inFunction('const m = new Map<u64, u64>();'), at: '2:13', says: /new Map/ },
  'a library function': { text: inFunction('y = Math.max(1, 2);'), at: '2:7', says: /call `Math\.max/ },
  'instanceof without a tag': {
    text: 'class C {}\nexport function f(c: C): boolean {\n  return c instanceof C;\n}',
    at: '3:10',
    says: /instanceof C.*no tag/,
  },
  'classes of one shape confused': {
    text: 'class A { a!: u8 }\nclass B { a!: u8 }\nfunction g(a: A): void {}\nexport function f(b: B): void {\n  g(b);\n}',
    at: '5:5',
    says: /reference to B where A is declared/,
  },
  'a cast between unrelated classes': {
    text: 'class A { a!: u8 }\nclass B { a!: u8 }\nexport function f(b: B): A {\n  return b as A;\n}',
    at: '4:10',
    says: /cast from B to A/,
  },
  'an embedded object assigned': {
    text: 'class A { a!: u8 }\nclass B { x!: Inline<A> }\nexport function f(b: B, a: A): void {\n  b.x = a;\n}',
    at: '4:9',
    says: /assignment to A.*in place/,
  },
  'a field that a base class has': {
    text: 'class A { a!: u8 }\nclass B extends A { declare a: u8 }\nexport function f(b: B): void { b.a = 1; }',
    at: '2:21',
    says: /field a, which a base class has/,
  },
  'a parameter wider than the overridden one': {
    text: 'class A { m(x: u8): void {} }\nclass B extends A { override m(x: u64): void {} }\nexport function f(a: A): void { a.m(1); }',
    at: '2:32',
    says: /u64 where the overridden method has u8/,
  },
  'a result other than that of the overridden method': {
    text: 'class A { m(): u8 { return 1; } }\nclass B extends A { override m(): u64 { return 300; } }\nexport function f(a: A): u8 { return a.m(); }',
    at: '2:35',
    says: /u64 where the overridden method gives u8/,
  },
  'a class inside itself': {
    text: 'class A { a!: Inline<A> }\nexport function f(x: A): void { x.a; }',
    at: '1:1',
    says: /contains itself/,
  },
  'a Fixed of unknown length': {
    text: 'export function f(a: Fixed<u8, number>): u8 { return a[0]; }',
    at: '1:32',
    says: /length is no constant/,
  },
  'an index out of bounds': {
    text: 'export function f(a: Fixed<u8, 4>): u8 {\n  return a[4];\n}',
    at: '2:10',
    says: /index 4.*out of bounds/,
  },
  'Fixed of different elements confused': {
    text: 'function g(a: Fixed<u8, 4>): void {}\nexport function f(a: Fixed<u64, 4>): void {\n  g(a);\n}',
    at: '3:5',
    says: /Fixed<u64, 4> where Fixed<u8, 4>/,
  },
  'a generic over values': {
    text: 'function g<T>(x: T): void {}\nexport function f(): void { g(1); }',
    at: '1:12',
    says: /type parameter without a bound/,
  },
  'a case that falls through': {
    text: 'export function f(x: u64): u64 {\n  switch (x) {\n    case 1:\n      x++;\n    case 2:\n      return 3;\n  }\n  return x;\n}',
    at: '3:5',
    says: /[Ff]all/,
  },
  'a case that is not constant': {
    text: 'export function f(x: u64, y: u64): void {\n  switch (x) {\n    case y:\n      break;\n  }\n}',
    at: '3:10',
    says: /case that is not constant/,
  },
  'a switch over strings': {
    text: inFunction("switch (s) { case 'a': break; }"),
    at: '2:11',
    says: /switch over string/,
  },
  'reserve() inside a function': {
    text: inFunction('const b: Fixed<u8, 4> = reserve();'),
    at: '2:27',
    says: /reserve\(\) inside/,
  },
  'a module variable without a value': {
    text: 'let a: u64;\nexport function f(): void { a = 1; }',
    at: '1:5',
    says: /without an initializer/,
  },
  'a module initializer that runs': {
    text: 'function g(): u64 { return 1; }\nlet a: u64 = g();\nexport function f(): void { a = 1; }',
    at: '2:14',
    says: /not constant/,
  },
  'a table as a value': {
    text: 'const T: readonly u8[] = [1];\nexport function f(): void {\n  const t = T;\n}',
    at: '3:13',
    says: /table as a value/,
  },
  'a static assertion that fails': {
    text: "class C { a!: u32 }\nstaticAssert(sizeOf<C>() === 8, 'eight bytes');\nexport function f(): void {}",
    at: '2:1',
    says: /eight bytes.*sizeOf/,
  },
  'an intrinsic outside an arch folder': {
    text: 'export function f(): u64 {\n  return load64(0);\n}',
    at: '2:10',
    says: /load64 outside a folder named arch\/x86_64/,
    file: PORTABLE_FILE,
  },
  'reference() outside an arch folder': {
    text: 'class C {}\nexport function f(): C {\n  return reference<C>(16);\n}',
    at: '3:10',
    says: /reference outside a folder named arch\/x86_64/,
    file: PORTABLE_FILE,
  },
  'create() outside an arch folder': {
    text: 'class C {}\nexport function f(): C {\n  return create<C>(16);\n}',
    at: '3:10',
    says: /create outside a folder named arch\/x86_64/,
    file: PORTABLE_FILE,
  },
  'bytesOf() outside an arch folder': {
    text: "export function f(): u64 {\n  return bytesOf('a');\n}",
    at: '2:10',
    says: /bytesOf outside a folder named arch\/x86_64/,
    file: PORTABLE_FILE,
  },
  'a class expression': { text: inFunction('const C = class {};'), at: '2:13', says: /class expression/ },
  'a tagged template': {
    text: 'function g(s: TemplateStringsArray): void {}\nexport function f(): void {\n  g`a`;\n}',
    at: '3:3',
    says: /tagged template/,
  },
  await: { text: inFunction('const a = [await x];'), at: '2:14', says: /await/ },
  delete: { text: 'class C { a?: u64 }\nexport function f(c: C): void {\n  delete c.a;\n}', at: '3:3', says: /delete/ },
  satisfies: { text: inFunction('const z = x satisfies u64;'), at: '2:13', says: /satisfies.*declare the type/ },
  'an angle-bracket assertion': { text: inFunction('const z = <u64>y;'), at: '2:13', says: /angle brackets.*as T/ },
  'a spread argument': {
    text: 'function g(a: u8, b: u8): void {}\nexport function f(t: [u8, u8]): void {\n  g(...t);\n}',
    at: '2:22',
    says: /type `\[u8, u8\]`/,
  },
  'a nested enum': { text: inFunction('enum E { A }'), at: '2:3', says: /nested enum/ },
  'a nested interface': { text: inFunction('interface I { a: u8 }'), at: '2:3', says: /nested interface/ },
  'an import for its effects': {
    text: "import '../../../lib/sample';\nexport function f(): void {}",
    at: '1:1',
    says: /import for its effects/,
  },
  'import *': {
    text: "import * as s from '../../../lib/sample';\nexport function f(): u64 { return s.SAMPLE; }",
    at: '1:1',
    says: /import \* as.*by name/,
  },
  'export =': { text: 'const a = 1;\nexport default a;', at: '2:1', says: /default export/ },
  'an index signature': {
    text: 'class C { [at: number]: u8 }\nexport function f(c: C): void {}',
    at: '1:11',
    says: /index signature.*Fixed/,
  },
  'a static getter': {
    text: 'class C { static get a(): u8 { return 1; } }\nexport function f(): u8 {\n  return C.a;\n}',
    at: '3:10',
    says: /static getter/,
  },
  'a type predicate': {
    text: 'class C {}\nfunction g(c: C | null): c is C { return c !== null; }\nexport function f(c: C | null): void { g(c); }',
    at: '2:26',
    says: /type predicate.*boolean/,
  },
  'a table as a parameter': {
    text: 'export function f(t: readonly u8[]): void {}',
    at: '1:19',
    says: /table as a parameter/,
  },
  'a table as a field': {
    text: 'class C { t!: readonly u8[] }\nexport function f(c: C): void { c.t; }',
    at: '1:15',
    says: /tables are module constants/,
  },
  'a table without a type': {
    text: 'const T = [1, 2];\nexport function f(): u64 { return T[0]; }',
    at: '1:7',
    says: /an array.*readonly T\[\]/,
  },
  'a table of objects': {
    text: 'class C {}\nconst c: C = reserve();\nconst T: readonly C[] = [c];\nexport function f(): C { return T[0]; }',
    at: '3:26',
    says: /table of objects/,
  },
  'a table element that is not constant': {
    text: 'let a = 1;\nconst T: readonly u8[] = [a];\nexport function f(): u64 { return T[0]; }',
    at: '2:27',
    says: /not constant/,
  },
  'reserve() of a value': {
    text: 'const a: u64 = reserve();\nexport function f(): u64 { return a; }',
    at: '1:7',
    says: /reserve\(\) of a value.*let/,
  },
  'reserve() of a variable': {
    text: 'class C {}\nlet a: C = reserve();\nexport function f(): C { return a; }',
    at: '2:5',
    says: /without a declared constant/,
  },
  'sizeOf without a type': {
    text: inFunction('x = sizeOf() as u64;'),
    at: '2:7',
    says: /sizeOf without a type|type `unknown`/,
  },
  'offsetOf of a missing field': {
    text: "class C { a!: u8 }\nexport function f(): number {\n  return offsetOf<C>('b');\n}",
    at: '3:22',
    says: /not assignable/,
  },
  'dispose without a deallocator': {
    text: 'class C {}\nexport function f(c: C): void {\n  dispose(c);\n}',
    at: '3:3',
    says: /without a deallocator.*@deallocator/,
  },
  'addressOf a string': {
    text: inFunction("x = addressOf('a' as unknown as object);"),
    at: '2:24',
    says: /type `?unknown/,
  },
  'Inline of a value': {
    text: 'class C { a!: Inline<u8 & object> }\nexport function f(c: C): void { c.a; }',
    at: '1:22',
    says: /type `u8 & object`/,
  },
  'an enum of strings': {
    text: "enum E { A = 'a' }\nexport function f(e: E): void {}",
    at: '1:10',
    says: /enum member/,
  },
  'an enum member beyond 32 bits': {
    text: 'enum E { A = 0x1_0000_0000 }\nexport function f(e: E): void {}',
    at: '1:10',
    says: /32-bit/,
  },
  'a declared function that is no intrinsic': {
    text: 'declare function g(): void;\nexport function f(): void {\n  g();\n}',
    at: '3:3',
    says: /declared function.*arch\/x86_64/,
  },
  'create() of an array of tagged objects': {
    text: 'abstract class A { abstract m(): void }\nclass B extends A { override m(): void {} }\nclass C { items!: Fixed<Inline<B>, 2> }\nexport function f(): C {\n  return create<C>(0x1000);\n}',
    at: '5:10',
    says: /tagged objects in the array items.*each/,
  },
  'an abstract method that no class implements': {
    text: 'abstract class A { abstract m(): void }\nexport function f(a: A): void {\n  a.m();\n}',
    at: '1:20',
    says: /no class implements/,
  },
  'a constant defined by itself': {
    text: 'const A: u64 = B + 1;\nconst B: u64 = A + 1;\nexport function f(): u64 { return A; }',
    at: '1:16',
    says: /before|implicitly|itself/,
  },
  'an entry point without a symbol': {
    text: '/** @entry */\nexport function f(): void {}',
    at: '2:1',
    says: /entry point without a symbol/,
  },
  'a value returned from a void function': {
    text: 'export function f(): void {\n  return 1 as unknown as void;\n}',
    at: '2:15',
    says: /unknown/,
  },
  'a call of a function value': {
    text: 'class C { g!: () => void }\nexport function f(c: C): void {\n  c.g();\n}',
    at: '3:3',
    says: /call `c\.g\(\)`/,
  },
  'a class decorator': {
    text: 'function d(t: object, c: object): void {}\n@d class C {}\nexport function f(c: C): void {}',
    at: '2:1',
    says: /a decorator.*nothing runs/,
  },
  'a method decorator': {
    text: 'function d(t: object, c: object): void {}\nclass C { @d m(): void {} }\nexport function f(c: C): void { c.m(); }',
    at: '2:11',
    says: /a decorator/,
  },
  'an accessor field': {
    text: 'class C { accessor a!: u8 }\nexport function f(c: C): void {}',
    at: '1:11',
    says: /accessor.*method/,
  },
  'an optional field': {
    text: 'class C { a?: u64 }\nexport function f(c: C): void { c.a = 1; }',
    at: '1:11',
    says: /an optional field.*every object has all/,
  },
  'a computed member name': {
    text: "class C { ['a']!: u8 }\nexport function f(c: C): void {}",
    at: '1:11',
    says: /member name \['a'\].*plain name/,
  },
  'an overloaded method': {
    text: 'class C { m(x: u8): void; m(x: u8): void {} }\nexport function f(c: C): void { c.m(1); }',
    at: '1:11',
    says: /an overloaded method.*one body/,
  },
  'an async method': {
    text: 'class C { async m(): Promise<void> {} }\nexport function f(c: C): void { c.m(); }',
    at: '1:11',
    says: /an async function/,
  },
  'a generator method': {
    text: 'class C { *m(): Generator<u8> {} }\nexport function f(c: C): void { c.m(); }',
    at: '1:11',
    says: /a generator/,
  },
  'a field without a type': {
    text: 'class C { a = 1; }\nexport function f(c: C): void { c.a = 1; }',
    at: '1:11',
    says: /a field without a type.*sized type/,
  },
  'a base class of the library': {
    text: 'class C extends Error {}\nexport function f(c: C): void {}',
    at: '1:17',
    says: /unknown base class.*class of the program/,
  },
  'var at module level': {
    text: 'var a: u64 = 1;\nexport function f(): u64 { return a; }',
    at: '1:1',
    says: /var.*let or const/,
  },
  'destructuring at module level': {
    text: 'export const [a, b] = [1, 2];\nexport function f(): void {}',
    at: '1:14',
    says: /destructuring.*each value/,
  },
  'an object at module level': {
    text: 'const o = { a: 1 };\nexport function f(): u64 { return o.a; }',
    at: '2:35',
    says: /the property `o\.a`/,
  },
  'assignment to several': {
    text: inFunction('let a: u64 = 1; let b: u64 = 2; [a, b] = [b, a];'),
    at: '2:35',
    says: /assignment to `\[a, b\]`/,
  },
  'destructuring an object': {
    text: 'class C { a!: u8 }\nexport function f(c: C): void {\n  const { a } = c;\n}',
    at: '3:9',
    says: /destructuring.*each value/,
  },
  'a variable without type and value': {
    text: inFunction('let z; z = 1; x = z;'),
    at: '2:7',
    says: /without type and value.*write its type/,
  },
  'for-of into an existing variable': {
    text: 'const T: readonly u8[] = [1];\nexport function f(): void {\n  let z: u64 = 0;\n  for (z of T) z++;\n}',
    at: '4:8',
    says: /for-of.*const x of table/,
  },
  'a break out of a block': { text: inFunction('a: { x = 1; break a; }'), at: '2:15', says: /outside a loop.*if/ },
  'the in operator': {
    text: "class C { a!: u8 }\nexport function f(c: C): void {\n  if ('a' in c) return;\n}",
    at: '3:7',
    says: /operator `in`.*known when the program is built/,
  },
  undefined: { text: inFunction('const a = undefined;'), at: '2:13', says: /the name `undefined`/ },
  NaN: { text: inFunction('y = NaN;'), at: '2:7', says: /the name `NaN`/ },
  arguments: { text: inFunction('const a = arguments;'), at: '2:13', says: /the name `arguments`/ },
  globalThis: { text: inFunction('const a = globalThis;'), at: '2:13', says: /the name `globalThis`/ },
  'import.meta': { text: inFunction('const a = import.meta;'), at: '2:13', says: /meta property/ },
  'a class as a value': {
    text: 'class C {}\nexport function f(): void {\n  const a = C;\n}',
    at: '3:13',
    says: /`C` as a value/,
  },
  'an enum as a value': {
    text: 'enum E { A }\nexport function f(e: E): void {\n  const a = E[e];\n}',
    at: '3:13',
    says: /the name `E`/,
  },
  'a field by a computed name': {
    text: "class C { a!: u8 }\nexport function f(c: C): void {\n  c['a'] = 1;\n}",
    at: '3:3',
    says: /index into C.*only Fixed/,
  },
  'optional chaining to a field': {
    text: 'class C { a!: u8 }\nexport function f(c: C | null): void {\n  const a = c?.a;\n}',
    at: '3:13',
    says: /optional chaining.*null/,
  },
  'a method of a table': {
    text: 'const T: readonly u8[] = [1];\nexport function f(): void {\n  T.indexOf(1);\n}',
    at: '3:3',
    says: /call `T\.indexOf\(\)`/,
  },
  'a spread in a table': {
    text: 'const A: readonly u8[] = [1];\nconst B: readonly u8[] = [...A];\nexport function f(): u64 { return B[0]; }',
    at: '2:27',
    says: /a spread/,
  },
  'a tuple': { text: 'export function f(x: [u8, u8]): void {}', at: '1:22', says: /type `\[u8, u8\]`/ },
  'a type of the library': { text: 'export function f(x: Date): void {}', at: '1:22', says: /type `Date`.*class/ },
  'a utility type': {
    text: 'class C {}\nexport function f(x: Partial<C>): void {}',
    at: '2:22',
    says: /type `Partial<C>`/,
  },
  'a mapped type': {
    text: 'class C {}\nexport function f(x: { [K in keyof C]: u8 }): void {}',
    at: '2:22',
    says: /type `\{ \[K in keyof C\]: u8 \}`/,
  },
  'an exponent in a literal': { text: inFunction('x = 1e3;'), at: '2:7', says: /literal 1e3.*integer/ },
  '?: between classes of one shape': {
    text: 'class A { a!: u8 }\nclass B { a!: u8 }\nexport function f(a: A, b: B, c: boolean): A {\n  return c ? a : b;\n}',
    at: '4:10',
    says: /`\?:` between A and B.*base class/,
  },
  '?: between classes whose fields lie differently': {
    text: 'class A { a!: u8; b!: u64 }\nclass B { b!: u64; a!: u8 }\nexport function f(a: A, b: B, c: boolean): u64 {\n  const x = c ? a : b;\n  return x.b;\n}',
    at: '4:13',
    says: /`\?:` between A and B/,
  },
  '?: between a string and a reference': {
    text: "class A { length!: number }\nexport function f(a: A, c: boolean): void {\n  const x = c ? a : 'text';\n}",
    at: '3:13',
    says: /`\?:` between A and string/,
  },
  'a string where a class of its shape is declared': {
    text: "class A { length!: number }\nexport function f(): void {\n  const x: A = 'text';\n}",
    at: '3:16',
    says: /string where A is declared/,
  },
  'a type error': {
    text: 'export function f(x: u64): boolean {\n  return x;\n}',
    at: '2:3',
    says: /not assignable to type 'boolean'/,
  },
};

for (const [what, { text, at, says, file }] of Object.entries(rejections)) {
  test(`rejects ${what}`, () => {
    const errors = errorsOf(text, file);
    const error = errors.find(({ line, column }) => `${line}:${column}` === at) ?? errors[0];
    assert.ok(error !== undefined, 'it was accepted');
    assert.match(`${error.message} (${error.hint})`, says);
    assert.equal(`${error.line}:${error.column}`, at);
  });
}
