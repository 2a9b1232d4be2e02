/**
 * Prints the intermediate form as the source that Porffor compiles. Porffor 0.61.13 is right for a narrow set of
 * constructs only, so this prints nothing else: comparisons only as conditions, one kind of loop
 * (`while` with labelled break and continue; a labelled block miscounts its branch depth), `let` with unique names.
 */
import type { Expression, LoweredFunction, Statement } from './ir.js';

const unsignedCompares: ReadonlyMap<string, string> = new Map([
  ['u<', '__ult'],
  ['u<=', '__ule'],
  ['u>', '__ugt'],
  ['u>=', '__uge'],
]);
const binaryCalls: ReadonlyMap<string, string> = new Map([
  ['u/', '__udiv'],
  ['u%', '__urem'],
  ['>>', '__shr_s'],
  ['>>>', '__shr_u'],
]);

/** The back half keeps literals exact: numbers up to 2^53, BigInt literals above. */
function printConstant(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  return magnitude < 1n << 53n ? value.toString() : `${value}n`;
}

function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'constant':
      return printConstant(expression.value);
    case 'local':
    case 'global':
      return expression.name;
    case 'binary': {
      const left = printExpression(expression.left);
      const right = printExpression(expression.right);
      const name = binaryCalls.get(expression.operator);
      return name === undefined ? `(${left} ${expression.operator} ${right})` : `${name}(${left}, ${right})`;
    }
    case 'compare': {
      const name = unsignedCompares.get(expression.operator);
      if (name === undefined) throw new Error('a comparison used as a value must be materialized first');
      return `${name}(${printExpression(expression.left)}, ${printExpression(expression.right)})`;
    }
    case 'call':
      return `${expression.name}(${expression.arguments.map(printExpression).join(', ')})`;
  }
}

function printCondition(expression: Expression): string {
  if (expression.kind === 'compare' && !unsignedCompares.has(expression.operator)) {
    return `${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)}`;
  }
  if (expression.kind === 'constant') return expression.value === 0n ? '0 !== 0' : '0 === 0';
  return `${printExpression(expression)} !== 0`;
}

function printStatement(statement: Statement, indent: string, out: string[]): void {
  switch (statement.kind) {
    case 'let':
      out.push(`${indent}let ${statement.name} = ${printExpression(statement.value)};`);
      break;
    case 'set':
      out.push(`${indent}${statement.name} = ${printExpression(statement.value)};`);
      break;
    case 'evaluate':
      out.push(`${indent}${printExpression(statement.value)};`);
      break;
    case 'if':
      printIf(statement, indent, out);
      break;
    case 'loop':
      out.push(`${indent}${statement.label}: while (0 === 0) {`);
      printStatements(statement.body, `${indent}  `, out);
      out.push(`${indent}}`);
      break;
    case 'break':
    case 'continue':
      out.push(`${indent}${statement.kind} ${statement.label};`);
      break;
    case 'return':
      out.push(
        statement.value === undefined ? `${indent}return;` : `${indent}return ${printExpression(statement.value)};`,
      );
      break;
  }
}

function printIf(statement: Statement & { kind: 'if' }, indent: string, out: string[]): void {
  out.push(`${indent}if (${printCondition(statement.condition)}) {`);
  printStatements(statement.consequent, `${indent}  `, out);
  if (statement.alternate.length > 0) {
    out.push(`${indent}} else {`);
    printStatements(statement.alternate, `${indent}  `, out);
  }
  out.push(`${indent}}`);
}

function printStatements(statements: readonly Statement[], indent: string, out: string[]): void {
  for (const statement of statements) printStatement(statement, indent, out);
}

export function printFunction(lowered: LoweredFunction): string {
  const out = [`const ${lowered.name} = (${lowered.parameters.join(', ')}) => {`];
  printStatements(lowered.body, '  ', out);
  out.push('};');
  return out.join('\n');
}
