/**
 * Random expressions, each with its meaning. They are always inside the dialect: u64 never meets a signed type in a
 * comparison, divisors are never zero, and conditions are never constant.
 */
import type { Activation, Condition, Expression, FunctionModel, Place } from './machine.js';
import {
  type Choices,
  compares,
  INTEGERS,
  type IntegerName,
  isSigned,
  operate,
  resultType,
  wrap,
} from './semantics.js';

/** What an expression may use where it stands. */
export interface Scope {
  readonly choices: Choices;
  /** Places to read; the writable ones may also be assigned within expressions. */
  readonly readable: Place[];
  readonly writable: Place[];
  readonly functions: readonly FunctionModel[];
  readonly conditions: Condition[];
  /** Boolean fields and variables that may be assigned. */
  readonly flags: readonly Place[];
  /** Calls that may still be made here. */
  calls: number;
}

const COMPARISONS = ['<', '<=', '>', '>=', '===', '!=='] as const;
type Family = 'signed' | 'unsigned';
const family = (type: IntegerName): Family => (isSigned(type) ? 'signed' : 'unsigned');

function literal(scope: Scope, wanted: Family): Expression {
  const type: IntegerName = wanted === 'signed' ? 'i64' : 'u64';
  const value = scope.choices.integer(type);
  const magnitude = value < 0n ? -value : value;
  const digits = scope.choices.chance(50) ? `0x${magnitude.toString(16)}` : magnitude.toString();
  const text = `(${value < 0n ? '-' : ''}${digits} as ${type})`;
  return { text, type, constant: true, run: () => value };
}

export function read(place: Place): Expression {
  return {
    text: place.text,
    type: place.type,
    constant: false,
    run: (activation) => place.find(activation).value,
  };
}

/** A value of exactly this type. */
export function converted(expression: Expression, type: IntegerName): Expression {
  if (expression.type === type) return expression;
  return {
    text: `(${expression.text} as ${type})`,
    type,
    constant: expression.constant,
    run: (activation) => wrap(type, expression.run(activation)),
  };
}

/** For an assignment to `type`: the compiler converts, but refuses a constant that loses bits. */
export const assignable = (expression: Expression, type: IntegerName): Expression =>
  expression.constant ? converted(expression, type) : expression;

function leaf(scope: Scope, wanted: Family): Expression {
  const fitting = scope.readable.filter((place) => family(place.type) === wanted);
  if (fitting.length === 0 || scope.choices.chance(25)) return literal(scope, wanted);
  return read(scope.choices.of(fitting));
}

/** Reads something, so that the compiler cannot fold it. */
function variable(scope: Scope, wanted: Family): Expression {
  const fitting = scope.readable.filter((place) => family(place.type) === wanted);
  if (fitting.length > 0) return read(scope.choices.of(fitting));
  return converted(read(scope.choices.of(scope.readable)), wanted === 'signed' ? 'i64' : 'u64');
}

function arithmetic(scope: Scope, wanted: Family, depth: number): Expression {
  const operator = scope.choices.of(['+', '-', '*', '&', '|', '^', '+', '-']);
  const left = integer(scope, wanted, depth - 1);
  const right = integer(scope, wanted, depth - 1);
  const type = resultType(left.type, right.type);
  return {
    text: `(${left.text} ${operator} ${right.text})`,
    type,
    constant: left.constant && right.constant,
    run: (activation) => operate(operator, type, left.run(activation), right.run(activation)),
  };
}

/** Division by a positive number: a zero divisor traps, and so does the one quotient that overflows. */
function division(scope: Scope, wanted: Family, depth: number): Expression {
  const operator = scope.choices.of(['/', '%']);
  const left = integer(scope, wanted, depth - 1);
  const right = integer(scope, wanted, depth - 1);
  const mask = scope.choices.of([0xffn, 0x7fff_ffffn, 0x7fff_ffff_ffff_ffffn]);
  const divisorType = resultType(right.type, right.type);
  const type = resultType(left.type, divisorType);
  return {
    text: `(${left.text} ${operator} ((${right.text} & 0x${mask.toString(16)}) | 1))`,
    type,
    constant: left.constant && right.constant,
    run: (activation) => {
      const dividend = left.run(activation);
      return operate(operator, type, dividend, (right.run(activation) & mask) | 1n);
    },
  };
}

function shift(scope: Scope, wanted: Family, depth: number): Expression {
  const operator = scope.choices.of(['<<', '>>', '>>>']);
  const left = integer(scope, wanted, depth - 1);
  const right = scope.choices.chance(50) ? small(scope) : integer(scope, scope.choices.of(['signed', 'unsigned']), 0);
  const type = operator === '>>>' ? 'u64' : resultType(left.type, left.type);
  return {
    text: `(${left.text} ${operator} ${right.text})`,
    type,
    constant: left.constant && right.constant,
    run: (activation) => {
      const value = left.run(activation);
      return operate(operator, type, value, right.run(activation));
    },
  };
}

function small(scope: Scope): Expression {
  const value = BigInt(scope.choices.below(64));
  return { text: value.toString(), type: 'i64', constant: true, run: () => value };
}

