/** Command line of the ISO builder, for the Makefile. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildIso } from './iso.js';

const { values } = parseArgs({
  options: {
    kernel: { type: 'string' },
    initrd: { type: 'string' },
    grub: { type: 'string' },
    out: { type: 'string' },
  },
});

function required(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

buildIso({
  kernel: required('kernel'),
  initrd: required('initrd'),
  grubConfig: readFileSync(required('grub'), 'utf8'),
  output: required('out'),
});
