// A /proc made of plain files, to show podiag what a real one shows only by accident or malice. Contents are bytes.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Content = string | Buffer;

export interface FakeProcess {
  comm?: Content;
  cmdline?: Content;
  stat?: Content;
  status?: Content;
  maps?: Content;
  exe?: Content;
  /** Target of the symbolic link with each number. */
  fd?: Record<number, Content>;
  /** Target of ns/net. */
  network?: string;
  /** Tables under PID/net. */
  net?: Record<string, Content>;
}

/** The text of a stat file (proc_pid_stat(5)). */
export function statText(pid: number, name: string, state = 'S', startTime = 100): string {
  return `${pid} (${name}) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${startTime} 0 0\n`;
}

export class SyntheticProc {
  constructor(readonly path: string) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
  }

  /** Adds a process; what is not given is what a quiet process has. */
  process(pid: number, given: FakeProcess = {}): void {
    const directory = join(this.path, `${pid}`);
    mkdirSync(join(directory, 'fd'), { recursive: true });
    writeFileSync(join(directory, 'comm'), given.comm ?? 'quiet\n');
    writeFileSync(join(directory, 'cmdline'), given.cmdline ?? 'quiet\0');
    writeFileSync(join(directory, 'stat'), given.stat ?? statText(pid, 'quiet'));
    writeFileSync(join(directory, 'status'), given.status ?? 'Name:\tquiet\nState:\tS (sleeping)\n');
    writeFileSync(join(directory, 'maps'), given.maps ?? '');
    symlinkSync(given.exe ?? '/bin/quiet', join(directory, 'exe'));
    for (const [number, target] of Object.entries(given.fd ?? {})) symlinkSync(target, join(directory, 'fd', number));
    if (given.network !== undefined) {
      mkdirSync(join(directory, 'ns'));
      symlinkSync(given.network, join(directory, 'ns/net'));
    }
    if (given.net) this.tables(given.net, `${pid}/net`);
  }

  /** Adds tables of sockets, by name. */
  tables(tables: Record<string, Content>, directory = 'net'): void {
    mkdirSync(join(this.path, directory), { recursive: true });
    for (const [name, content] of Object.entries(tables)) writeFileSync(join(this.path, directory, name), content);
  }

  /** A file anywhere else. */
  file(name: string, content: Content): void {
    mkdirSync(join(this.path, name, '..'), { recursive: true });
    writeFileSync(join(this.path, name), content);
  }

  without(name: string): void {
    rmSync(join(this.path, name), { recursive: true });
  }
}

/** A row of /proc/net/tcp, tcp6, udp or udp6 (proc_net_tcp(5)). */
export function internetRow(local: string, remote: string, state: string, inode: number): string {
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
}

export const internetHeader =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
