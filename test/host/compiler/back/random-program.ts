// Random programs in the lowered subset, each with its meaning: every piece is made together with a function that
// evaluates it on BigInts, so that the text that the compiler gets and the reference cannot drift apart. Programs end:
// loops count to a small bound and functions call only earlier ones.

export type Random = () => number;

/** A small generator with a known sequence for each seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a running reference program has: module variables, memory as bytes, and the current call's locals. */
export interface State {
  globals: Map<string, bigint>;
  memory: DataView;
  locals: Map<string, bigint>;
}

interface Expression {
  text: string;
  run: (state: State) => bigint;
}

type Outcome = undefined | { kind: 'break' | 'continue'; label: string } | { kind: 'return'; value: bigint };

interface Statement {
  text: string;
  run: (state: State) => Outcome;
}

export interface RandomFunction {
  name: string;
  parameters: number;
  text: string;
  call: (state: State, given: readonly bigint[]) => bigint;
}

export const MEMORY_BYTES = 128;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);

const INTERESTING = [
  0n,
  1n,
  2n,
  3n,
  5n,
  7n,
  31n,
  32n,
  63n,
  64n,
  100n,
  127n,
  128n,
  255n,
  256n,
  4095n,
  4096n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x1fffffffffffffn,
  0x7fff800000000000n,
  0xffff800000000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
  0xfffffffffffffff0n,
];

type Meaning = (a: bigint, b: bigint) => bigint;

const BINARY: [print: (a: string, b: string) => string, meaning: Meaning][] = [
  ...(
    [
      ['+', (a, b) => a + b],
      ['-', (a, b) => a - b],
      ['*', (a, b) => a * b],
      ['&', (a, b) => a & b],
      ['|', (a, b) => a | b],
      ['^', (a, b) => a ^ b],
      ['<<', (a, b) => a << (b & 63n)],
      ['>>', (a, b) => signed(a) >> (b & 63n)],
      ['>>>', (a, b) => a >> (b & 63n)],
      ['===', (a, b) => truth(a === b)],
      ['!==', (a, b) => truth(a !== b)],
      ['<', (a, b) => truth(signed(a) < signed(b))],
      ['<=', (a, b) => truth(signed(a) <= signed(b))],
      ['>', (a, b) => truth(signed(a) > signed(b))],
      ['>=', (a, b) => truth(signed(a) >= signed(b))],
    ] as [string, Meaning][]
  ).map(([sign, meaning]): [(a: string, b: string) => string, Meaning] => [(a, b) => `(${a} ${sign} ${b})`, meaning]),
  ...(
    [
      ['__ult', (a, b) => truth(a < b)],
      ['__ule', (a, b) => truth(a <= b)],
      ['__ugt', (a, b) => truth(a > b)],
      ['__uge', (a, b) => truth(a >= b)],
      ['__shr_s', (a, b) => signed(a) >> (b & 63n)],
      ['__shr_u', (a, b) => a >> (b & 63n)],
      ['__rotl', (a, b) => (a << (b & 63n)) | (a >> (64n - (b & 63n)))],
    ] as [string, Meaning][]
  ).map(([name, meaning]): [(a: string, b: string) => string, Meaning] => [(a, b) => `${name}(${a}, ${b})`, meaning]),
];

/** Division: the divisor is made odd and small or large positive, so that it neither traps nor overflows. */
const DIVISION: [string, Meaning][] = [
  ['/', (a, b) => signed(a) / signed(b)],
  ['%', (a, b) => signed(a) % signed(b)],
  ['__udiv', (a, b) => a / b],
  ['__urem', (a, b) => a % b],
];

const UNARY: [string, (a: bigint) => bigint][] = [
  ['-', (a) => -a],
  ['~', (a) => ~a],
  ['!', (a) => truth(a === 0n)],
  ['__clz', (a) => (a === 0n ? 64n : 64n - BigInt(a.toString(2).length))],
  ['__ctz', (a) => (a === 0n ? 64n : BigInt((a & -a).toString(2).length - 1))],
  ['__popcnt', (a) => BigInt(a.toString(2).replaceAll('0', '').length)],
  ['__ext8s', (a) => BigInt.asIntN(8, a)],
  ['__ext16s', (a) => BigInt.asIntN(16, a)],
  ['__ext32s', (a) => BigInt.asIntN(32, a)],
];

