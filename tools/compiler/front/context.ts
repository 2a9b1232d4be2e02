/**
 * What the lowering of one function carries along: the statements emitted so far, the locals by symbol, the loops
 * around the current statement. Expressions may emit statements before themselves; `operands` keeps the order of
 * evaluation right when they do.
 */
import type ts from 'typescript';
import type { Compilation } from './compilation.js';
import { call, type Expression, isConstantExpression, local, one, type Statement, zero } from './ir.js';
import type { ValueType } from './types.js';

/** A value: its code, its type, and if known the `bits` such that 0 <= value < 2^bits. */
export interface Value {
  readonly code: Expression;
  readonly type: ValueType;
  readonly bits?: number | undefined;
}

interface Local {
  readonly name: string;
  readonly type: ValueType;
}

interface Target {
  readonly names: readonly string[];
  readonly breakLabel: string;
  readonly continueLabel: string | undefined;
  used: boolean;
}

export class FunctionContext {
  readonly calls = new Set<string>();
  readonly locals = new Map<ts.Symbol, Local>();
  /** Variables whose declaration was an error. */
  readonly failed = new Set<ts.Symbol>();
  readonly targets: Target[] = [];
  private statements: Statement[] = [];
  private readonly immutable = new Set<string>();
  private counter = 0;

  constructor(
    readonly compilation: Compilation,
    readonly returnType: ValueType,
    /** The lowered name of `this`, in methods. */
    readonly self: string | undefined,
  ) {
    if (self !== undefined) this.immutable.add(self);
  }

  emit(statement: Statement): void {
    this.statements.push(statement);
  }

  /** What `run` emits, instead of emitting it here. */
  capture(run: () => void): Statement[] {
    const outer = this.statements;
    const inner: Statement[] = [];
    this.statements = inner;
    try {
      run();
    } finally {
      this.statements = outer;
    }
    return inner;
  }

  /** A name that no other local of this function has. */
  fresh(name: string): string {
    this.counter++;
    return `${name}_${this.counter}`;
  }

  /** A new local for a declared variable. */
  declare(symbol: ts.Symbol, type: ValueType, constant: boolean): Local {
    const variable = { name: this.fresh(symbol.name), type };
    this.locals.set(symbol, variable);
    if (constant) this.immutable.add(variable.name);
    return variable;
  }

  /** Emits `let temporary = code`; nobody assigns it again. */
  temporary(code: Expression): Expression {
    const name = this.fresh('t');
    this.immutable.add(name);
    this.emit({ kind: 'let', name, value: code });
    return local(name);
  }

  /** Declares that the local is not assigned from here on. */
  freeze(name: string): void {
    this.immutable.add(name);
  }

  /** True if `code` gives the same value whatever is executed in between. */
  isStable(code: Expression): boolean {
    if (code.kind === 'local') return this.immutable.has(code.name);
    if (code.kind === 'binary') return this.isStable(code.left) && this.isStable(code.right);
    if (code.kind === 'call')
      return code.arguments.length === 0 && (code.name === '__rodata' || code.name === '__statics');
    return isConstantExpression(code);
  }

  stable(code: Expression): Expression {
    return this.isStable(code) ? code : this.temporary(code);
  }

  /** Lowers operands left to right; those before one that emits statements are kept in temporaries. */
  operands(thunks: readonly (() => Value)[]): Value[] {
    const results: { value: Value; before: Statement[] }[] = [];
    for (const thunk of thunks) {
      const holder: { value?: Value } = {};
      const before = this.capture(() => {
        holder.value = thunk();
      });
      if (holder.value !== undefined) results.push({ value: holder.value, before });
    }
    let last = results.length - 1;
    while (last > 0 && results[last]?.before.length === 0) last--;
    return results.map(({ value, before }, index) => {
      for (const statement of before) this.emit(statement);
      return index < last ? { ...value, code: this.stable(value.code) } : value;
    });
  }

  /** A condition as the value 0 or 1: Porffor gives comparisons a type of their own, so they never become values. */
  materialize(code: Expression): Expression {
    if (code.kind !== 'compare' || code.operator.startsWith('u')) return code;
    const name = this.fresh('t');
    this.emit({ kind: 'let', name, value: zero });
    this.emit({ kind: 'if', condition: code, consequent: [{ kind: 'set', name, value: one }], alternate: [] });
    this.immutable.add(name);
    return local(name);
  }

  callFunction(name: string, values: readonly Expression[]): Expression {
    this.calls.add(name);
    return call(name, values);
  }

  callIntrinsic(name: string, parameters: number, returns: boolean, values: readonly Expression[]): Expression {
    this.compilation.useIntrinsic(name, parameters, returns);
    return call(name, values);
  }

  /** Runs `body` as the target of break (and continue), and tells whether anything jumped there. */
  withTarget(target: Omit<Target, 'used'>, body: () => void): boolean {
    const entry: Target = { ...target, used: false };
    this.targets.push(entry);
    try {
      body();
    } finally {
      this.targets.pop();
    }
    return entry.used;
  }
}
