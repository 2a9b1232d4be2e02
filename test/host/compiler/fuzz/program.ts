/**
 * Random modules: classes with sized fields, embedded objects and arrays, module variables, a family with overridden
 * methods, and functions that call each other. Each function is both text and something that can be run.
 */
import { assignable, condition, flagCondition, integer, read, type Scope } from './expressions.js';
import {
  type Activation,
  type Box,
  type FunctionModel,
  type Outcome,
  type Place,
  runAll,
  type ShapeObject,
  type Step,
} from './machine.js';
import { type Choices, INTEGERS, type IntegerName, isSigned, operate, resultType, wrap } from './semantics.js';

const MAXIMUM_LEVEL = 3;
const ARRAY_LENGTH = 4;
const LOOP_ROUNDS = 4;

export interface ModuleModel {
  readonly text: string;
  readonly functions: readonly FunctionModel[];
  /** Reads every variable, field and element of the module. */
  readonly digest: FunctionModel;
}

interface Storage {
  readonly declarations: string[];
  readonly places: Place[];
  readonly setUp: string[];
  readonly conditions: Scope['conditions'];
  readonly methods: FunctionModel[];
  /** Boolean fields and variables. */
  readonly flags: Place[];
  /** Elements of constant tables, by a name that is indexed. */
  readonly tables: { readonly name: string; readonly type: IntegerName; readonly values: readonly bigint[] }[];
}

const emptyStorage = (): Storage => ({
  declarations: [],
  places: [],
  setUp: [],
  conditions: [],
  methods: [],
  flags: [],
  tables: [],
});

const fixedBox = (text: string, type: IntegerName, box: Box): Place => ({ text, type, find: () => box });

/** A class with fields of every kind, and one object of it in static storage. */
function record(choices: Choices, index: number): Storage {
  const [name, object] = [`Record${index}`, `record${index}`];
  const places: Place[] = [];
  const inner: string[] = [];
  const outer: string[] = [];
  for (let field = 0; field < 6; field++) {
    const type = choices.of(INTEGERS);
    const isInner = choices.chance(30);
    (isInner ? inner : outer).push(`  f${field}!: ${type};`);
    places.push(fixedBox(`${object}.${isInner ? 'inner.' : ''}f${field}`, type, { value: 0n }));
    if (field === 2) outer.push(`  inner!: Inline<Inner${index}>;`);
    if (field === 4) outer.push('  flag!: boolean;');
  }
  const type = choices.of(INTEGERS);
  outer.push(`  items!: Fixed<${type}, ${ARRAY_LENGTH}>;`);
  for (let item = 0; item < ARRAY_LENGTH; item++)
    places.push(fixedBox(`${object}.items[${item}]`, type, { value: 0n }));
  const declarations = [
    `class Inner${index} {\n${inner.join('\n')}\n}`,
    `class ${name} {\n${outer.join('\n')}\n}`,
    `const ${object}: ${name} = reserve();`,
  ];
  const flag = fixedBox(`${object}.flag`, 'u8', { value: 0n });
  return { ...emptyStorage(), declarations, places, flags: [flag] };
}

function constantTable(choices: Choices, index: number): Storage {
  const type = choices.of(INTEGERS);
  const values = Array.from({ length: ARRAY_LENGTH }, () => choices.integer(type));
  const name = `TABLE${index}`;
  const text = values.map((value) => (value < 0n ? `-${-value}` : `${value}`)).join(', ');
  return {
    ...emptyStorage(),
    declarations: [`const ${name}: readonly ${type}[] = [${text}];`],
    tables: [{ name, type, values }],
  };
}

function moduleVariable(choices: Choices, index: number): Storage {
  const type = choices.of(INTEGERS);
  const initial = choices.integer(type);
  const [sign, digits] = initial < 0n ? ['-', -initial] : ['', initial];
  return {
    ...emptyStorage(),
    declarations: [`let g${index}: ${type} = ${sign}${digits};`, `let flag${index} = ${index === 1};`],
    places: [fixedBox(`g${index}`, type, { value: initial })],
    flags: [fixedBox(`flag${index}`, 'u8', { value: index === 1 ? 1n : 0n })],
  };
}

