/**
 * The dialect's integers as BigInt arithmetic: what docs/dialect.md says, written a second time and independently of
 * the compiler. Values are mathematical: a u64 is 0 to 2^64-1, an i64 -2^63 to 2^63-1.
 */

export type IntegerName = 'u8' | 'u16' | 'u32' | 'u64' | 'i8' | 'i16' | 'i32' | 'i64';
export const INTEGERS: readonly IntegerName[] = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'];

export const bitsOf = (type: IntegerName): number => Number(type.slice(1));
export const isSigned = (type: IntegerName): boolean => type.startsWith('i');

/** Cut to the width of a type, and read in its sign. */
export const wrap = (type: IntegerName, value: bigint): bigint =>
  isSigned(type) ? BigInt.asIntN(bitsOf(type), value) : BigInt.asUintN(bitsOf(type), value);

/** Types that may meet a u64 in a comparison or division: their values are the same signed and unsigned. */
export const isUnsigned = (type: IntegerName): boolean => !isSigned(type);

/** The type of `a op b`: u64 if an operand is u64, else i64. */
export const resultType = (left: IntegerName, right: IntegerName): IntegerName =>
  left === 'u64' || right === 'u64' ? 'u64' : 'i64';

/** `left operator right` of arithmetic, in the type of the result. */
export function operate(operator: string, type: IntegerName, left: bigint, right: bigint): bigint {
  const count = BigInt.asUintN(6, right);
  switch (operator) {
    case '+':
      return wrap(type, left + right);
    case '-':
      return wrap(type, left - right);
    case '*':
      return wrap(type, left * right);
    case '&':
      return wrap(type, left & right);
    case '|':
      return wrap(type, left | right);
    case '^':
      return wrap(type, left ^ right);
    case '/':
      return wrap(type, left / right);
    case '%':
      return wrap(type, left % right);
    case '<<':
      return wrap(type, left << count);
    case '>>':
      return wrap(type, left >> count);
    case '>>>':
      return BigInt.asUintN(64, left) >> count;
    default:
      throw new Error(`no operator ${operator}`);
  }
}

export function compares(operator: string, left: bigint, right: bigint): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    default:
      throw new Error(`no operator ${operator}`);
  }
}

/** A reproducible source of choices (xorshift64*, Vigna 2016). */
export class Choices {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = BigInt.asUintN(64, seed * 0x9e3779b97f4a7c15n + 0x1234567n) | 1n;
  }

  word(): bigint {
    let x = this.state;
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    x ^= x >> 27n;
    this.state = x;
    return BigInt.asUintN(64, x * 0x2545f4914f6cdd1dn);
  }

  /** 0 to count-1. */
  below(count: number): number {
    return Number((this.word() >> 11n) % BigInt(count));
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  /** A number that finds edges: small, near a power of two, or anything. */
  integer(type: IntegerName): bigint {
    const power = 1n << BigInt(this.below(64));
    const near = BigInt(this.below(5)) - 2n;
    const kinds = [near, power + near, -power + near, this.word(), BigInt(this.below(300))];
    return wrap(type, this.of(kinds));
  }
}