export class ProgramGenerator {
  private readonly functions: RandomFunction[] = [];
  private names = 0;
  private readable: string[] = [];
  private writable: string[] = [];
  private callsLeft = 0;
  private loops: string[] = [];

  constructor(
    private readonly random: Random,
    private readonly prefix: string,
    private readonly globals: readonly string[],
  ) {}

  /** Functions whose names begin with the prefix; each may call those before it. */
  generate(count: number): RandomFunction[] {
    while (this.functions.length < count) this.functions.push(this.function());
    return this.functions;
  }

  private below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  private fresh(kind: string): string {
    return `${kind}${this.names++}`;
  }

  private function(): RandomFunction {
    const name = `${this.prefix}f${this.functions.length}`;
    const parameters = Array.from({ length: this.below(4) }, () => this.fresh('p'));
    this.readable = [...this.globals, ...parameters];
    this.writable = [...this.globals, ...parameters];
    this.callsLeft = 2;
    this.loops = [];
    const body = this.block(1 + this.below(4), 0);
    const result = this.expression(2);
    return {
      name,
      parameters: parameters.length,
      text: `const ${name} = (${parameters.join(', ')}) => ${body.text.slice(0, -1)} return ${result.text}; };`,
      call: (state, given) => {
        const inner: State = {
          ...state,
          locals: new Map(parameters.map((parameter, i) => [parameter, given[i] as bigint])),
        };
        const outcome = body.run(inner);
        return outcome?.kind === 'return' ? outcome.value : result.run(inner);
      },
    };
  }

  private block(count: number, depth: number): Statement {
    const [readable, writable] = [this.readable.length, this.writable.length];
    const statements = Array.from({ length: count }, () => this.statement(depth));
    // The function's own result may use what its body declared; inner blocks take their names with them.
    if (depth > 0) {
      this.readable.length = readable;
      this.writable.length = writable;
    }
    return {
      text: `{ ${statements.map(({ text }) => text).join(' ')} }`,
      run: (state) => {
        for (const statement of statements) {
          const outcome = statement.run(state);
          if (outcome !== undefined) return outcome;
        }
        return undefined;
      },
    };
  }

  private statement(depth: number): Statement {
    const choice = this.below(depth < 3 ? 12 : 6);
    if (choice < 2) return this.declaration();
    if (choice < 4) return this.assignment();
    if (choice === 4) return this.store();
    if (choice === 5) return this.jump();
    if (choice < 9) return this.branch(depth);
    return this.loop(depth);
  }

  private declaration(): Statement {
    const name = this.fresh('v');
    const value = this.expression(2);
    this.readable.push(name);
    this.writable.push(name);
    return { text: `let ${name} = ${value.text};`, run: (state) => void state.locals.set(name, value.run(state)) };
  }

  private assignment(): Statement {
    const name = this.pick(this.writable);
    const [print, meaning] = this.pick([
      ['=', (_: bigint, b: bigint) => b],
      ['+=', (a: bigint, b: bigint) => a + b],
      ['-=', (a: bigint, b: bigint) => a - b],
      ['*=', (a: bigint, b: bigint) => a * b],
      ['^=', (a: bigint, b: bigint) => a ^ b],
      ['<<=', (a: bigint, b: bigint) => a << (b & 63n)],
      ['>>=', (a: bigint, b: bigint) => signed(a) >> (b & 63n)],
      ['>>>=', (a: bigint, b: bigint) => a >> (b & 63n)],
    ] as [string, Meaning][]);
    const value = this.expression(2);
    return {
      text: `${name} ${print} ${value.text};`,
      run: (state) => {
        const before = this.read(state, name);
        this.write(state, name, wrap(meaning(before, value.run(state))));
        return undefined;
      },
    };
  }

  private read(state: State, name: string): bigint {
    return (this.globals.includes(name) ? state.globals : state.locals).get(name) as bigint;
  }

  private write(state: State, name: string, value: bigint): void {
    (this.globals.includes(name) ? state.globals : state.locals).set(name, value);
  }

