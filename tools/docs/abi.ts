/**
 * Writes docs/abi.md from the doc comments of lib/abi: the one table that kernel and server are compiled from is also
 * the reference. With --check it writes nothing and fails if the page is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const PAGE = 'docs/abi.md';
const SOURCES = [
  { file: 'lib/abi/operation.ts', title: 'Operations and messages' },
  { file: 'lib/abi/invocation.ts', title: 'Invocations' },
  { file: 'lib/abi/error.ts', title: 'Errors' },
  { file: 'lib/abi/object-kind.ts', title: 'Kinds of objects' },
  { file: 'lib/abi/rights.ts', title: 'Rights' },
];

/** The text of the doc comment that ends right before `node`, on one line; '' if there is none. */
function comment(source: ts.SourceFile, node: ts.Node): string {
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

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('_', '\\_');
}

function number(value: number): string {
  return value > 15 ? `0x${value.toString(16)}` : String(value);
}

/** One enum as a table: its members may have no initializer only if they count up from the one before. */
function enumTable(source: ts.SourceFile, declaration: ts.EnumDeclaration): string[] {
  let next = 0;
  const rows = declaration.members.map((member) => {
    if (member.initializer !== undefined) next = Number(member.initializer.getText(source).replaceAll('_', ''));
    const row = `| ${number(next)} | \`${member.name.getText(source)}\` | ${cell(comment(source, member))} |`;
    next++;
    return row;
  });
  return [
    `### ${declaration.name.text}`,
    '',
    comment(source, declaration),
    '',
    '| Number | Name | Meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ];
}

function section({ file, title }: { file: string; title: string }): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const enums = source.statements.filter(ts.isEnumDeclaration);
  return [
    `## ${title}`,
    '',
    `From \`${file}\`.`,
    '',
    ...enums.flatMap((declaration) => enumTable(source, declaration)),
  ];
}

export function page(): string {
  const head = [
    '# The kernel interface',
    '',
    'Generated from `lib/abi` by `make docs`; do not edit. How registers carry it is in [kernel.md](kernel.md).',
    '',
  ];
  return `${[...head, ...SOURCES.flatMap(section)]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

if (process.argv.includes('--check')) {
  if (readFileSync(PAGE, 'utf8') !== page()) {
    console.error(`${PAGE} is out of date: run make docs`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(PAGE, page());
}
