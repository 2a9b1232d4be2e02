// The parts of porffor@0.61.13 that the driver uses. Porffor ships no type declarations.

declare module 'porffor/compiler/wasmSpec.js' {
  /** Instruction numbers; the generic ones (`const`, `add`, …) are chosen by value type during code generation. */
  export const Opcodes: Record<string, unknown>;
  export const Valtype: { i32: number; i64: number; f64: number };
}

declare module 'porffor/compiler/expression.js' {
  export const operatorOpcode: Record<string, Record<string, number>>;
}

declare module 'porffor/compiler/builtins.js' {
  export function createImport(name: string, parameters: number[], results: number[]): void;
  export const importedFuncs: { length: number; [index: number]: { name: string } };
}

declare module 'porffor/compiler/types.js' {
  export const TYPES: { number: number };
}

declare module 'porffor/compiler/parse.js' {
  export default function parse(source: string): import('./syntax.js').SyntaxNode;
}

declare module 'porffor/compiler/codegen.js' {
  export default function generate(program: import('./syntax.js').SyntaxNode): import('./assemble.js').GeneratedModule;
}
