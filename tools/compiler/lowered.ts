/**
 * The border between the two halves of the compiler: what the front half makes of a TypeScript program and what the
 * back half turns into WebAssembly and an object file. Everything is in memory; names in `source` are unique.
 */

/** A function of the machine that `source` calls by name: one static inline C function, or one function of the host. */
export interface Intrinsic {
  readonly name: string;
  readonly parameters: number;
  readonly returns: boolean;
}

/** A function that assembly calls by `symbol`. */
export interface Entry {
  readonly name: string;
  readonly symbol: string;
  readonly parameters: number;
  readonly returns: boolean;
}

/** Where one class keeps its fields; tests and assembly include files are made from it. */
export interface ClassLayout {
  readonly class: string;
  readonly size: number;
  readonly fields: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
}

export interface LoweredProgram {
  /** Porffor's integer subset: arrow-function constants, 64-bit locals, small literals, `if`, `while`, direct calls. */
  readonly source: string;
  readonly intrinsics: readonly Intrinsic[];
  readonly entries: readonly Entry[];
  /** Lowered function name to symbol name in the object file. */
  readonly symbols: ReadonlyMap<string, string>;
  /** Addressed in `source` by `__rodata() + offset`. */
  readonly readOnlyData: Uint8Array;
  /** Zeroed storage, 64-byte aligned, addressed in `source` by `__statics() + offset`. */
  readonly staticBytes: number;
  /** Module variables whose initial value is not zero. */
  readonly initialGlobals: ReadonlyMap<string, bigint>;
  readonly layouts: readonly ClassLayout[];
  /** Lowered names of functions that hardly ever run (panic): the back half keeps them out of line. */
  readonly cold?: ReadonlySet<string>;
  /** Functions to expand at every call. */
  readonly inlined?: ReadonlySet<string>;
  /** Lowered names of functions that a jump table leads to: inlined there, they would make it save their registers. */
  readonly outOfLine?: ReadonlySet<string>;
}
