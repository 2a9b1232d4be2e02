/**
 * Writes docs/abi.md from the doc comments of lib/abi: the one table that kernel and server are compiled from is also
 * the reference. With --check it writes nothing and fails if the page is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { describedMembers, docComment } from './described.js';

const PAGE = 'docs/abi.md';
const SOURCES = [
  { file: 'lib/abi/operation.ts', title: 'Operations and messages' },
  { file: 'lib/abi/invocation.ts', title: 'Invocations' },
  { file: 'lib/abi/error.ts', title: 'Errors' },
  { file: 'lib/abi/object-kind.ts', title: 'Kinds of objects' },
  { file: 'lib/abi/rights.ts', title: 'Rights' },
];

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('_', '\\_');
}

function number(value: number): string {
  return value > 15 ? `0x${value.toString(16)}` : String(value);
}

function enumTable(source: ts.SourceFile, declaration: ts.EnumDeclaration): string[] {
  const rows = describedMembers(source, declaration).map(
    ({ value, name, description }) => `| ${number(value)} | \`${name}\` | ${cell(description)} |`,
  );
  return [
    `### ${declaration.name.text}`,
    '',
    docComment(source, declaration),
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