/** A family of classes with an overridden method, and variables that refer to its objects. */
function family(choices: Choices, index: number): Storage {
  const base = `Shape${index}`;
  const type = choices.of(INTEGERS);
  const result = choices.of(INTEGERS);
  const operators = [0, 1, 2, 3].map(() => choices.of(['+', '-', '*', '^']));
  // Class 3 derives from class 1 and does not override; class 0 is the base.
  const implementation = [0, 1, 2, 1];
  const run = (kind: number, own: bigint, given: bigint): bigint => {
    const which = implementation[kind] ?? 0;
    const combined = resultType(type, 'i64');
    const operator = operators[which] ?? '+';
    return wrap(result, operate(operator, combined, operate('+', combined, own, BigInt(which)), given));
  };
  const body = (which: number): string =>
    `return ((this.own + ${which}) ${operators[which]} (given as ${resultType(type, 'i64')})) as ${result};`;
  const method = (which: number, override: string): string =>
    `  ${override}run(given: ${type}): ${result} { ${body(which)} }`;
  const declarations = [
    `class ${base} {\n  own!: ${type};\n${method(0, '')}\n}`,
    `class ${base}A extends ${base} {\n  extra!: u64;\n${method(1, 'override ')}\n}`,
    `class ${base}B extends ${base} {\n${method(2, 'override ')}\n}`,
    `class ${base}C extends ${base}A {\n}`,
    `function isA${index}(shape: ${base}): boolean { return shape instanceof ${base}A; }`,
  ];
  const places: Place[] = [];
  const setUp: string[] = [];
  const conditions: { text: string; run: () => boolean }[] = [];
  const methods: FunctionModel[] = [];
  ['', 'A', 'B', 'C'].forEach((suffix, kind) => {
    const name = `shape${index}_${kind}`;
    const own: Box = { value: 0n };
    const object: ShapeObject = { class: kind, fields: [own] };
    declarations.push(`let ${name}: ${base} = null!;`);
    setUp.push(`${name} = new ${base}${suffix}();`);
    places.push(fixedBox(`${name}.own`, type, own));
    conditions.push({ text: `isA${index}(${name})`, run: () => object.class === 1 || object.class === 3 });
    methods.push({
      name: `${name}.run`,
      parameters: [type],
      result,
      level: 0,
      call: ([given = 0n]) => run(kind, own.value, given),
    });
  });
  return { ...emptyStorage(), declarations, places, setUp, conditions, methods };
}

interface Body {
  readonly scope: Scope;
  readonly loops: (string | undefined)[];
  readonly result: IntegerName;
  /** Arrays and tables to go through. */
  readonly sequences: readonly {
    readonly text: string;
    readonly type: IntegerName;
    readonly elements: readonly Place[];
  }[];
  names: number;
}

const named = (body: Body, prefix: string): string => `${prefix}${body.names++}`;

const localPlace = (name: string, type: IntegerName): Place => ({
  text: name,
  type,
  find: (activation) => {
    const box = activation.locals.get(name);
    if (box === undefined) throw new Error(`${name} is not declared`);
    return box;
  },
});

function declare(body: Body): Step {
  const { scope } = body;
  const name = named(body, 'v');
  const made = integer(scope, scope.choices.of(['signed', 'unsigned']), 3);
  const isConstant = scope.choices.chance(30);
  const isInferred = scope.choices.chance(40);
  // An inferred constant keeps its type; an inferred variable is u64 or i64.
  const inferred = isConstant ? made.type : resultType(made.type, made.type);
  const type = isInferred ? inferred : scope.choices.of(INTEGERS);
  const value = assignable(made, type);
  const place = localPlace(name, type);
  scope.readable.push(place);
  if (!isConstant) scope.writable.push(place);
  return {
    text: `${isConstant ? 'const' : 'let'} ${name}${isInferred ? '' : `: ${type}`} = ${value.text};`,
    run: (activation) => {
      activation.locals.set(name, { value: wrap(type, value.run(activation)) });
      return undefined;
    },
  };
}

function assign(body: Body): Step {
  const { scope } = body;
  const place = scope.choices.of(scope.writable);
  const value = assignable(integer(scope, isSigned(place.type) ? 'signed' : 'unsigned', 3), place.type);
  if (scope.choices.chance(50)) {
    return {
      text: `${place.text} = ${value.text};`,
      run: (activation) => {
        const box = place.find(activation);
        box.value = wrap(place.type, value.run(activation));
        return undefined;
      },
    };
  }
  const operator = scope.choices.of(['+', '-', '*', '&', '|', '^', '<<', '>>']);
  const isShift = operator === '<<' || operator === '>>';
  const type = isShift ? resultType(place.type, place.type) : resultType(place.type, value.type);
  return {
    text: `${place.text} ${operator}= ${value.text};`,
    run: (activation) => {
      const box = place.find(activation);
      const old = box.value;
      box.value = wrap(place.type, operate(operator, type, old, value.run(activation)));
      return undefined;
    },
  };
}

