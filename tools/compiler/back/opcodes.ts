// The WebAssembly instructions that the pipeline passes through, by number: the integer part of the WebAssembly core
// specification, section 5.4 (binary format of instructions). An instruction that is not listed here is an error in
// both the assembler and the C emitter: nothing that Porffor did not mean for integers gets through by accident.

export const I32 = 0x7f;
export const I64 = 0x7e;
export const VOID_BLOCK = 0x40;

export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i64Eqz: 0x50,
  i64Ne: 0x52,
  i64ExtendI32U: 0xad,
} as const;

/** Operators of two operands: number -> [operand type, result type, name]. */
export const BINARY = new Map<number, readonly [number, number, string]>([
  ...['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'].flatMap((name, index) => [
    [0x46 + index, [I32, I32, name]] as const,
    [0x51 + index, [I64, I32, name]] as const,
  ]),
  ...[
    'add',
    'sub',
    'mul',
    'div_s',
    'div_u',
    'rem_s',
    'rem_u',
    'and',
    'or',
    'xor',
    'shl',
    'shr_s',
    'shr_u',
    'rotl',
    'rotr',
  ].flatMap((name, index) => [[0x6a + index, [I32, I32, name]] as const, [0x7c + index, [I64, I64, name]] as const]),
]);

/** Operators of one operand: number -> [operand type, result type, name]. */
export const UNARY = new Map<number, readonly [number, number, string]>([
  [0x45, [I32, I32, 'eqz']],
  [0x50, [I64, I32, 'eqz']],
  [0x67, [I32, I32, 'clz']],
  [0x68, [I32, I32, 'ctz']],
  [0x69, [I32, I32, 'popcnt']],
  [0x79, [I64, I64, 'clz']],
  [0x7a, [I64, I64, 'ctz']],
  [0x7b, [I64, I64, 'popcnt']],
  [0xa7, [I64, I32, 'wrap']],
  [0xac, [I32, I64, 'extend_s']],
  [0xad, [I32, I64, 'extend_u']],
  [0xc0, [I32, I32, 'extend8_s']],
  [0xc1, [I32, I32, 'extend16_s']],
  [0xc2, [I64, I64, 'extend8_s']],
  [0xc3, [I64, I64, 'extend16_s']],
  [0xc4, [I64, I64, 'extend32_s']],
]);

/** Operations that the lowered source calls like functions, and the instructions that stand in for the call. */
export const BUILT_IN = new Map<string, { parameters: number; returns: boolean; instructions: readonly number[] }>([
  ['__ult', { parameters: 2, returns: true, instructions: [0x54, Op.i64ExtendI32U] }],
  ['__ugt', { parameters: 2, returns: true, instructions: [0x56, Op.i64ExtendI32U] }],
  ['__ule', { parameters: 2, returns: true, instructions: [0x58, Op.i64ExtendI32U] }],
  ['__uge', { parameters: 2, returns: true, instructions: [0x5a, Op.i64ExtendI32U] }],
  ['__udiv', { parameters: 2, returns: true, instructions: [0x80] }],
  ['__urem', { parameters: 2, returns: true, instructions: [0x82] }],
  ['__shr_s', { parameters: 2, returns: true, instructions: [0x87] }],
  ['__shr_u', { parameters: 2, returns: true, instructions: [0x88] }],
  ['__rotl', { parameters: 2, returns: true, instructions: [0x89] }],
  ['__rotr', { parameters: 2, returns: true, instructions: [0x8a] }],
  ['__clz', { parameters: 1, returns: true, instructions: [0x79] }],
  ['__ctz', { parameters: 1, returns: true, instructions: [0x7a] }],
  ['__popcnt', { parameters: 1, returns: true, instructions: [0x7b] }],
  ['__ext8s', { parameters: 1, returns: true, instructions: [0xc2] }],
  ['__ext16s', { parameters: 1, returns: true, instructions: [0xc3] }],
  ['__ext32s', { parameters: 1, returns: true, instructions: [0xc4] }],
  ['__unreachable', { parameters: 0, returns: false, instructions: [Op.unreachable] }],
]);

/** Intrinsics that every program has: the addresses of its read-only data and of its static storage. */
export const BASES = new Set(['__rodata', '__statics']);
