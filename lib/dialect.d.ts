/**
 * The global names of the dialect (docs/dialect.md): sized integers, storage types and the built-in functions.
 * For tsc every integer is a `number`; the compiler reads the alias that was written and picks width and sign by it.
 */

/** Unsigned integers of 8, 16, 32 and 64 bits. */
type u8 = number;
type u16 = number;
type u32 = number;
type u64 = number;

/** Signed integers of 8, 16, 32 and 64 bits. */
type i8 = number;
type i16 = number;
type i32 = number;
type i64 = number;

/** N elements of T in place. The index is not checked. */
interface Fixed<T, N extends number> {
  readonly length: N;
  [index: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
}

/** An object embedded in its owner; reading it gives a reference to it. */
type Inline<T extends object> = T;

/** Static storage for one module constant: zeroed, 64-byte aligned. */
declare function reserve<T>(): T;

/** The bytes an object of class T (or a value of type T) takes, a constant. */
declare function sizeOf<T>(): number;

/** Where a field lies in an object of class T, a constant. */
declare function offsetOf<T>(field: keyof T & string): number;

/** Checked when the program is built; `why` is the error message. */
declare function staticAssert(condition: boolean, why: string): void;

/** The address of an object or a Fixed. */
declare function addressOf(reference: object): u64;

/** The object of class T at an address, as it is (arch folders only). */
declare function reference<T>(address: u64): T;

/** A new object of class T at an address: zeroes its bytes and sets its class (arch folders only). */
declare function create<T>(address: u64): T;

/** The address of a string's first character (arch folders only). */
declare function bytesOf(text: string): u64;

/** Gives an object made by `new` back: the mirror of `new`, it calls the program's `@deallocator`. */
declare function dispose(reference: object): void;

/** Zero bits below the lowest set bit, zero bits above the highest (both 64 for 0), and the number of set bits. */
declare function trailingZeros(value: u64): u64;
declare function leadingZeros(value: u64): u64;
declare function populationCount(value: u64): u64;
