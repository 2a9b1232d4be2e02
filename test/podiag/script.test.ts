// What podiag is made of: one file of POSIX sh, short, plain enough to be pasted, that calls nothing but busybox.
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { asRoot } from '../name-spaces.js';
import { buildRoot, scriptPath, scriptText } from './container.js';
import { pathOf, scratchDirectory, staticBusybox } from './tools.js';

const lines = scriptText.split('\n');

/** The shell part of the script: without the awk program, the text of the usage, and comments. */
const shellPart = scriptText
  .replace(/'[^']*'/g, "''")
  .split('\n')
  .map((line) => line.replace(/(^| )#.*/, ''))
  .join('\n');

function assertClean(command: string, ...argumentList: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, argumentList);
  assert.deepEqual([status, `${stdout}${stderr}`], [0, '']);
}

describe('the script', () => {
  test('REQ-PO-031 is a single executable file under 400 lines', () => {
    assert.ok(lines.length - 1 < 400, `${lines.length - 1} lines`);
    assert.ok(scriptText.startsWith('#!/bin/sh\n') && scriptText.endsWith('\n'));
    assert.equal(statSync(scriptPath).mode & 0o111, 0o111);
  });

  test('REQ-PO-031 has nothing that a terminal or a line editor would act on while it is pasted', () => {
    // A tab asks for completion; a line of 4096 bytes is what a terminal holds (termios(3), canonical mode).
    assert.match(scriptText, /^[\n -~]*$/);
    assert.ok(lines.every((line) => line.length <= 120));
  });

  test('REQ-PO-031 has no "!" that an interactive bash would expand', () => {
    // history(3): "!" followed by a space, a newline, "=" or "(" is left alone, and so is "[!".
    const expanded = lines.slice(1).filter((line) => /(^|[^[])!([^ =(]|$)/.test(line.replace(/'[^']*$/, '')));
    assert.deepEqual(expanded, []);
  });

  test('REQ-PO-030 is POSIX sh to dash, to busybox and to shellcheck', () => {
    assertClean(pathOf('dash'), '-n', scriptPath);
    assertClean(staticBusybox(), 'sh', '-n', scriptPath);
    assertClean(pathOf('bash'), '--posix', '-n', scriptPath);
    assertClean(pathOf('shellcheck'), '--shell=sh', '--severity=style', '--norc', scriptPath);
    assert.doesNotMatch(scriptText, /shellcheck +disable/);
  });

  const bashConstructs: [string, RegExp, string][] = [
    ['[[', /\[\[ /, 'if [[ $a ]]; then'],
    ['brace ranges', /\{[^ {}]*\.\.[^ {}]*\}/, 'for i in {1..10}; do'],
    ['brace lists', /[^$]\{[^ {};]*,[^ {};]*\}/, 'cp a{,.bak}'],
    ['arrays', /\w=\(|\$\{\w+\[|\bdeclare\b|\btypeset\b/, 'a=(1 2)'],
    ['process substitution', /[<>]\(/, 'diff <(a) <(b)'],
    ['here strings', /<<</, 'read a <<< "$b"'],
    ['here documents, for which some shells write a temporary file', /<</, 'cat <<EOF'],
    ['substrings and replacements', /\$\{\w+[:/^,][^-+=?]/, 'echo $' + '{a:0:3}'],
    ['arithmetic commands', /(^|[^$])\(\(/, '(( i++ ))'],
    ['function keyword', /\bfunction\b/, 'function f { :; }'],
    ['local, source, let, select', /\b(local|source|let|select)\b/, 'local a=1'],
    ["$'...'", /\$'/, "echo $'\\n'"],
    ['&> and |&', /&>|\|&/, 'ls &>/dev/null'],
    ['== in test', /\[ .*==/, '[ a == b ]'],
    ['/dev/null and temporary files', /\/dev\/|\/tmp|mktemp/, 'ls 2>/dev/null'],
    ['writing to a file', /(^|[^0-9&-])>|[0-9]>[^&]/, 'echo a > file'],
  ];
  for (const [name, pattern, example] of bashConstructs) {
    test(`REQ-PO-030 uses no ${name}`, () => {
      assert.match(example, pattern, 'the pattern must find what it is for');
      assert.doesNotMatch(shellPart, pattern);
    });
  }

  test('REQ-PO-030 awk is used as POSIX and busybox have it', () => {
    // busybox awk has these, but POSIX has not.
    assert.doesNotMatch(scriptText, /\b(gensub|strtonum|asorti?|systime|strftime|tolower_|nextfile|length\(\w+\[\])\(/);
    assert.doesNotMatch(scriptText, /\bsystem\(|\| *getline|print.*[|>]/, 'no children of awk, no files written');
  });

  test('docs/podiag.md names every requirement, and a test that exists for each', () => {
    const project = join(dirname(scriptPath), '../../../..');
    const sources = readdirSync(join(project, 'test/podiag')).filter((name) => name.endsWith('.test.ts'));
    const titles = sources.flatMap((name) => {
      const text = readFileSync(join(project, 'test/podiag', name), 'utf8');
      return [...text.matchAll(/\btest\(\s*['`](REQ-PO-\d+)/g)].map(([, id]) => `${id} ${name}`);
    });
    const table = readFileSync(join(project, 'docs/podiag.md'), 'utf8').matchAll(/^\| (REQ-PO-\d+) \|(.*)$/gm);
    const documented = [...table].flatMap(([, id, row = '']) =>
      [...row.matchAll(/`(\w+\.test\.ts)`/g)].map(([, name]) => `${id} ${name}`),
    );
    assert.deepEqual(documented.sort(), [...new Set(titles)].sort());
    const requirements = [
      '001',
      '002',
      '003',
      '004',
      '010',
      '011',
      '012',
      '013',
      '014',
      '020',
      '021',
      '022',
      '030',
      '031',
    ];
    for (const number of requirements)
      assert.ok(
        documented.some((row) => row.startsWith(`REQ-PO-${number}`)),
        number,
      );
  });

  describe('in a directory that holds busybox only', () => {
    const scratch = scratchDirectory();
    const root = join(scratch.path, 'root');

    before(() => {
      mkdirSync(root);
      buildRoot(root);
    });
    after(scratch.remove);

    function inRoot(...command: string[]): SpawnSyncReturns<string> {
      const [program = '', ...rest] = asRoot([pathOf('env'), 'PATH=/bin', pathOf('chroot'), root, ...command]);
      return spawnSync(program, rest, { encoding: 'utf8' });
    }

    test('REQ-PO-031 every command is an applet or built in', () => {
      const commands = [...shellPart.matchAll(/\bcommand (\w+)/g)].map(([, name]) => name ?? '');
      assert.deepEqual([...new Set(commands)].sort(), ['awk', 'grep', 'ls', 'tr']);
      const applets = inRoot('/bin/busybox', '--list').stdout.split('\n');
      for (const command of [...commands, 'sh']) assert.ok(applets.includes(command), command);
    });

    test('REQ-PO-001 -h works before there is any /proc', () => {
      const { status, stderr } = inRoot('/podiag', '-h');
      assert.deepEqual([status, stderr], [0, '']);
    });
  });
});
