// podiag among real processes, in a container that holds busybox only: as root and as a user who owns nothing.
import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Container } from './container.js';
import { type ProcessReport, parseReport, processOf, type Report, shownAs } from './report.js';
import { pathOf, staticBusybox } from './tools.js';
import { type Holder, startHolder } from './workload.js';

let container: Container;
let holder: Holder;
let report: Report;

/** The report of a run that must go well and say nothing beside. */
function inspect(argumentList: string[] = [], options: Parameters<Container['podiag']>[1] = {}): Report {
  const result = container.podiag(argumentList, options);
  assert.equal(result.errors, '');
  assert.equal(result.status, 0);
  return parseReport(result.output);
}

function only(command: string): ProcessReport {
  return processOf(report, command);
}

/** How the holder's descriptor called `name` is shown. */
function held(name: string): string {
  return shownAs(only('holder.py'), holder.descriptor(name));
}

describe('podiag among real processes', () => {
  before(async () => {
    container = await Container.start();
    const inScratch = (name: string): string => join(container.scratch, name);
    const busybox = staticBusybox();
    const shell = async (script: string, options = {}): Promise<void> => {
      await container.workload([busybox, 'sh', '-c', script], options);
    };
    holder = await startHolder(container);

    await shell('echo ready; exec sleep 9001 | cat | exec tail -f');
    await shell('sleep 1 & echo ready; exec sleep 9002');
    await shell('echo ready; kill -STOP $$; exit 9003');

    copyFileSync(busybox, inScratch('busybox-replaced'));
    await container.workload([inScratch('busybox-replaced'), 'sh', '-c', 'echo ready; read -r line9004']);
    rmSync(inScratch('busybox-replaced'));

    writeFileSync(inScratch('owned.txt'), '');
    await shell(`exec 7<${inScratch('owned.txt')}; echo ready; exec sleep 9005`, { unprivileged: true });
    report = inspect();
    for (let tries = 0; tries < 1000 && !zombie(); tries++) report = inspect();
  });

  after(() => container.stop());

  /** The child of `sleep 9002`, which the shell started before it became that. */
  function zombie(): ProcessReport | undefined {
    const parent = only('sleep 9002').pid;
    const isOurs = ({ state, parent: of }: ProcessReport) => state === 'Z' && of?.startsWith(`${parent} `);
    return [...report.processes.values()].find(isOurs);
  }

  describe('processes', () => {
    test('REQ-PO-002 every process is listed, number 1 included', () => {
      assert.equal(only('sleep 2147483647').pid, 1);
      const listed = container
        .run(container.enterRoot(['/bin/sh', '-c', 'cd /proc; echo [0-9]*']))
        .output.trim()
        .split(' ');
      const hidden = listed.filter((pid) => !report.processes.has(Number(pid)));
      assert.ok(listed.length > 8);
      assert.equal(hidden.length, 1, `only the shell that listed them is new: ${hidden}`);
    });

    test('REQ-PO-003 number, state and command line of a sleeping process', () => {
      assert.equal(only('sleep 9002').state, 'S');
    });

    test('REQ-PO-003 a zombie is Z, has no command line, and shows the name it had', () => {
      assert.equal(zombie()?.command, 'sleep');
    });

    test('REQ-PO-003 a stopped process is T', () => {
      assert.equal(only('exit 9003').state, 'T');
    });

    test('REQ-PO-003 the summary counts processes by state', () => {
      const counts = new Map<string, number>();
      for (const { state } of report.processes.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
      assert.deepEqual(new Map([...report.states].sort()), new Map([...counts].sort()));
    });

    test('REQ-PO-004 arguments are separated by spaces', () => {
      assert.equal(only('exit 9003').command, `${staticBusybox()} sh -c echo ready; kill -STOP $$; exit 9003`);
    });

    test('REQ-PO-014 the executable is shown', () => {
      assert.match(only('holder.py').executable, /\/python3[.\d]*$/);
    });

    test('REQ-PO-014 a deleted executable is marked', () => {
      assert.equal(only('read -r line9004').executable, container.shown('busybox-replaced (deleted)'));
    });
  });

  describe('descriptors', () => {
    test('REQ-PO-010 an open file has its path', () => {
      assert.equal(held('file'), `file ${container.shown('open.txt')}`);
    });

    test('REQ-PO-010 an open file that was deleted is marked', () => {
      assert.equal(held('deleted'), `file ${container.shown('gone.txt (deleted)')}`);
    });

    test('REQ-PO-010 descriptors come in the order of their numbers, with how they were opened', () => {
      const numbers = [...only('holder.py').descriptors.keys()];
      assert.deepEqual(
        numbers,
        [...numbers].sort((left, right) => left - right),
      );
      assert.equal(only('holder.py').descriptors.get(holder.descriptor('file'))?.mode, 'r');
    });

    for (const kind of ['eventfd', 'epoll', 'timerfd', 'signalfd', 'inotify']) {
      test(`REQ-PO-010 ${kind} is called by its kind`, () => assert.equal(held(kind), kind));
    }

    test('REQ-PO-010 memfd is called by its kind and has its name', () => {
      assert.equal(held('memfd'), 'memfd scratch-pad (deleted)');
    });

    test('REQ-PO-012 three processes of a pipeline name each other', () => {
      const [first, second, third] = [only('sleep 9001'), only('cat'), only('tail -f')];
      assert.match(shownAs(first, 1), new RegExp(`^pipe \\d+ -> ${second.pid} cat \\(fd 0\\)$`));
      assert.match(shownAs(second, 0), new RegExp(`^pipe \\d+ <- ${first.pid} sleep \\(fd 1\\)$`));
      assert.match(shownAs(second, 1), new RegExp(`^pipe \\d+ -> ${third.pid} tail \\(fd 0\\)$`));
      assert.match(shownAs(third, 0), new RegExp(`^pipe \\d+ <- ${second.pid} cat \\(fd 1\\)$`));
    });

    test('REQ-PO-012 a pipe whose other end nobody visible holds says so', () => {
      assert.match(held('lonely pipe'), /^pipe \d+ -> \[no reader visible\]$/);
    });

    test('REQ-PO-012 a pipe within one process names the other descriptor', () => {
      const own = only('holder.py');
      assert.match(
        held('own pipe, read'),
        new RegExp(`<- ${own.pid} \\S+ \\(fd ${holder.descriptor('own pipe, write')}\\)$`),
      );
    });
  });

  describe('sockets', () => {
    test('REQ-PO-011 TCP/IPv4 listening', () => {
      assert.equal(held('tcp4 listener'), `TCP/IPv4 LISTEN 127.0.0.1:${holder.port('tcp4')}`);
    });

    test('REQ-PO-011 TCP/IPv4 connected, both ends', () => {
      const [near, far] = [`127.0.0.1:${holder.port('tcp4 client')}`, `127.0.0.1:${holder.port('tcp4')}`];
      assert.equal(held('tcp4 client'), `TCP/IPv4 ESTABLISHED ${near} -> ${far}`);
      assert.equal(held('tcp4 server'), `TCP/IPv4 ESTABLISHED ${far} -> ${near}`);
    });

    test('REQ-PO-011 TCP/IPv6 listening', () => {
      assert.equal(held('tcp6 listener'), `TCP/IPv6 LISTEN [::]:${holder.port('tcp6')}`);
    });

    test('REQ-PO-011 TCP/IPv6 connected', () => {
      const [near, far] = [`[::1]:${holder.port('tcp6 client')}`, `[::1]:${holder.port('tcp6')}`];
      assert.equal(held('tcp6 client'), `TCP/IPv6 ESTABLISHED ${near} -> ${far}`);
    });

    test('REQ-PO-011 an IPv4 peer of an IPv6 socket is in mapped form', () => {
      const [near, far] = [
        `[::ffff:127.0.0.1]:${holder.port('tcp6')}`,
        `[::ffff:127.0.0.1]:${holder.port('mapped client')}`,
      ];
      assert.equal(held('mapped server'), `TCP/IPv6 ESTABLISHED ${near} -> ${far}`);
    });

    test('REQ-PO-011 UDP over IPv4 and IPv6', () => {
      assert.equal(held('udp4'), `UDP/IPv4 UNCONNECTED 127.0.0.1:${holder.port('udp4')}`);
      assert.equal(held('udp6'), `UDP/IPv6 UNCONNECTED [::1]:${holder.port('udp6')}`);
    });

    test('REQ-PO-011 a connected UDP socket has its remote address', () => {
      assert.equal(
        held('udp4 client'),
        `UDP/IPv4 ESTABLISHED 127.0.0.1:${holder.port('udp4 client')} -> 127.0.0.1:${holder.port('udp4')}`,
      );
    });

    test('REQ-PO-011 UNIX sockets have type, state and path', () => {
      assert.equal(held('unix listener'), `UNIX/stream LISTEN ${join(container.scratch, 'stream.sock')}`);
      assert.equal(held('unix server'), `UNIX/stream CONNECTED ${join(container.scratch, 'stream.sock')}`);
      assert.equal(held('unix datagram'), `UNIX/dgram UNCONNECTED ${join(container.scratch, 'datagram.sock')}`);
      assert.equal(held('unix packet'), `UNIX/seqpacket LISTEN ${join(container.scratch, 'packet.sock')}`);
    });

    test('REQ-PO-011 UNIX sockets without a path have type and state', () => {
      assert.equal(held('unix pair'), 'UNIX/stream CONNECTED');
    });

    test('REQ-PO-011 abstract UNIX sockets begin with @', () => {
      assert.equal(held('unix abstract'), 'UNIX/stream LISTEN @hidden name');
    });

    test('REQ-PO-011 a netlink socket is known as such', () => {
      assert.equal(held('netlink'), 'NETLINK');
    });

    test('REQ-PO-011 the summary lists listeners with their owners', () => {
      const owner = (name: string): string => `${only('holder.py').pid} python3 (fd ${holder.descriptor(name)})`;
      const listeners = new Map(report.listeners.map(({ socket, owners }) => [socket, owners]));
      for (const name of ['tcp4 listener', 'tcp6 listener', 'udp4', 'unix listener']) {
        assert.equal(listeners.get(held(name)), owner(name), name);
      }
    });

    test('REQ-PO-022 a UNIX socket path with a newline cannot pose as another socket', () => {
      assert.equal(held('unix victim'), 'UNIX [contradictory rows]');
    });
  });

  describe('mapped files', () => {
    test('REQ-PO-013 shared libraries are listed, once each', () => {
      const { maps } = only('holder.py');
      assert.ok(maps.some((path) => /\/libc\.so\.6$/.test(path)));
      assert.equal(new Set(maps).size, maps.length);
    });

    test('REQ-PO-013 a deleted mapped file is marked', () => {
      assert.ok(only('holder.py').maps.includes(container.shown('mapped.bin (deleted)')));
    });
  });

  describe('arguments', () => {
    test('a process number narrows the report', () => {
      const pid = only('sleep 9002').pid;
      assert.deepEqual([...inspect([`${pid}`]).processes.keys()], [pid]);
    });

    test('a name narrows the report, and pipes still name processes outside it', () => {
      const narrowed = inspect(['python3', `${only('tail -f').pid}`]);
      assert.equal(narrowed.processes.size, 2);
      assert.match(shownAs(processOf(narrowed, 'tail -f'), 0), / cat \(fd 1\)$/);
    });

    test('listeners are narrowed too', () => {
      assert.deepEqual(inspect([`${only('sleep 9002').pid}`]).listeners, []);
      assert.ok(inspect(['python3']).listeners.length > 0);
    });

    test('a name that nothing has: exit status 1, and no message', () => {
      const result = container.podiag(['no-such-process']);
      assert.deepEqual([result.status, result.errors], [1, '']);
      assert.equal(parseReport(result.output).total, 0);
    });

    test('-h explains it in a screenful', () => {
      const result = container.podiag(['-h']);
      assert.deepEqual([result.status, result.errors], [0, '']);
      const lines = result.output.trimEnd().split('\n');
      assert.ok(lines.length < 24 && lines.every((line) => line.length < 80));
    });

    test('an unknown option: exit status 2, and the explanation', () => {
      const result = container.podiag(['-x']);
      assert.deepEqual([result.status, result.errors], [2, '']);
      assert.match(result.output, /^usage: podiag/);
    });
  });

  describe('without root', () => {
    let limited: Report;

    before(() => {
      limited = inspect([], { unprivileged: true });
    });

    test('REQ-PO-020 every process is still listed, with state and command line', () => {
      const { state, command } = processOf(limited, 'holder.py');
      assert.equal(state, 'S');
      assert.match(command, /holder\.py/);
    });

    test('REQ-PO-020 what may not be read is marked, and no error appears', () => {
      const { executable, listable, maps } = processOf(limited, 'holder.py');
      assert.deepEqual({ executable, listable, maps }, { executable: '[unknown]', listable: false, maps: [] });
    });

    test('REQ-PO-020 own processes are shown whole', () => {
      const own = processOf(limited, 'sleep 9005');
      assert.equal(shownAs(own, 7), `file ${container.shown('owned.txt')}`);
      assert.match(own.executable, /\/busybox$/);
      assert.ok(own.maps.length > 0);
    });

    test('REQ-PO-020 processes that /proc hides (hidepid) are left out silently', () => {
      const visible = inspect([], { unprivileged: true, environment: { PODIAG_PROC: '/hidden' } });
      processOf(visible, 'sleep 9005');
      assert.ok(![...visible.processes.values()].some(({ command }) => command.includes('holder.py')));
    });

    test('REQ-PO-020 listeners of others are known, their owners are not', () => {
      const listener = limited.listeners.find(({ socket }) => socket.endsWith(`127.0.0.1:${holder.port('tcp4')}`));
      assert.equal(listener?.owners, '[owner not visible]');
    });
  });

  describe('the container', () => {
    test('REQ-PO-001 the root is read-only and holds no /dev', () => {
      assert.equal(container.run(container.enterRoot(['/bin/sh', '-c', '[ ! -e /dev ] && [ ! -e /tmp ]'])).status, 0);
      assert.notEqual(container.run(container.enterRoot(['/bin/sh', '-c', ': > /written'])).status, 0);
    });

    test('REQ-PO-001 no /proc at all: exit status 1, one line, no error', () => {
      const result = container.podiag([], { environment: { PODIAG_PROC: '/nowhere' } });
      assert.deepEqual(result, { output: 'podiag: no /proc to read\n', errors: '', status: 1 });
    });

    test('REQ-PO-001 an empty /proc: exit status 1, an empty report, no error', () => {
      const result = container.podiag([], { environment: { PODIAG_PROC: '/bin' } });
      assert.deepEqual([result.errors, result.status], ['', 1]);
      assert.equal(parseReport(result.output).total, 0);
    });

    test('the tools outside busybox serve as well', () => {
      for (const shell of ['dash', 'bash']) {
        const result = container.podiagOutside(pathOf(shell));
        assert.deepEqual([result.errors, result.status], ['', 0]);
        const file = shownAs(processOf(parseReport(result.output), 'holder.py'), holder.descriptor('file'));
        assert.equal(file, `file ${join(container.scratch, 'open.txt')}`);
      }
    });
  });
});
