/**
 * `staticAssert` at module level, the only statement there.
 */
import type ts from 'typescript';
import type { Compilation } from './compilation.js';
import { FunctionContext } from './context.js';
import { lowerExpression } from './expressions.js';
import { nothing } from './types.js';

export function lowerTopLevelAssertion(compilation: Compilation, node: ts.ExpressionStatement): void {
  lowerExpression(new FunctionContext(compilation, nothing, undefined), node.expression);
}
