// Writes the layout of the program's classes for NASM: `Class.field` is a field's offset and `Class.size` the size of
// an object, so that assembly and TypeScript cannot disagree.

import type { ClassLayout } from '../lowered.js';

export function layoutInclude(layouts: readonly ClassLayout[]): string {
  const lines = ['; Generated from the class declarations: field offsets and object sizes in bytes.'];
  for (const layout of layouts) {
    for (const field of layout.fields) lines.push(`%define ${layout.class}.${field.name} ${field.offset}`);
    lines.push(`%define ${layout.class}.size ${layout.size}`);
  }
  return `${lines.join('\n')}\n`;
}
