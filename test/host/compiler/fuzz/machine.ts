/**
 * What a generated program runs on when it is interpreted: variables as boxes, objects as records of boxes.
 */
import type { IntegerName } from './semantics.js';

/** A variable, field or element. */
export interface Box {
  value: bigint;
}

export interface ShapeObject {
  readonly class: number;
  readonly fields: readonly Box[];
}

/** One activation of a function. */
export interface Activation {
  readonly locals: Map<string, Box>;
}

/** What a statement does to control: nothing, or a jump. */
export type Outcome =
  | undefined
  | { readonly kind: 'return'; readonly value: bigint }
  | { readonly kind: 'break' | 'continue'; readonly label: string | undefined };

/** An expression: its text in the dialect and its meaning. */
export interface Expression {
  readonly text: string;
  readonly type: IntegerName;
  /** True if the compiler may fold it: it reads nothing. */
  readonly constant: boolean;
  readonly run: (activation: Activation) => bigint;
}

export interface Condition {
  readonly text: string;
  readonly run: (activation: Activation) => boolean;
}

export interface Step {
  readonly text: string;
  readonly run: (activation: Activation) => Outcome;
}

export interface FunctionModel {
  readonly name: string;
  readonly parameters: readonly IntegerName[];
  readonly result: IntegerName;
  /** Depth of the calls it makes. */
  readonly level: number;
  readonly call: (values: readonly bigint[]) => bigint;
}

/** A place: how it is written, its type, and how its box is found (evaluating an index, once). */
export interface Place {
  readonly text: string;
  readonly type: IntegerName;
  readonly find: (activation: Activation) => Box;
}

/** Runs steps until one jumps. */
export function runAll(steps: readonly Step[], activation: Activation): Outcome {
  for (const step of steps) {
    const outcome = step.run(activation);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}
