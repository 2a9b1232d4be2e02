/** `tools/kairo run` as a person or a script meets it: statuses, streams, files, and one clear line for each failure. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CpioWriter } from '../../tools/image/cpio.js';
import { kairo, projectRoot, script } from './kairo.js';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairo-test-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const busybox = '/bin/busybox';

/** A root of busybox alone, as an initramfs whose /init is `text`. */
function initramfs(text: string): Buffer {
  const writer = new CpioWriter();
  for (const name of ['bin', 'dev', 'proc']) writer.directory(name);
  writer.file('bin/busybox', readFileSync(busybox), 0o755);
  writer.symlink('bin/sh', 'busybox');
  writer.file('init', text, 0o755);
  return writer.finish();
}

describe('the exit status', () => {
  for (const status of [0, 1, 42, 124, 125, 126, 127, 128, 255]) {
    it(`is the command's: ${status}`, () => {
      assert.equal(script(`exit ${status}`).status, status);
    });
  }

  it('is 128+n when a signal ended the command', () => {
    assert.equal(script('kill -KILL $$').status, 137);
    assert.equal(script('kill -TERM $$').status, 143);
  });

  it('arrives with the last byte of output, however long the runner is held up', async () => {
    const words = ['run', '--', 'sh', '-c', 'echo ready; sleep 1; seq 1000'];
    const child = spawn(join(projectRoot, 'tools/kairo'), words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => {
      if (printed === '') {
        child.kill('SIGSTOP');
        setTimeout(() => child.kill('SIGCONT'), 8000);
      }
      printed += bytes.toString();
    });
    const [status] = await once(child, 'close');
    assert.equal(printed, `ready\n${Array.from({ length: 1000 }, (_, index) => `${index + 1}\n`).join('')}`);
    assert.equal(status, 0);
  });

  it('is 127 for a command that is not there, which the shell names', () => {
    const { status, stderr } = kairo(['--', 'no-such-program']);
    assert.equal(status, 127);
    assert.match(stderr, /no-such-program: not found/);
  });

  it('is 124 when time runs out, and standard error says where the processor stood', () => {
    const { status, stderr } = kairo(['--', 'sleep', '100'], { seconds: 4 });
    assert.equal(status, 124);
    assert.match(stderr, /^kairo: time-out: the guest was still running after 4 s$/m);
    assert.match(stderr, /RIP=/);
  });

  it("is 126 when QEMU fails, in QEMU's words", () => {
    const { status, stderr } = kairo(['--cpu', 'abacus', '--', 'true']);
    assert.equal(status, 126);
    assert.match(stderr, /^kairo: failure: QEMU exited with status 1$/m);
    assert.match(stderr, /abacus/);
  });
});

describe('the command', () => {
  it('is a child of init, never pid 1', () => {
    const [own, parent] = script('echo $$; cut -d" " -f4 /proc/$$/stat').stdout.toString().split('\n');
    assert.notEqual(own, '1');
    assert.notEqual(parent, '0');
  });

  it('gets its words unchanged', () => {
    const words = ['a b', "it's", '"', '$HOME', '*', '', '\\', 'new\nline', 'ünïcödé'];
    const { stdout } = kairo(['--', 'printf', '<%s>', ...words]);
    assert.equal(stdout.toString(), words.map((word) => `<${word}>`).join(''));
  });

  it('is a shell that reads standard input when none is named', () => {
    const { status, stdout } = kairo([], { input: 'x=value\necho "got $x"\nexit 5\n' });
    assert.equal(stdout.toString(), 'got value\n');
    assert.equal(status, 5);
  });
});

describe('standard streams', () => {
  it('carry every byte both ways, and end-of-file', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const input = Buffer.concat([every, every, Buffer.from('no newline at the end')]);
    assert.deepEqual(kairo(['--', 'cat'], { input }).stdout, input);
  });

  it('carry much', () => {
    const input = randomBytes(100_000);
    assert.deepEqual(kairo(['--', 'cat'], { input }).stdout, input);
  });

  it('give an end-of-file at once when there is no input', () => {
    const { status, stdout } = kairo(['--', 'wc', '-c']);
    assert.equal(stdout.toString().trim(), '0');
    assert.equal(status, 0);
  });

  it('keep standard output and standard error apart', () => {
    const { stdout, stderr } = script('echo out; echo err >&2');
    assert.equal(stdout.toString(), 'out\n');
    assert.equal(stderr, 'err\n');
  });

  it('end the run with one line when the output cannot be written', () => {
    const runner = join(projectRoot, 'build/tools/tools/run/main.js');
    const words = ['run', '--timeout', '60', '--', 'echo', 'lost'];
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [runner, ...words], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    assert.equal(status, 126);
    assert.match(stderr.toString(), /^kairo: failure: cannot write [^\n]*ENOSPC[^\n]*\n$/);
  });

  it('leave the kernel log to --verbose', () => {
    assert.match(script('true', ['--verbose']).stderr, /kairo/i);
    assert.equal(script('true').stderr, '');
  });
});

