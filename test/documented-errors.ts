/**
 * The errors that lib/abi documents for each operation and invocation: those its comment lists, and those that follow
 * from its form, as the comment of lib/abi/invocation.ts says. The guest run must have a case for each, and nothing may
 * give any other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Described, describedMembers } from '../tools/docs/described.js';
import { projectRoot } from './guest/kairo.js';

export interface Documented {
  name: string;
  /** The label of an invocation, the number of an operation. */
  code: number;
  /** Each of these needs a case; 0 is success. */
  errors: ReadonlySet<number>;
  /** What it may give: these, and what comes from the capability before the label is looked at. */
  possible: ReadonlySet<number>;
}

function membersOf(file: string, name: string): Described[] {
  const text = readFileSync(join(projectRoot, 'lib/abi', file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const declaration = source.statements.filter(ts.isEnumDeclaration).find((found) => found.name.text === name);
  if (declaration === undefined) throw new Error(`lib/abi/${file} has no enum ${name}`);
  return describedMembers(source, declaration);
}

/** Error names and their numbers. */
export const ERRORS: ReadonlyMap<string, number> = new Map(
  membersOf('error.ts', 'KernelError').map(({ name, value }) => [name, value]),
);

export function errorName(error: number): string {
  return [...ERRORS].find(([, value]) => value === error)?.[0] ?? String(error);
}

function errorNumber(name: string): number {
  const value = ERRORS.get(name);
  if (value === undefined) throw new Error(`lib/abi documents the error ${name}, which does not exist`);
  return value;
}

/** The names behind `Errors:`, without what stands in brackets. */
function listed(description: string): string[] {
  const list = /Errors: (.*)$/.exec(description)?.[1] ?? '';
  return list.replace(/\([^)]*\)/g, '').match(/[A-Z][A-Za-z]+/g) ?? [];
}

const ON_ANY_CAPABILITY = ['NoSlot', 'EmptySlot', 'UnknownInvocation', 'InvalidState', 'WrongLength'];

/** The errors that an invocation's form implies. */
function implied(description: string): string[] {
  const given = description.replace(/→.*|Errors:.*/, '');
  const errors: string[] = [];
  if (/\bw0\b/.test(given)) errors.push('WrongLength');
  if (/\bcptr\b/.test(given)) errors.push('NoSlot', 'EmptySlot', 'WrongKind');
  if (/\bw\d (first )?slot\b/.test(given)) {
    errors.push('NoSlot', 'EmptySlot', 'WrongKind', 'NoRight', 'OutOfRange', 'SlotOccupied');
  }
  return errors;
}

function documented({ name, value, description }: Described, more: string[], always: string[]): Documented {
  const names = [...listed(description), ...more];
  if (!description.includes('Does not return')) names.push('None');
  const errors = new Set(names.map(errorNumber));
  return { name, code: value, errors, possible: new Set([...errors, ...always.map(errorNumber)]) };
}

export function documentedInvocations(): Documented[] {
  return membersOf('invocation.ts', 'Invocation').map((member) =>
    documented(member, implied(member.description), ON_ANY_CAPABILITY),
  );
}

export function documentedOperations(): Documented[] {
  return membersOf('operation.ts', 'Operation').map((member) => documented(member, [], []));
}