/** Gives a boolean a value, or declares one. */
function decide(body: Body): Step {
  const { scope } = body;
  const value = condition(scope, 2);
  const run = (activation: Activation): bigint => (value.run(activation) ? 1n : 0n);
  if (scope.flags.length > 0 && scope.choices.chance(50)) {
    const place = scope.choices.of(scope.flags);
    return {
      text: `${place.text} = ${value.text};`,
      run: (activation) => {
        place.find(activation).value = run(activation);
        return undefined;
      },
    };
  }
  const name = named(body, 'b');
  scope.conditions.push(flagCondition(localPlace(name, 'u8')));
  return {
    text: `const ${name} = ${value.text};`,
    run: (activation) => {
      activation.locals.set(name, { value: run(activation) });
      return undefined;
    },
  };
}

/** `for (const x of items)`: each element is read when its round begins. */
function each(body: Body, depth: number): Step {
  const { scope } = body;
  const sequence = scope.choices.of(body.sequences);
  const name = named(body, 'x');
  const calls = scope.calls;
  scope.calls = 0;
  scope.readable.push(localPlace(name, sequence.type));
  body.loops.push('');
  const made = inner(body, depth - 1);
  body.loops.pop();
  scope.readable.splice(
    scope.readable.findIndex((place) => place.text === name),
    1,
  );
  scope.calls = calls;
  return {
    text: `for (const ${name} of ${sequence.text}) ${block(made)}`,
    run: (activation) => {
      for (const element of sequence.elements) {
        activation.locals.set(name, { value: element.find(activation).value });
        const outcome = runAll(made, activation);
        if (outcome?.kind === 'return' || outcome?.label !== undefined) return outcome;
        if (outcome?.kind === 'break') return undefined;
      }
      return undefined;
    },
  };
}

const block = (steps: readonly Step[]): string =>
  `{\n${steps.map(({ text }) => text.replace(/^/gm, '  ')).join('\n')}\n}`;

/** Steps of an inner block: what it declares is not seen after it. */
function inner(body: Body, depth: number): Step[] {
  const { readable, writable, conditions } = body.scope;
  const [reads, writes, tests] = [readable.length, writable.length, conditions.length];
  const made = steps(body, depth, 1 + body.scope.choices.below(3));
  readable.length = reads;
  writable.length = writes;
  conditions.length = tests;
  return made;
}

function branch(body: Body, depth: number): Step {
  const test = condition(body.scope, 2);
  const yes = inner(body, depth - 1);
  const no = body.scope.choices.chance(50) ? inner(body, depth - 1) : [];
  return {
    text: `if ${test.text.startsWith('(') ? test.text : `(${test.text})`} ${block(yes)}${no.length > 0 ? ` else ${block(no)}` : ''}`,
    run: (activation) => runAll(test.run(activation) ? yes : no, activation),
  };
}

function choice(body: Body, depth: number): Step {
  const { scope } = body;
  const place = scope.choices.of(scope.readable);
  const subject = read(place);
  const cases = [0, 1, 2].map((number) => ({ numbers: [number, number + 10], steps: [] as Step[] }));
  body.loops.push('switch');
  for (const one of cases) one.steps.push(...inner(body, depth - 1));
  const fallback = inner(body, depth - 1);
  body.loops.pop();
  const at = scope.choices.below(4);
  const texts = cases.map(({ numbers, steps: made }) => {
    const labels = numbers.map((number) => `case ${number}:`).join('\n');
    return `${labels} ${block(made)}\nbreak;`;
  });
  texts.splice(at, 0, `default: ${block(fallback)}\nbreak;`);
  return {
    text: `switch (${subject.text} & 15) {\n${texts.join('\n')}\n}`,
    run: (activation) => {
      const value = subject.run(activation) & 15n;
      const found = cases.find(({ numbers }) => numbers.some((number) => BigInt(number) === value));
      const outcome = runAll(found?.steps ?? fallback, activation);
      return outcome?.kind === 'break' && outcome.label === undefined ? undefined : outcome;
    },
  };
}