describe('what the kernel is asked to tell', () => {
  it('includes every system call with kairo.trace=1, in the words of strace', () => {
    const text = 'true; cat /nonexistent; printf "tab\\t\\"quoted\\" and much more than is shown"; kill -TERM $$';
    const { stderr } = script(text, ['--verbose', '--append', 'kairo.trace=1']);
    assert.match(stderr, /^\[\d+\] execve\("\/bin\/busybox", .*\) = 0$/m);
    assert.match(stderr, /^\[\d+\] openat\(AT_FDCWD, "\/nonexistent", .*\) = -1 ENOENT$/m);
    assert.match(stderr, /^\[\d+\] exit_group\(1\)/m);
    assert.match(stderr, /^\[\d+\] \+\+\+ exited with 1 \+\+\+$/m);
    assert.match(stderr, /^\[\d+\] write\(1, "tab\\t\\"quoted\\" and much more than "\.\.\., 40\) = 40$/m);
    assert.match(stderr, /^\[(\d+)\] --- SIGTERM ---\n\[\1\] \+\+\+ killed by SIGTERM \+\+\+$/m);
  });

  it('includes where it was when it stopped, by the names of its functions', () => {
    const path = join(folder, 'initrd-exit');
    writeFileSync(path, initramfs('#!/bin/sh\nexit 3\n'));
    const { status, stderr } = kairo(['--initrd', path], { seconds: 20 });
    assert.equal(status, 125, stderr);
    assert.match(stderr, /^kairo: panic: the kernel stopped$/m);
    assert.match(stderr, /init/);
    assert.match(stderr, /CPU 0, thread/);
    assert.match(stderr, /ffffffff[0-9a-f]{8} [a-zA-Z_]+\+\d+/);
  });
});

describe('the root', () => {
  it('takes files and folders with --add', () => {
    mkdirSync(join(folder, 'tree/sub'), { recursive: true });
    writeFileSync(join(folder, 'tree/sub/file'), 'content', { mode: 0o640 });
    const add = ['--add', `${join(folder, 'tree')}:/added/here`];
    const { stdout } = script('cat /added/here/sub/file; stat -c " %a %u" /added/here/sub/file', add);
    assert.equal(stdout.toString(), 'content 640 0\n');
  });

  it('keeps the folders it has when --add puts something into them, and follows a link that --add names', () => {
    symlinkSync('text', join(folder, 'link'));
    const root = join(folder, 'linked');
    for (const name of ['usr/bin', 'tmp']) mkdirSync(join(root, name), { recursive: true });
    chmodSync(join(root, 'tmp'), 0o1777);
    symlinkSync('usr/bin', join(root, 'bin'));
    writeFileSync(join(root, 'usr/bin/busybox'), readFileSync(busybox), { mode: 0o755 });
    const text = join(folder, 'text');
    writeFileSync(text, 'text', { mode: 0o644 });
    const add = [`${join(folder, 'link')}:/tmp/copy`, `${text}:/bin/`, `${text}:/new/folder/`];
    const words = ['--root', root, ...add.flatMap((addition) => ['--add', addition])];
    const show = 'stat -c "%n %a %F" /tmp /bin /tmp/copy /usr/bin/text /new/folder/text';
    const { stdout, stderr } = kairo([...words, '--', '/bin/busybox', 'sh', '-c', show]);
    const lines = ['/tmp 1777 directory', '/bin 777 symbolic link'];
    const files = ['/tmp/copy', '/usr/bin/text', '/new/folder/text'].map((path) => `${path} 644 regular file`);
    assert.deepEqual(stdout.toString().trim().split('\n'), [...lines, ...files], stderr);
  });

  it('may be a directory of the host, without an init or a mount point of its own', () => {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    writeFileSync(join(root, 'bin/busybox'), readFileSync(busybox), { mode: 0o755 });
    writeFileSync(join(root, 'hello'), 'from the host\n');
    const { status, stdout } = kairo(['--root', root, '--', '/bin/busybox', 'sh', '-c', 'cat /hello; exit 3']);
    assert.equal(stdout.toString(), 'from the host\n');
    assert.equal(status, 3);
  });

  for (const [form, pack] of [
    ['plain', (archive: Buffer) => archive],
    ['compressed with gzip', (archive: Buffer) => gzipSync(archive)],
  ] as const) {
    it(`may be a Linux initramfs, ${form}, whose power-off ends the run with 0`, () => {
      const path = join(folder, `initrd-${form.length}`);
      writeFileSync(path, pack(initramfs('#!/bin/sh\necho "pid $$"\nexec /bin/busybox poweroff -f\n')));
      const { status, stdout } = kairo(['--initrd', path, '--append', 'quiet']);
      assert.match(stdout.toString(), /^pid 1\r?$/m);
      assert.equal(status, 0);
    });
  }

  it('may be a compressed initramfs with --add through firmware and GRUB, which hand it on as it is', () => {
    const path = join(folder, 'initrd-grub');
    writeFileSync(
      path,
      gzipSync(initramfs('#!/bin/sh\nread word </added/word; echo "<$word>"\n/bin/busybox poweroff -f\n')),
    );
    writeFileSync(join(folder, 'word'), 'added\n');
    const words = ['--firmware', 'bios', '--initrd', path, '--add', `${join(folder, 'word')}:/added/word`];
    const { status, stdout, stderr } = kairo([...words, '--append', 'quiet']);
    assert.match(stdout.toString(), /<added>/, stderr);
    assert.equal(status, 0);
  });

  it('may end by a reboot instead, which is no panic: there is nothing to start again', () => {
    const path = join(folder, 'initrd-reboot');
    writeFileSync(path, initramfs('#!/bin/sh\nexec /bin/busybox reboot -f\n'));
    const { status, stderr } = kairo(['--initrd', path, '--append', 'quiet']);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
  });

  it('reads all of standard input, from its first byte', () => {
    const path = join(folder, 'initrd-input');
    writeFileSync(path, initramfs('#!/bin/sh\nread one; read two\necho "<$one><$two>"\n/bin/busybox poweroff -f\n'));
    const { status, stdout } = kairo(['--initrd', path, '--append', 'quiet'], { input: 'first line\nsecond\n' });
    assert.match(stdout.toString(), /^<first line><second>\r?$/m);
    assert.equal(status, 0);
  });

  it("gives init the environment that Linux gives it, and nothing of the runner's words", () => {
    const path = join(folder, 'initrd-environment');
    const show = '/bin/busybox tr "\\0" "\\n" </proc/1/environ';
    const text = `#!/bin/sh\n/bin/busybox mount -t proc proc /proc\n${show}\n/bin/busybox poweroff -f\n`;
    writeFileSync(path, initramfs(text));
    const words = ['--append', 'quiet TERM=vt220 X=1 a.b=2'];
    const { stdout } = kairo(['--initrd', path, ...words]);
    assert.deepEqual(stdout.toString().replaceAll('\r', '').trim().split('\n'), ['HOME=/', 'TERM=vt220', 'X=1']);
  });

  it('starts what rdinit= names, with the unknown words as arguments and environment', () => {
    const path = join(folder, 'initrd-words');
    const writer = new CpioWriter();
    writer.file('other', '#!/bin/sh\necho "$# $1 $NAME"\nexec /bin/busybox poweroff -f\n', 0o755);
    writeFileSync(path, Buffer.concat([initramfs('#!/bin/sh\n'), writer.finish()]));
    const words = ['--append', 'quiet rdinit=/other word NAME=value'];
    const { status, stdout } = kairo(['--initrd', path, ...words]);
    assert.match(stdout.toString(), /^1 word value\r?$/m);
    assert.equal(status, 0);
  });
});

