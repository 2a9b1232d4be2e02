/**
 * The intermediate form between TypeScript and Porffor's integer subset: 64-bit values, structured control flow, no
 * types. Constants are kept as signed 64-bit numbers; the constructors here fold them.
 */

export type BinaryOperator = '+' | '-' | '*' | '&' | '|' | '^' | '<<' | '>>' | '>>>' | '/' | '%' | 'u/' | 'u%';
export type CompareOperator = '===' | '!==' | '<' | '<=' | '>' | '>=' | 'u<' | 'u<=' | 'u>' | 'u>=';

export type Expression =
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'global'; readonly name: string }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] };

export type Statement =
  | { readonly kind: 'let'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'set'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'evaluate'; readonly value: Expression }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly consequent: readonly Statement[];
      readonly alternate: readonly Statement[];
    }
  | { readonly kind: 'loop'; readonly label: string; readonly body: readonly Statement[] }
  | { readonly kind: 'break'; readonly label: string }
  | { readonly kind: 'continue'; readonly label: string }
  | { readonly kind: 'return'; readonly value: Expression | undefined };

/** One compiled function; `calls` are the lowered names of the functions (not intrinsics) that it calls. */
export interface LoweredFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly returns: boolean;
  readonly body: readonly Statement[];
  readonly calls: ReadonlySet<string>;
}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

export const constant = (value: bigint | number): Expression => ({ kind: 'constant', value: wrap(BigInt(value)) });
export const local = (name: string): Expression => ({ kind: 'local', name });
export const call = (name: string, values: readonly Expression[]): Expression => ({
  kind: 'call',
  name,
  arguments: values,
});

export const zero = constant(0);
export const one = constant(1);

function foldBinary(operator: BinaryOperator, left: bigint, right: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '<<':
      return left << (right & 63n);
    case '>>':
      return left >> (right & 63n);
    case '>>>':
      return unsigned(left) >> (right & 63n);
    case '/':
      return right === 0n ? undefined : left / right;
    case '%':
      return right === 0n ? undefined : left % right;
    case 'u/':
      return right === 0n ? undefined : unsigned(left) / unsigned(right);
    case 'u%':
      return right === 0n ? undefined : unsigned(left) % unsigned(right);
  }
}

const isConstant = (expression: Expression, value: bigint): boolean =>
  expression.kind === 'constant' && expression.value === value;

/** `left operator right`, folded when both are constant, and for the neutral elements that address arithmetic makes. */
export function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const value = foldBinary(operator, left.value, right.value);
    if (value !== undefined) return constant(value);
  }
  if (isConstant(right, 0n) && ['+', '-', '|', '^', '<<', '>>', '>>>'].includes(operator)) return left;
  if (isConstant(left, 0n) && ['+', '|', '^'].includes(operator)) return right;
  if (isConstant(right, 1n) && ['*', '/', 'u/'].includes(operator)) return left;
  if (operator === '+' && right.kind === 'constant' && left.kind === 'binary' && left.operator === '+') {
    if (left.right.kind === 'constant') {
      return binary('+', left.left, constant(left.right.value + right.value));
    }
  }
  return { kind: 'binary', operator, left, right };
}

export const add = (base: Expression, offset: bigint | number): Expression => binary('+', base, constant(offset));

function foldCompare(operator: CompareOperator, left: bigint, right: bigint): boolean {
  switch (operator) {
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case 'u<':
      return unsigned(left) < unsigned(right);
    case 'u<=':
      return unsigned(left) <= unsigned(right);
    case 'u>':
      return unsigned(left) > unsigned(right);
    case 'u>=':
      return unsigned(left) >= unsigned(right);
  }
}

export function compare(operator: CompareOperator, left: Expression, right: Expression): Expression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return foldCompare(operator, left.value, right.value) ? one : zero;
  }
  return { kind: 'compare', operator, left, right };
}

const inverse: Readonly<Record<CompareOperator, CompareOperator>> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  'u<': 'u>=',
  'u<=': 'u>',
  'u>': 'u<=',
  'u>=': 'u<',
};

/** The condition that holds when `condition` (0 or 1) does not. */
export function not(condition: Expression): Expression {
  if (condition.kind === 'compare') return { ...condition, operator: inverse[condition.operator] };
  return compare('===', condition, zero);
}

/** True if evaluating it twice, or later, or never, makes no difference, whatever runs in between. */
export const isConstantExpression = (expression: Expression): boolean => expression.kind === 'constant';
