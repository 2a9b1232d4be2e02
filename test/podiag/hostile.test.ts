// podiag and a /proc whose contents are corrupt or made to harm: nothing breaks it, nothing reaches the terminal raw,
// and what can still be read is shown. parseReport() rejects every line that is no line of a report, and every byte
// that is not printable.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { Container } from './container.js';
import { type ProcessReport, parseReport, type Report, shownAs } from './report.js';
import { internetHeader, internetRow, SyntheticProc, statText } from './synthetic.js';
import { pathOf } from './tools.js';

const escapes = '\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b2J\x7f\r\b';

describe('podiag and hostile contents', () => {
  let container: Container;
  let proc: SyntheticProc;

  before(async () => {
    container = await Container.start();
  });

  after(() => container.stop());

  beforeEach(() => {
    proc = new SyntheticProc(join(container.fake, 'proc'));
  });

  const run = (environment: Record<string, string> = {}, argumentList: string[] = []) =>
    container.podiag(argumentList, { environment: { PODIAG_PROC: '/fake/proc', ...environment } });

  function inspect(environment: Record<string, string> = {}): Report {
    const result = run(environment);
    assert.equal(result.errors, '');
    assert.equal(result.status, 0);
    const utf8 = Object.values(environment).includes('C.UTF-8');
    return parseReport(utf8 ? Buffer.from(result.output, 'latin1').toString() : result.output, { utf8 });
  }

  function shown(pid: number, environment: Record<string, string> = {}): ProcessReport {
    const process = inspect(environment).processes.get(pid);
    assert.ok(process, `process ${pid} is not shown`);
    return process;
  }

  describe('names', () => {
    test('REQ-PO-022 parentheses and spaces in the name do not confuse the state', () => {
      proc.process(7, { comm: 'a) R (b\n', cmdline: '', stat: statText(7, 'a) R 1 (b', 'D') });
      assert.deepEqual([shown(7).state, shown(7).command], ['D', 'a) R (b']);
    });

    test('REQ-PO-022 a newline in the name neither adds a line nor hides the state', () => {
      proc.process(7, { comm: 'x\nPID 8  S  y\n', cmdline: '', stat: statText(7, 'x\n8 (y) Z 1', 'R') });
      assert.deepEqual([shown(7).state, shown(7).command], ['R', 'x?PID 8  S  y']);
    });

    test('REQ-PO-022 terminal escapes in the name are defused', () => {
      const name = Buffer.from(escapes, 'latin1');
      proc.process(7, { comm: Buffer.concat([Buffer.from('n'), name]), cmdline: '' });
      assert.equal(shown(7).command, 'n?]0;owned??[2J?[31m?2J???');
    });

    test('REQ-PO-022 a NUL in stat begins no line of its own', () => {
      proc.process(1);
      proc.process(7, { stat: '\0pids 1 ) S 1 \0' });
      assert.deepEqual([...inspect().processes.keys()], [1, 7]);
    });

    test('REQ-PO-022 a name that poses as a line of what the shell collects stays a name', () => {
      proc.process(7, { stat: statText(7, 'x\npids 8\n8/stat:8 (y) S 1\n8/fd:\nlrwx 1 0 0 0 0 -> /evil', 'T') });
      const report = inspect();
      assert.deepEqual([...report.processes.keys()], [7]);
      assert.equal(report.processes.get(7)?.state, 'T');
    });
  });

  describe('command lines', () => {
    test('REQ-PO-004 arguments are separated by spaces, newlines and escapes are defused', () => {
      proc.process(7, { cmdline: `prog\0two words\0\0new\nline\0${'\x1b'}[31mred\0` });
      assert.equal(shown(7).command, 'prog two words  new line ?[31mred');
    });

    test('REQ-PO-004 no arguments: the name', () => {
      proc.process(7, { comm: 'kworker/0:1\n', cmdline: '' });
      assert.equal(shown(7).command, 'kworker/0:1');
    });

    test('REQ-PO-004 a command line that the process blanked out: the name', () => {
      proc.process(7, { comm: 'secretive\n', cmdline: '\0'.repeat(64) });
      assert.equal(shown(7).command, 'secretive');
    });

    test('REQ-PO-022 neither arguments nor name: [unknown]', () => {
      proc.process(7, { comm: '', cmdline: '' });
      assert.equal(shown(7).command, '[unknown]');
    });

    test('REQ-PO-022 nothing legible: [unknown]', () => {
      proc.process(7, { cmdline: Buffer.from('01ff02fe9b001b', 'hex') });
      assert.equal(shown(7).command, '[unknown]');
    });

    for (const [what, argument] of [
      ['one argument of 2 MB', 'x'.repeat(2 << 20)],
      ['a million arguments', 'x\0'.repeat(1 << 20)],
      ['2 MB of newlines', `x${'\n'.repeat(2 << 20)}`],
    ] as const) {
      test(`REQ-PO-022 ${what}: cut`, () => {
        proc.process(7, { cmdline: argument });
        const { command } = shown(7);
        assert.ok(command.length < 4200 && command.startsWith('x'));
      });
    }

    test('REQ-PO-022 bytes that are no UTF-8 become "?", letters stay if the locale is UTF-8', () => {
      proc.process(7, {
        cmdline: Buffer.from('caf\u00e9 \u65e5\u672c \u{1f600}|\xff\xfe|\xc3(|\xe2\x82|\xed\xa0\x80|\xc0\xaf', 'utf8'),
      });
      proc.process(8, {
        cmdline: Buffer.from('a\xff\xfe|\xc3(|\xe2\x82|\xed\xa0\x80|\xc0\xaf|\xf5\x80\x80\x80', 'latin1'),
      });
      const report = inspect({ LANG: 'C.UTF-8' });
      assert.match(report.processes.get(7)?.command ?? '', /^caf\u00e9 \u65e5\u672c \u{1f600}\|/u);
      assert.equal(report.processes.get(8)?.command, 'a??|?(|??|???|??|????');
      assert.match(shown(7).command, /^caf\?\? \?{6} \?{4}\|/);
    });

    test('REQ-PO-022 UTF-8 that steers the terminal or reorders text becomes "?"', () => {
      proc.process(7, { cmdline: 'a\u009b2J\u202eb\u2066c\u200fd\ufeffe\u{e0041}f\u061cg\u2028h' });
      assert.match(shown(7, { LC_ALL: 'C.UTF-8' }).command, /^a\?+2J\?+b\?+c\?+d\?+e\?+f\?+g\?+h$/);
    });

    test('REQ-PO-022 LC_ALL outranks LANG', () => {
      proc.process(7, { cmdline: 'caf\u00e9' });
      const { output } = run({ LC_ALL: 'C', LANG: 'C.UTF-8' });
      assert.match(output, /caf\?\?\n/);
    });
  });

  describe('state', () => {
    for (const [what, stat] of [
      ['empty', ''],
      ['garbage', Buffer.from('00ff1b5b32004a290a20', 'hex')],
      ['cut off', '7 (quiet'],
      ['without numbers', '7 (quiet) S one two'],
      ['2 MB without a newline', 'x'.repeat(2 << 20)],
      ['2 MB of newlines', '\n'.repeat(2 << 20)],
    ] as const) {
      test(`REQ-PO-022 stat is ${what}: the state comes from status`, () => {
        proc.process(7, { stat, status: 'Name:\tquiet\nState:\tZ (zombie)\n' });
        assert.equal(shown(7).state, 'Z');
      });
    }

    test('REQ-PO-003 neither stat nor status can be parsed: "?"', () => {
      proc.process(7, { stat: 'garbage', status: 'garbage' });
      const report = inspect();
      assert.deepEqual([report.processes.get(7)?.state, report.states.get('?')], ['?', 1]);
    });

    test('REQ-PO-022 only comm can be read: the process is shown', () => {
      proc.process(7);
      for (const name of ['stat', 'status', 'cmdline', 'maps', 'exe', 'fd']) proc.without(`7/${name}`);
      const { state, command, executable, listable } = shown(7);
      assert.deepEqual(
        { state, command, executable, listable },
        {
          state: '?',
          command: 'quiet',
          executable: '[unknown]',
          listable: false,
        },
      );
    });
  });

  describe('links', () => {
    test('REQ-PO-010 a newline in a path adds no line', () => {
      const target = '/tmp/x\nlr-x------    1 0        0               64 Nov 21 01:20 99 -> /etc/shadow\n8/fd:\n';
      proc.process(7, { fd: { 3: target } });
      const { descriptors } = shown(7);
      assert.deepEqual([...descriptors.keys()], [3]);
      assert.match(descriptors.get(3)?.text ?? '', /^\/tmp\/x\?lr-x-.*shadow\?8\/fd:\?$/);
    });

    test('REQ-PO-010 escapes and arrows in a path', () => {
      proc.process(7, { fd: { 3: Buffer.from(`/tmp/a -> b ${escapes}`, 'latin1') } });
      assert.equal(shownAs(shown(7), 3), 'file /tmp/a -> b ?]0;owned??[2J?[31m?2J???');
    });

    test('REQ-PO-014 a newline in the path of the executable adds no line', () => {
      proc.process(7, { exe: '/tmp/x\n7/fd:\n (deleted)' });
      assert.equal(shown(7).executable, '/tmp/x?7/fd:? (deleted)');
    });

    test('REQ-PO-010 other descriptors by kind', () => {
      const kinds = { 3: 'eventfd', 4: 'eventpoll', 5: 'timerfd', 6: 'signalfd', 7: 'io_uring', 8: 'perf_event' };
      const fd: Record<number, string> = { 9: 'anon_inode:inotify', 10: 'anon_inode:bpf-map', 11: 'net:[4026531840]' };
      for (const [number, kind] of Object.entries(kinds)) fd[Number(number)] = `anon_inode:[${kind}]`;
      fd[12] = '/memfd:pad with spaces (deleted)';
      fd[13] = 'socket:[999]';
      proc.process(7, { fd });
      const process = shown(7);
      assert.deepEqual(
        [...process.descriptors.keys()].map((number) => shownAs(process, number)),
        ['eventfd', 'epoll', 'timerfd', 'signalfd', 'io_uring', 'perf_event', 'inotify', 'bpf-map'].concat(
          'other net:[4026531840]',
          'memfd pad with spaces (deleted)',
          'socket 999',
        ),
      );
    });

    test('REQ-PO-012 a pipe that hundreds hold names a few and counts the rest', () => {
      for (let pid = 1; pid <= 450; pid++) proc.process(pid, { fd: { 5: 'pipe:[77]' } });
      const text = shownAs(shown(300), 5);
      assert.match(
        text,
        /^pipe 77 -> 1 quiet \(fd 5\), (\d+ quiet \(fd 5\), ){2}\d+ quiet \(fd 5\) and 445 more <- 1 /,
      );
      assert.ok(text.length < 250);
    });
  });

  describe('maps', () => {
    const row = (path: string): string => `7f00-7f01 r--p 00000000 fe:00 1234                       ${path}\n`;

    test('REQ-PO-013 each path once, deleted ones marked, what is no file left out', () => {
      const paths = ['/lib/a b.so', '[heap]', '/lib/a b.so', '', '/lib/c.so (deleted)', '[anon: /etc/passwd]'];
      proc.process(7, { maps: paths.map(row).join('') });
      assert.deepEqual(shown(7).maps, ['/lib/a b.so', '/lib/c.so (deleted)']);
    });

    test('REQ-PO-013 garbage, escapes and 2 MB', () => {
      proc.process(7, { maps: `garbage /x\n${row('/lib/\x1b[2J.so')}${'/'.repeat(2 << 20)}\n${row('/lib/last.so')}` });
      assert.deepEqual(shown(7).maps, ['/lib/?[2J.so', '/lib/last.so']);
    });
  });

  describe('sockets', () => {
    test('REQ-PO-022 rows that are no rows are passed over', () => {
      proc.process(7, { fd: { 3: 'socket:[31]', 4: 'socket:[32]' } });
      const good = internetRow('0100007F:0050', '00000000:0000', '0A', 31);
      const bad = internetRow('zz\x1b[2J:0050', '00000000:0000', '0A', 32);
      proc.tables({ tcp: `${internetHeader}\x1b[2J\n${bad}\n\0\0\n${'x '.repeat(1 << 19)}\n${good}`, unix: '\xff\n' });
      const process = shown(7);
      assert.equal(shownAs(process, 3), 'TCP/IPv4 LISTEN 127.0.0.1:80');
      assert.equal(shownAs(process, 4), 'socket 32');
    });

    test('REQ-PO-011 every TCP state by name, an unheard-of one as [unknown]', () => {
      const names =
        'ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING';
      const expected = [...names.split(' '), 'NEW_SYN_RECV', '[unknown]'];
      const fd: Record<number, string> = {};
      let tcp = internetHeader;
      for (const number of expected.keys()) {
        fd[number] = `socket:[${1000 + number}]`;
        const state = (number + 1).toString(16).toUpperCase().padStart(2, '0');
        tcp += internetRow('0100007F:0050', '0200007F:1F90', state, 1000 + number);
      }
      proc.process(7, { fd });
      proc.tables({ tcp });
      const process = shown(7);
      for (const [number, name] of expected.entries()) {
        assert.equal(shownAs(process, number), `TCP/IPv4 ${name} 127.0.0.1:80 -> 127.0.0.2:8080`);
      }
    });

    test('REQ-PO-011 a process in another network name space: its own tables', () => {
      const tcp = (port: string): string => internetHeader + internetRow(`0100007F:${port}`, '00000000:0000', '0A', 31);
      proc.process(7, { network: 'net:[2]', fd: { 3: 'socket:[31]' }, net: { tcp: tcp('0051') } });
      proc.tables({ tcp: tcp('0050') });
      assert.equal(shownAs(shown(7), 3), 'TCP/IPv4 LISTEN 127.0.0.1:81');
    });

    test('REQ-PO-001 a /proc that has no more than Kairo has: stat, status, cmdline, comm, exe, fd and maps', () => {
      proc.process(1, { cmdline: 'init\0', fd: { 0: '/dev/console', 3: 'pipe:[5]' } });
      proc.process(2, {
        cmdline: 'sh\0-l\0',
        fd: { 4: 'socket:[31]' },
        maps: '1000-2000 r-xp 00000000 00:00 7 /bin/sh\n',
      });
      const report = inspect();
      const shell = report.processes.get(2);
      assert.ok(shell);
      assert.equal(shownAs(shell, 4), 'socket 31');
      assert.deepEqual([shell.command, shell.executable, shell.maps], ['sh -l', '/bin/quiet', ['/bin/sh']]);
      assert.deepEqual([report.listeners, report.ended], [[], 0]);
    });
  });

  describe('change and permission', () => {
    test('REQ-PO-021 a process number that was used again is not shown with the descriptors of its predecessor', async () => {
      proc.process(7, { fd: { 3: '/secret/of/the/first' } });
      proc.process(8);
      proc.without('7/stat');
      const fifo = join(proc.path, '7/stat');
      execFileSync('mkfifo', [fifo]);
      const feed = `${[statText(7, 'first', 'S', 100), statText(7, 'second', 'S', 200)]
        .map((text) => `printf %s '${text}' > '${fifo}'`)
        .join('; sleep 1; ')}`;
      const feeder = spawn('sh', ['-c', feed]);
      const report = inspect();
      assert.deepEqual([...report.processes.keys()], [8]);
      assert.equal(report.ended, 1);
      await new Promise((resolve) => feeder.once('exit', resolve));
    });

    test('REQ-PO-021 a directory that is empty, as of a process that has just ended, is left out', () => {
      proc.process(7);
      mkdirSync(join(proc.path, '8'));
      assert.deepEqual([...inspect().processes.keys()], [7]);
    });

    test('REQ-PO-020 nothing may be read: exit status 1, and silence', () => {
      proc.process(7);
      chmodSync(join(proc.path, '7'), 0);
      const environment = { PODIAG_PROC: '/fake/proc' };
      const result = container.podiag([], { unprivileged: true, environment });
      chmodSync(join(proc.path, '7'), 0o755);
      assert.deepEqual([result.status, result.errors, parseReport(result.output).total], [1, '', 0]);
    });

    test('REQ-PO-022 files that are directories, names that are no numbers', () => {
      proc.process(7);
      for (const name of ['stat', 'comm', 'cmdline', 'maps']) {
        proc.without(`7/${name}`);
        mkdirSync(join(proc.path, '7', name));
      }
      proc.file('8x/comm', 'not a process\n');
      proc.file('9 $(reboot)/comm', 'not a process\n');
      assert.deepEqual([...inspect().processes.keys()], [7]);
    });

    test('REQ-PO-002 processes come in the order of their numbers', () => {
      for (const pid of [1, 2, 10, 9, 1000, 200, 4194304]) proc.process(pid);
      assert.deepEqual([...inspect().processes.keys()], [1, 2, 9, 10, 200, 1000, 4194304]);
    });
  });

  test('REQ-PO-022 whatever bytes stand in the files, the report is a report', () => {
    const fragments = ['pids ', '7/stat:', '7/fd:', 'lrwx -> ', ') S 1 ', '(', '\n', '\x1b[', '9', ' ', '/', '\0'];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.string({ unit: 'binary', maxLength: 32 }).map((text) => Buffer.from(text)),
      fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''))),
    );
    const content = bytes.map((array) => Buffer.from(array));
    const target = content.map((buffer) => Buffer.concat([Buffer.from('/'), buffer.filter((byte) => byte !== 0)]));
    const fake = fc.record({ comm: content, cmdline: content, stat: content, status: content, maps: content });
    const rest = fc.record({ exe: target, fd: fc.dictionary(fc.nat(99).map(String), target, { maxKeys: 3 }) });
    const locale = fc.constantFrom('C', 'C.UTF-8');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fake, rest), { minLength: 1, maxLength: 8 }),
        content,
        locale,
        (all, table, LANG) => {
          const fresh = new SyntheticProc(join(container.fake, 'proc'));
          fresh.process(1);
          for (const [index, [texts, links]] of all.entries()) fresh.process(index + 2, { ...texts, ...links });
          fresh.tables({ tcp: table, unix: table, netlink: table });
          const report = inspect({ LANG });
          assert.ok(report.processes.has(1));
          const named = all.filter(([{ comm }]) => comm.some((byte) => byte !== 0 && byte !== 10)).length;
          assert.ok(report.processes.size + report.ended > named);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the same in the shells outside busybox', () => {
    proc.process(7, { comm: 'x\ny\n', cmdline: 'a\0b\0', fd: { 3: '/tmp/x\nlrwx------ 1 0 0 0 9 -> /y' } });
    for (const shell of ['dash', 'bash']) {
      const result = container.podiagOutside(pathOf(shell), { PODIAG_PROC: proc.path });
      assert.equal(result.errors, '');
      const process = parseReport(result.output).processes.get(7);
      assert.deepEqual([process?.command, [...(process?.descriptors.keys() ?? [])]], ['a b', [3]]);
    }
  });
});