  private place(width: number): { text: string; run: (state: State) => number } {
    const index = this.expression(2);
    const mask = MEMORY_BYTES / 2 - 1;
    const offset = this.below(MEMORY_BYTES / 2 - width);
    return {
      text: `(__statics() + (${index.text} & ${mask}) + ${offset})`,
      run: (state) => Number(index.run(state) & BigInt(mask)) + offset,
    };
  }

  private store(): Statement {
    const width = this.pick([1, 2, 4, 8] as const);
    const place = this.place(width);
    const value = this.expression(2);
    return {
      text: `store${width * 8}(${place.text}, ${value.text});`,
      run: (state) => {
        const at = place.run(state);
        const low = value.run(state);
        for (let i = 0; i < width; i++) state.memory.setUint8(at + i, Number((low >> BigInt(8 * i)) & 255n));
        return undefined;
      },
    };
  }

  private jump(): Statement {
    const condition = this.expression(2);
    const outcomes: { text: string; run: (state: State) => Outcome }[] = [];
    for (const label of this.loops) {
      outcomes.push({ text: `break ${label};`, run: () => ({ kind: 'break', label }) });
      outcomes.push({ text: `continue ${label};`, run: () => ({ kind: 'continue', label }) });
    }
    const value = this.expression(2);
    outcomes.push({ text: `return ${value.text};`, run: (state) => ({ kind: 'return', value: value.run(state) }) });
    const outcome = this.pick(outcomes);
    return {
      text: `if (${condition.text}) { ${outcome.text} }`,
      run: (state) => (condition.run(state) !== 0n ? outcome.run(state) : undefined),
    };
  }

  private branch(depth: number): Statement {
    const condition = this.expression(2);
    const consequent = this.block(1 + this.below(3), depth + 1);
    const alternate = this.random() < 0.5 ? this.block(1 + this.below(2), depth + 1) : undefined;
    return {
      text: `if (${condition.text}) ${consequent.text}${alternate ? ` else ${alternate.text}` : ''}`,
      run: (state) => (condition.run(state) !== 0n ? consequent.run(state) : alternate?.run(state)),
    };
  }

  /** A loop that runs at most `bound` times, in one of the three forms. */
  private loop(depth: number): Statement {
    const label = this.fresh('loop');
    const counter = this.fresh('i');
    const bound = 1 + this.below(4);
    const form = this.pick(['for', 'while', 'do'] as const);
    this.readable.push(counter);
    this.loops.push(label);
    const calls = this.callsLeft;
    this.callsLeft = Math.min(calls, depth === 0 ? 1 : 0);
    const extra = form === 'for' ? undefined : this.expression(1);
    const body = this.block(1 + this.below(3), depth + 1);
    this.callsLeft = calls - 1;
    this.loops.pop();
    this.readable.splice(this.readable.indexOf(counter), 1);
    const advance = `${counter} += 1;`;
    const inner = body.text.slice(1);
    const text = {
      for: `${label}: for (let ${counter} = 0; ${counter} < ${bound}; ${counter}++) ${body.text}`,
      while: `let ${counter} = 0; ${label}: while (${counter} < ${bound} && (${extra?.text} !== 12345)) { ${advance} ${inner}`,
      do: `let ${counter} = 0; ${label}: do { ${advance} ${inner} while (${counter} < ${bound} && (${extra?.text} !== 12345));`,
    }[form];
    const goesOn = (state: State) =>
      (state.locals.get(counter) as bigint) < BigInt(bound) && (extra === undefined || extra.run(state) !== 12345n);
    return {
      text,
      run: (state) => {
        state.locals.set(counter, 0n);
        let first = form === 'do';
        while (first || goesOn(state)) {
          first = false;
          if (form !== 'for') state.locals.set(counter, (state.locals.get(counter) as bigint) + 1n);
          const outcome = body.run(state);
          if (outcome?.kind === 'return') return outcome;
          if (outcome !== undefined && outcome.label !== label) return outcome;
          if (outcome?.kind === 'break') break;
          if (form === 'for') state.locals.set(counter, (state.locals.get(counter) as bigint) + 1n);
        }
        return undefined;
      },
    };
  }

  private constant(): Expression {
    let value = this.pick(INTERESTING);
    if (this.random() < 0.3) value = wrap(value + BigInt(this.below(5) - 2));
    const text = value <= 0x1fffffffffffffn ? `${value}` : this.random() < 0.5 ? `${value}n` : `(${signed(value)}n)`;
    return { text, run: () => value };
  }