/** A loop of a few rounds, counted by a variable that nothing else changes. */
function loop(body: Body, depth: number): Step {
  const { scope } = body;
  const counter = named(body, 'i');
  const label = scope.choices.chance(40) ? named(body, 'loop') : undefined;
  const kind = scope.choices.of(['for', 'while', 'do'] as const);
  const rounds = BigInt(1 + scope.choices.below(LOOP_ROUNDS));
  const test = scope.choices.chance(40) ? condition(scope, 1) : undefined;
  const calls = scope.calls;
  scope.calls = 0;
  scope.readable.push(localPlace(counter, 'u64'));
  body.loops.push(label ?? '');
  const made = inner(body, depth - 1);
  body.loops.pop();
  scope.readable.pop();
  scope.calls = calls;
  const goesOn = (activation: Activation): boolean =>
    (activation.locals.get(counter)?.value ?? 0n) < rounds && (test === undefined || test.run(activation));
  const count = (activation: Activation): void => {
    const box = activation.locals.get(counter);
    if (box !== undefined) box.value += 1n;
  };
  const header = `${counter} < ${rounds}${test === undefined ? '' : ` && ${test.text}`}`;
  const prefix = label === undefined ? '' : `${label}: `;
  const counting: Step = {
    text: `${counter}++;`,
    run: (activation) => {
      count(activation);
      return undefined;
    },
  };
  const texts = {
    for: `${prefix}for (let ${counter}: u64 = 0; ${header}; ${counter}++) ${block(made)}`,
    while: `let ${counter}: u64 = 0;\n${prefix}while (${header}) ${block([counting, ...made])}`,
    do: `let ${counter}: u64 = 0;\n${prefix}do ${block([counting, ...made])} while (${header});`,
  };
  return {
    text: texts[kind],
    run: (activation) => {
      activation.locals.set(counter, { value: 0n });
      let isFirst = kind === 'do';
      while (isFirst || goesOn(activation)) {
        isFirst = false;
        if (kind !== 'for') count(activation);
        const outcome: Outcome = runAll(made, activation);
        if (outcome !== undefined) {
          if (outcome.kind === 'return') return outcome;
          if (outcome.label !== undefined && outcome.label !== label) return outcome;
          if (outcome.kind === 'break') return undefined;
        }
        if (kind === 'for') count(activation);
      }
      return undefined;
    },
  };
}

function jump(body: Body): Step {
  const { scope, loops } = body;
  const test = condition(scope, 1);
  const labels = loops.filter((label) => label !== undefined && label !== '' && label !== 'switch');
  const label = labels.length > 0 && scope.choices.chance(60) ? scope.choices.of(labels) : undefined;
  const hasLoop = loops.some((entry) => entry !== 'switch');
  const kind = hasLoop && scope.choices.chance(50) ? 'continue' : 'break';
  return {
    text: `if ${test.text.startsWith('(') ? test.text : `(${test.text})`} { ${kind}${label === undefined ? '' : ` ${label}`}; }`,
    run: (activation) => (test.run(activation) ? { kind, label } : undefined),
  };
}

function leave(body: Body): Step {
  const test = condition(body.scope, 1);
  const value = assignable(integer(body.scope, isSigned(body.result) ? 'signed' : 'unsigned', 2), body.result);
  return {
    text: `if ${test.text.startsWith('(') ? test.text : `(${test.text})`} return ${value.text};`,
    run: (activation) =>
      test.run(activation) ? { kind: 'return', value: wrap(body.result, value.run(activation)) } : undefined,
  };
}

function steps(body: Body, depth: number, count: number): Step[] {
  const made: Step[] = [];
  for (let index = 0; index < count; index++) {
    const kind = body.scope.choices.below(100);
    if (kind < 25) made.push(declare(body));
    else if (kind < 55 || depth <= 0) made.push(assign(body));
    else if (kind < 70) made.push(branch(body, depth));
    else if (kind < 78) made.push(loop(body, depth));
    else if (kind < 82) made.push(each(body, depth));
    else if (kind < 86) made.push(decide(body));
    else if (kind < 91) made.push(choice(body, depth));
    else if (kind < 95 && body.loops.length > 0) made.push(jump(body));
    else made.push(leave(body));
  }
  return made;
}

/** An element whose index is computed where it is used. */
function indexed(place: Place, others: readonly Place[], index: Place): Place {
  const text = place.text.replace('[0]', `[${index.text} & ${ARRAY_LENGTH - 1}]`);
  return {
    text,
    type: place.type,
    find: (activation) => {
      const at = Number(index.find(activation).value & BigInt(ARRAY_LENGTH - 1));
      const chosen = others[at];
      if (chosen === undefined) throw new Error(`no element ${at}`);
      return chosen.find(activation);
    },
  };
}

