// A production container as podiag meets it: its own process numbers, network and mounts, and a read-only root that
// holds busybox, the script and /proc, and nothing else: no /dev, no /tmp, no library. Programs that a test wants
// podiag to look at run in the same process and network name spaces, but on the file system of the build machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entrance, withNameSpaces } from '../name-spaces.js';
import { pathOf, scratchDirectory, staticBusybox } from './tools.js';

/** The script under test. Compiled tests lie in build/tools/test/podiag. */
export const scriptPath = join(dirname(fileURLToPath(import.meta.url)), '../../../../iso/root/usr/bin/podiag');

export const scriptText = readFileSync(scriptPath, 'utf8');

/** The user and group that own nothing. */
const nobody = '65534:65534';

export interface Result {
  output: string;
  errors: string;
  status: number | null;
}

export interface RunOptions {
  unprivileged?: boolean;
  environment?: Record<string, string>;
  /** The program that reads the script, with its options. */
  shell?: string[];
}

/** A child process that said something on its first line, as every workload does when it is ready. */
export interface Workload {
  process: ChildProcess;
  /** The first line that it wrote. */
  ready: string;
}

/** Waits for the first line that `child` writes to standard output. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready: ${text}${errors}`)));
  });
}

/** Builds the root directory: busybox under every name that it answers to, and podiag. */
export function buildRoot(root: string): void {
  for (const directory of ['bin', 'proc', 'hidden', 'fake']) mkdirSync(join(root, directory));
  chmodSync(root, 0o755);
  const busybox = join(root, 'bin/busybox');
  copyFileSync(staticBusybox(), busybox);
  const applets = spawnSync(busybox, ['--list']).stdout.toString().split('\n');
  for (const applet of applets)
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  copyFileSync(scriptPath, join(root, 'podiag'));
  chmodSync(join(root, 'podiag'), 0o755);
}

// Runs as process 1 of the new name spaces. /proc/self is still the one of the build machine when `read` opens it, so
// it tells the number by which nsenter can find this process from outside.
const initScript = `set -e
  read -r self _ < /proc/self/stat
  mount --bind "$1" "$1"
  mount -o remount,bind,ro "$1"
  mount -t proc proc "$1/proc"
  mount -t proc -o hidepid=2 proc "$1/hidden"
  mount --bind "$2" "$1/fake"
  mount -t proc proc /proc
  busybox ip link set lo up
  cd "$3"
  echo "$self"
  exec sleep 2147483647`;

export class Container {
  private readonly workloads: ChildProcess[] = [];
  private scratchShown = '';

  private constructor(
    private readonly init: ChildProcess,
    private readonly initPid: string,
    readonly root: string,
    /** Appears inside as /fake: where tests build a /proc of their own. */
    readonly fake: string,
    /** A directory of the build machine, for the workloads. */
    readonly scratch: string,
    private readonly remove: () => void,
  ) {}

  static async start(): Promise<Container> {
    const { path, remove } = scratchDirectory();
    const [root, fake, scratch] = ['root', 'fake', 'scratch'].map((name) => join(path, name)) as [
      string,
      string,
      string,
    ];
    for (const directory of [root, fake, scratch]) mkdirSync(directory);
    chmodSync(path, 0o755);
    chmodSync(scratch, 0o777);
    buildRoot(root);
    const options = ['--pid', '--net', '--fork', '--kill-child'];
    const [program = '', ...rest] = withNameSpaces(options, ['sh', '-c', initScript, 'init', root, fake, scratch]);
    const init = spawn(program, rest);
    const container = new Container(init, await firstLine(init), root, fake, scratch, remove);
    container.scratchShown = container.run(container.enterRoot(['/bin/readlink', '/proc/1/cwd'])).output.trimEnd();
    return container;
  }

  /**
   * Ends every process inside: the kernel does so when process 1 ends (pid_namespaces(7)). nsenter stops when its child
   * does (nsenter(1)), so it would outlive a stopped one, and is ended too.
   */
  async stop(): Promise<void> {
    for (const child of [...this.workloads, this.init]) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
    }
    this.remove();
  }

  /**
   * How /proc names a file of `scratch`, which is outside the root of who reads it: from the root of the mount name
   * space (proc_pid_root(5)), which a chroot around all of this makes another than ours.
   */
  shown(name: string): string {
    return join(this.scratchShown, name);
  }

  /** The command line that runs `command` among the processes of the container, on the build machine's files. */
  enter(command: string[]): string[] {
    return [pathOf('nsenter'), ...entrance(this.initPid), '--', ...command];
  }

  /** The command line that runs `command` inside, with nothing but busybox. */
  enterRoot(command: string[], unprivileged = false): string[] {
    return this.enter([pathOf('chroot'), ...(unprivileged ? [`--userspec=${nobody}`] : []), this.root, ...command]);
  }

  /** Starts a program for podiag to look at, and waits for its first line. */
  async workload(command: string[], options: { unprivileged?: boolean } = {}): Promise<Workload> {
    const asUser = options.unprivileged ? [pathOf('chroot'), `--userspec=${nobody}`, '/', ...command] : command;
    const [program = '', ...rest] = this.enter(asUser);
    const child = spawn(program, rest);
    this.workloads.push(child);
    return { process: child, ready: await firstLine(child) };
  }

  /** Runs a command line that enter() or enterRoot() made, to its end. */
  run(commandLine: string[], environment: Record<string, string> = {}): Result {
    const [program = '', ...rest] = commandLine;
    const options = { env: { PATH: '/bin', ...environment }, maxBuffer: 256 << 20, timeout: 120_000 };
    const { stdout, stderr, status } = spawnSync(program, rest, options);
    return { output: stdout.toString('latin1'), errors: stderr.toString('latin1'), status };
  }

  /** Runs podiag as root or as nobody, from the file, with an environment of PATH alone. */
  podiag(argumentList: string[] = [], options: RunOptions = {}): Result {
    const command = [...(options.shell ?? ['/bin/sh']), '/podiag', ...argumentList];
    return this.run(this.enterRoot(command, options.unprivileged), options.environment);
  }

  /** Runs podiag over the same processes with a shell and the utilities of the build machine. */
  podiagOutside(shell: string, environment: Record<string, string> = {}): Result {
    return this.run(this.enter([shell, scriptPath]), { PATH: '/usr/bin:/bin', ...environment });
  }
}