describe('what cannot work', () => {
  const damaged: [what: string, contents: () => Buffer, says: RegExp][] = [
    ['garbage', () => Buffer.from('this is not an archive'.repeat(100)), /(initrd|initramfs|cpio|archive)/i],
    [
      'an archive cut in the middle',
      () => initramfs('#!/bin/sh\n').subarray(0, 100_000),
      /(initrd|initramfs|cpio|archive)/i,
    ],
    ['a damaged header', () => damage(initramfs('#!/bin/sh\n')), /(initrd|initramfs|cpio|archive)/i],
    ['an empty file', () => Buffer.alloc(0), /(init|root)/i],
    ['no init', () => withoutInit(), /init/i],
    ['an init that is no program', () => lonelyInit('garbage'), /init/i],
  ];
  for (const [what, contents, says] of damaged) {
    it(`is said in the log and ends the run with 125: ${what}`, () => {
      const path = join(folder, 'damaged');
      writeFileSync(path, contents());
      const { status, stderr } = kairo(['--initrd', path], { seconds: 20 });
      assert.equal(status, 125, stderr);
      assert.match(stderr, /^kairo: panic: /m);
      assert.match(stderr, says);
    });
  }

  it('is one line for a file that cannot be written or read', () => {
    for (const words of [
      ['--log', join(folder, 'missing/log')],
      ['--add', '/proc/self/mem:/memory'],
    ]) {
      const { status, stderr } = kairo([...words, '--', 'true']);
      assert.equal(status, 126);
      assert.match(stderr, /^kairo: failure: E[A-Z]+: [^\n]*\n$/);
    }
  });

  it('is one line for an unknown option', () => {
    const { status, stderr } = kairo(['--frobnicate']);
    assert.equal(status, 2);
    assert.equal(stderr, "kairo: unknown option '--frobnicate'\n");
  });
});

function damage(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  copy.write('zzzzzz', copy.indexOf('070701', 1), 'latin1');
  return copy;
}

/** Without a shell to fall back on. */
function lonelyInit(text: string): Buffer {
  const writer = new CpioWriter();
  writer.file('init', text, 0o755);
  return writer.finish();
}

function withoutInit(): Buffer {
  const writer = new CpioWriter();
  writer.directory('dev');
  return writer.finish();
}