function unary(scope: Scope, wanted: Family, depth: number): Expression {
  const operand = integer(scope, wanted, depth - 1);
  const type = resultType(operand.type, operand.type);
  const operator = scope.choices.of(['-', '~']);
  return {
    text: `(${operator}${operand.text})`,
    type,
    constant: operand.constant,
    run: (activation) => {
      const value = operand.run(activation);
      return wrap(type, operator === '-' ? -value : ~value);
    },
  };
}

function conditional(scope: Scope, wanted: Family, depth: number): Expression {
  const test = condition(scope, depth - 1);
  const yes = integer(scope, wanted, depth - 1);
  const no = integer(scope, wanted, depth - 1);
  const type = yes.type === no.type ? yes.type : resultType(yes.type, no.type);
  return {
    text: `(${test.text} ? ${yes.text} : ${no.text})`,
    type,
    constant: false,
    run: (activation) => (test.run(activation) ? yes.run(activation) : no.run(activation)),
  };
}

function call(scope: Scope): Expression {
  const target = scope.choices.of(scope.functions);
  scope.calls--;
  const values = target.parameters.map((type) => {
    const value = integer(scope, scope.choices.of(['signed', 'unsigned']), 1);
    return { value: assignable(value, type), type };
  });
  return {
    text: `${target.name}(${values.map(({ value }) => value.text).join(', ')})`,
    type: target.result,
    constant: false,
    run: (activation) => target.call(values.map(({ value, type }) => wrap(type, value.run(activation)))),
  };
}

/** `x++`, `--x`, `(x = e)`, `(x += e)`: expressions that change something on the way. */
function effect(scope: Scope, place: Place): Expression {
  const { type } = place;
  if (scope.choices.chance(50)) {
    const operator = scope.choices.of(['++', '--']);
    const isPostfix = scope.choices.chance(50);
    return {
      text: isPostfix ? `${place.text}${operator}` : `(${operator}${place.text})`,
      type,
      constant: false,
      run: (activation) => {
        const box = place.find(activation);
        const old = box.value;
        box.value = wrap(type, operator === '++' ? old + 1n : old - 1n);
        return isPostfix ? old : box.value;
      },
    };
  }
  const value = assignable(integer(scope, family(type), 1), type);
  return {
    text: `(${place.text} = ${value.text})`,
    type,
    constant: value.constant,
    run: (activation) => {
      const box = place.find(activation);
      box.value = wrap(type, value.run(activation));
      return box.value;
    },
  };
}

function cast(scope: Scope, wanted: Family, depth: number): Expression {
  const inner = integer(scope, scope.choices.of(['signed', 'unsigned']), depth - 1);
  return converted(inner, scope.choices.of(INTEGERS.filter((type) => family(type) === wanted)));
}

/** An expression whose type is in the family. */
export function integer(scope: Scope, wanted: Family, depth: number): Expression {
  if (depth <= 0) return leaf(scope, wanted);
  const kind = scope.choices.below(100);
  let made: Expression;
  if (kind < 34) made = arithmetic(scope, wanted, depth);
  else if (kind < 44) made = division(scope, wanted, depth);
  else if (kind < 56) made = shift(scope, wanted, depth);
  else if (kind < 62) made = unary(scope, wanted, depth);
  else if (kind < 70) made = conditional(scope, wanted, depth);
  else if (kind < 80) made = cast(scope, wanted, depth);
  else if (kind < 86 && scope.functions.length > 0 && scope.calls > 0) made = call(scope);
  else if (kind < 91 && scope.writable.length > 0) made = effect(scope, scope.choices.of(scope.writable));
  else return leaf(scope, wanted);
  // u8 + u8 is i64: bring the result back to the family that was asked for.
  return family(made.type) === wanted ? made : converted(made, wanted === 'signed' ? 'i64' : 'u64');
}

/** A boolean place as a condition. */
export const flagCondition = (place: Place): Condition => ({
  text: place.text,
  run: (activation) => place.find(activation).value !== 0n,
});

/** A boolean expression that is never constant. */
export function condition(scope: Scope, depth: number): Condition {
  const kind = scope.choices.below(100);
  if (depth > 0 && kind < 30) {
    const left = condition(scope, depth - 1);
    const right = condition(scope, depth - 1);
    const isAnd = scope.choices.chance(50);
    return {
      text: `(${left.text} ${isAnd ? '&&' : '||'} ${right.text})`,
      run: (activation) =>
        isAnd ? left.run(activation) && right.run(activation) : left.run(activation) || right.run(activation),
    };
  }
  if (depth > 0 && kind < 38) {
    const inner = condition(scope, depth - 1);
    return { text: `!${inner.text}`, run: (activation) => !inner.run(activation) };
  }
  if (kind < 46 && scope.conditions.length > 0) return scope.choices.of(scope.conditions);
  const wanted = scope.choices.of<Family>(['signed', 'unsigned']);
  const left = variable(scope, wanted);
  const right = integer(scope, wanted, Math.max(depth, 0));
  // `a < (b > c ...` reads as the beginning of type arguments.
  const operator = scope.choices.of(right.text.includes('>') ? COMPARISONS.slice(1) : COMPARISONS);
  return {
    text: `(${left.text} ${operator} ${right.text})`,
    run: (activation: Activation) => {
      const value = left.run(activation);
      return compares(operator, value, right.run(activation));
    },
  };
}
