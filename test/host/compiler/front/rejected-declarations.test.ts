/** One test per declaration, type, signature or module that is outside the dialect. */
import { testRejections } from './rejection.js';

testRejections({
  'a value that may be null': {
    text: 'class C { a!: u64 | null }\nexport function f(): void {}',
    at: '1:15',
    says: /union type `u64 \| null`/,
  },
  'a default parameter': { text: 'export function f(x: u64 = 1): void {}', at: '1:19', says: /default parameter/ },
  'an optional parameter': { text: 'export function f(x?: u64): void {}', at: '1:19', says: /optional parameter/ },
  'a rest parameter': { text: 'export function f(...x: u64[]): void {}', at: '1:19', says: /rest parameter/ },
  'a missing return type': { text: 'export function f() {}', at: '1:17', says: /without a return type.*\(\): void/ },
  'an async function': { text: 'export async function f(): Promise<void> {}', at: '1:1', says: /async function/ },
  'a generator': { text: 'export function* f(): Generator<u64> {}', at: '1:1', says: /generator/ },
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
  'a generic over values': {
    text: 'function g<T>(x: T): void {}\nexport function f(): void { g(1); }',
    at: '1:12',
    says: /type parameter without a bound/,
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
  'a static assertion that fails': {
    text: "class C { a!: u32 }\nstaticAssert(sizeOf<C>() === 8, 'eight bytes');\nexport function f(): void {}",
    at: '2:1',
    says: /eight bytes.*sizeOf/,
  },
  'a spread argument': {
    text: 'function g(a: u8, b: u8): void {}\nexport function f(t: [u8, u8]): void {\n  g(...t);\n}',
    at: '2:22',
    says: /type `\[u8, u8\]`/,
  },
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
});