  private expression(depth: number): Expression {
    const choice = this.below(depth === 0 ? 4 : 16);
    if (choice < 2 || this.readable.length === 0) return this.constant();
    if (choice < 4) {
      const name = this.pick(this.readable);
      return { text: name, run: (state) => this.read(state, name) };
    }
    if (choice < 9) {
      const [print, meaning] = this.pick(BINARY);
      const [left, right] = [this.expression(depth - 1), this.expression(depth - 1)];
      return {
        text: print(left.text, right.text),
        run: (state) => {
          const a = left.run(state);
          return wrap(meaning(a, right.run(state)));
        },
      };
    }
    if (choice === 9) {
      const [name, meaning] = this.pick(UNARY);
      const operand = this.expression(depth - 1);
      return { text: `${name}(${operand.text})`, run: (state) => wrap(meaning(operand.run(state))) };
    }
    if (choice === 10) return this.division(depth);
    if (choice === 11) return this.choice(depth);
    if (choice === 12) return this.logic(depth);
    if (choice === 13) return this.load();
    if (choice === 14) return this.callExpression(depth);
    return this.update();
  }

  private division(depth: number): Expression {
    const [name, meaning] = this.pick(DIVISION);
    const [left, right] = [this.expression(depth - 1), this.expression(depth - 1)];
    const divisor = `((${right.text} & 0xffff) | 1)`;
    return {
      text: name.startsWith('__') ? `${name}(${left.text}, ${divisor})` : `(${left.text} ${name} ${divisor})`,
      run: (state) => {
        const a = left.run(state);
        return wrap(meaning(a, (right.run(state) & 0xffffn) | 1n));
      },
    };
  }

  private choice(depth: number): Expression {
    const [test, yes, no] = [this.expression(depth - 1), this.expression(depth - 1), this.expression(depth - 1)];
    return {
      text: `(${test.text} ? ${yes.text} : ${no.text})`,
      run: (state) => (test.run(state) !== 0n ? yes.run(state) : no.run(state)),
    };
  }

  private logic(depth: number): Expression {
    const [left, right] = [this.expression(depth - 1), this.expression(depth - 1)];
    const isAnd = this.random() < 0.5;
    return {
      text: `(${left.text} ${isAnd ? '&&' : '||'} ${right.text})`,
      run: (state) => {
        const value = left.run(state);
        return (value !== 0n) === isAnd ? right.run(state) : value;
      },
    };
  }

  private load(): Expression {
    const width = this.pick([1, 2, 4, 8] as const);
    const place = this.place(width);
    return {
      text: `load${width * 8}(${place.text})`,
      run: (state) => {
        const at = place.run(state);
        let value = 0n;
        for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(state.memory.getUint8(at + i));
        return value;
      },
    };
  }

  private callExpression(depth: number): Expression {
    if (this.functions.length === 0 || this.callsLeft <= 0) return this.expression(depth - 1);
    this.callsLeft--;
    const callee = this.pick(this.functions);
    const given = Array.from({ length: callee.parameters }, () => this.expression(depth - 1));
    return {
      text: `${callee.name}(${given.map(({ text }) => text).join(', ')})`,
      run: (state) =>
        callee.call(
          state,
          given.map((argument) => argument.run(state)),
        ),
    };
  }

  /** An assignment or increment inside an expression: evaluation order shows in its result. */
  private update(): Expression {
    if (this.writable.length === 0) return this.constant();
    const name = this.pick(this.writable);
    const form = this.pick(['x++', '++x', 'x--', '--x', '(x = V)', '(x += V)']);
    const value = this.expression(1);
    const step = form.includes('+') ? 1n : -1n;
    return {
      text: `(${form.replace('x', name).replace('V', value.text)})`,
      run: (state) => {
        const before = this.read(state, name);
        if (form.includes('V')) {
          const operand = value.run(state);
          const after = form.includes('+=') ? wrap(before + operand) : operand;
          this.write(state, name, after);
          return after;
        }
        this.write(state, name, wrap(before + step));
        return form.startsWith('x') ? before : wrap(before + step);
      },
    };
  }
}