function functionModel(
  choices: Choices,
  name: string,
  storage: Storage,
  known: readonly FunctionModel[],
): { text: string; model: FunctionModel } {
  const parameters = Array.from({ length: choices.below(5) }, () => choices.of(INTEGERS));
  const result = choices.of(INTEGERS);
  const places = parameters.map((type, index) => localPlace(`p${index}`, type));
  const shared = storage.places.filter(() => choices.chance(40));
  const callable = known.slice(-12).filter((model) => model.level < MAXIMUM_LEVEL);
  const scope: Scope = {
    choices,
    readable: [...places, ...shared, ...storage.places.slice(0, 1)],
    writable: [...places, ...shared, ...storage.places.slice(0, 1)],
    functions: [...callable, ...storage.methods],
    conditions: [...storage.conditions, ...storage.flags.map(flagCondition)],
    flags: storage.flags,
    calls: 2,
  };
  const first = storage.places.findIndex(({ text }) => text.endsWith('.items[0]'));
  const array = storage.places[first];
  const sequences: { text: string; type: IntegerName; elements: readonly Place[] }[] = [];
  if (array !== undefined) {
    const elements = storage.places.slice(first, first + ARRAY_LENGTH);
    sequences.push({ text: array.text.replace('[0]', ''), type: array.type, elements });
    const element = indexed(array, elements, choices.of(scope.readable));
    scope.readable.push(element);
    scope.writable.push(element);
  }
  const index = choices.of(scope.readable);
  for (const { name: table, type, values } of storage.tables) {
    const elements = values.map((value, at) => fixedBox(`${table}[${at}]`, type, { value }));
    scope.readable.push(indexed(fixedBox(`${table}[0]`, type, { value: 0n }), elements, index));
    sequences.push({ text: table, type, elements });
  }
  const body: Body = { scope, loops: [], result, sequences, names: 0 };
  const made = steps(body, 3, 2 + choices.below(5));
  const last = assignable(integer(scope, isSigned(result) ? 'signed' : 'unsigned', 3), result);
  made.push({
    text: `return ${last.text};`,
    run: (activation) => ({ kind: 'return', value: wrap(result, last.run(activation)) }),
  });
  const header = parameters.map((type, at) => `p${at}: ${type}`).join(', ');
  const text = `export function ${name}(${header}): ${result} ${block(made)}`;
  const call = (values: readonly bigint[]): bigint => {
    const locals = new Map(parameters.map((type, at) => [`p${at}`, { value: wrap(type, values[at] ?? 0n) }]));
    const outcome = runAll(made, { locals });
    if (outcome?.kind !== 'return') throw new Error(`${name} did not return`);
    return outcome.value;
  };
  const level = 1 + Math.max(0, ...callable.map((model) => model.level));
  return { text, model: { name, parameters, result, level, call } };
}

const ALLOCATOR = `const arena: Fixed<u64, 512> = reserve();
let used: u64 = 0;
/** @allocator */
function allocate(bytes: u64): u64 {
  const address = addressOf(arena) + used;
  used += (bytes + 15) & ~15;
  return address;
}`;

/** A module of `count` functions. */
export function randomModule(choices: Choices, count: number): ModuleModel {
  const parts: Storage[] = [
    ...[0, 1, 2].map((index) => moduleVariable(choices, index)),
    ...[0, 1].map((index) => record(choices, index)),
    ...[0, 1].map((index) => family(choices, index)),
    ...[0, 1].map((index) => constantTable(choices, index)),
  ];
  const storage: Storage = {
    declarations: parts.flatMap((part) => part.declarations),
    places: parts.flatMap((part) => part.places),
    setUp: parts.flatMap((part) => part.setUp),
    conditions: parts.flatMap((part) => part.conditions),
    methods: parts.flatMap((part) => part.methods),
    flags: parts.flatMap((part) => part.flags),
    tables: parts.flatMap((part) => part.tables),
  };
  const texts: string[] = [];
  const functions: FunctionModel[] = [];
  for (let index = 0; index < count; index++) {
    const { text, model } = functionModel(choices, `f${index}`, storage, functions);
    texts.push(text);
    functions.push(model);
  }
  const digest = [
    ...storage.places.map(({ text }) => `sum = sum * 31 + (${text} as u64);`),
    ...storage.flags.map(({ text }) => `sum = sum * 31 + (${text} ? 1 : 0);`),
  ].join('\n  ');
  texts.push(`export function setUp(): void {\n  ${storage.setUp.join('\n  ')}\n}`);
  texts.push(`export function digest(): u64 {\n  let sum: u64 = 0;\n  ${digest}\n  return sum;\n}`);
  const call = (): bigint =>
    [...storage.places, ...storage.flags].reduce(
      (sum, place) => wrap('u64', sum * 31n + wrap('u64', place.find({ locals: new Map() }).value)),
      0n,
    );
  return {
    text: [ALLOCATOR, ...storage.declarations, ...texts].join('\n\n'),
    functions,
    digest: { name: 'digest', parameters: [], result: 'u64', level: 0, call },
  };
}
