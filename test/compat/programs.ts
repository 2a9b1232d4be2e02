/** What the compatibility root has beyond the default root: more static shells, and programs of our own. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Addition {
  host: string;
  guest: string;
}

/** Debian's static programs; `make packages` installs them. */
const debian: Addition[] = [
  { host: '/bin/bash-static', guest: '/bin/bash' },
  { host: '/bin/zsh-static', guest: '/bin/zsh' },
  { host: '/bin/sash', guest: '/bin/sash' },
  { host: '/usr/bin/tini-static', guest: '/sbin/tini' },
];

export function additions(projectRoot: string): Addition[] {
  const built = join(projectRoot, 'build/compat/programs');
  const own = existsSync(built) ? readdirSync(built).sort() : [];
  return [
    ...debian,
    ...own.map((name) => ({ host: join(built, name), guest: `/compat/bin/${name}` })),
    { host: join(projectRoot, 'test/compat/cases'), guest: '/compat/cases' },
    { host: join(projectRoot, 'test/compat/batch.sh'), guest: '/compat/batch.sh' },
  ];
}
