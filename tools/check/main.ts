/** `make check`'s part that no off-the-shelf tool has: the layer rules. Prints file:line and exits 1 for each breach. */
import { readdirSync } from 'node:fs';
import { checkTree } from './layers.js';

const roots = ['kernel', 'server', 'lib', 'app'];

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourcesBelow(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    })
    .sort();
}

const present = readdirSync('.').filter((name) => roots.includes(name));
const files = present.flatMap(sourcesBelow);
const violations = checkTree(files);
for (const { file, line, text } of violations) console.error(`${file}:${line}: ${text}`);
console.log(`layers: ${files.length} files, ${violations.length} breaches`);
process.exitCode = violations.length === 0 ? 0 : 1;
