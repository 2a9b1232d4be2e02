/** What the compatibility root has beyond the default root: more static shells, and programs of our own. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
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

/** Debian's dynamic bash and ls, with the loader and the libraries that they name. All are in every Debian. */
const libraries = '/lib/x86_64-linux-gnu';
const dynamic: Addition[] = [
  { host: '/lib64/ld-linux-x86-64.so.2', guest: '/lib64/ld-linux-x86-64.so.2' },
  ...['libc.so.6', 'libtinfo.so.6', 'libselinux.so.1', 'libpcre2-8.so.0'].map((name) => ({
    host: `${libraries}/${name}`,
    guest: `${libraries}/${name}`,
  })),
  { host: '/bin/bash', guest: '/compat/debian/bash' },
  { host: '/bin/ls', guest: '/compat/debian/ls' },
  { host: '/usr/bin/sort', guest: '/compat/debian/sort' },
];

export function additions(projectRoot: string): Addition[] {
  const built = join(projectRoot, 'build/compat/programs');
  const own = existsSync(built) ? readdirSync(built).sort() : [];
  return [
    ...debian,
    ...dynamic.map(({ host, guest }) => ({ host: realpathSync(host), guest })),
    ...own.map((name) => ({ host: join(built, name), guest: `/compat/bin/${name}` })),
    { host: join(projectRoot, 'test/compat/cases'), guest: '/compat/cases' },
    { host: join(projectRoot, 'test/compat/batch.sh'), guest: '/compat/batch.sh' },
  ];
}
