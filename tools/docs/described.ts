/** Enums of lib/abi as data: each member's number, name and doc comment. The interface is documented nowhere else. */
import ts from 'typescript';

export interface Described {
  value: number;
  name: string;
  /** Its doc comment, on one line. */
  description: string;
}

/** The text of the doc comment that ends right before `node`, on one line; '' if there is none. */
export function docComment(source: ts.SourceFile, node: ts.Node): string {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  const last = ranges.at(-1);
  if (last === undefined) return '';
  return source.text
    .slice(last.pos, last.end)
    .replace(/^\/\*\*?|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, '').trimEnd())
    .join(' ')
    .trim();
}

/** Members in order; one without an initializer counts up from the one before. */
export function describedMembers(source: ts.SourceFile, declaration: ts.EnumDeclaration): Described[] {
  let next = 0;
  return declaration.members.map((member) => {
    if (member.initializer !== undefined) next = Number(member.initializer.getText(source).replaceAll('_', ''));
    return { value: next++, name: member.name.getText(source), description: docComment(source, member) };
  });
}
