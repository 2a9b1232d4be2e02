/**
 * No request holds the process server for more than 1,000,000 instructions: while one process has something long done,
 * others' calls are answered all along. Under --icount the time-stamp counter counts instructions.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from '../kairo.js';
import { counters, withPrograms } from './programs.js';

const LIMIT = 1_000_000;

/** Programs and what they can do at length (programs/PROGRAM.c). */
const works: [program: string, names: string, what: string][] = [
  [
    'slices',
    'read write unlink fork munmap mprotect exit execve',
    'moves, maps and lets go of memory and files by the megabyte',
  ],
  [
    'areas',
    'munmap munmap-touched mprotect mprotect-touched mprotect-alike madvise dontneed msync mincore mlock mlockall ' +
      'mremap mmap mmap-fixed fork exit truncate truncate-killed',
    'has an address space of 60,000 areas',
  ],
  [
    'areas',
    'fork-scattered munmap-scattered mprotect-scattered exit-scattered truncate-scattered',
    'has pages that lie far apart',
  ],
  ['areas', 'robust-exit robust-execve', 'leaves 2,048 robust locks on as many copy-on-write pages'],
  [
    'memory',
    'move-scattered grow brk execve-areas execve-segments lock-scattered lock madvise dontneed-scattered mincore ' +
      'populate oom exit-together vfork maps munmap-files',
    'does what can be done to hundreds of megabytes, or executes a program of 1,170 segments',
  ],
  [
    'files',
    'msync fork-shared unlink-sparse truncate-sparse punch-sparse punch exit-mapped execve-mapped fallocate copy seek random',
    'has large files, and sparse ones, and files that are mapped 60,000 times',
  ],
  [
    'tables',
    'poll select poll-copies exit-pipes close_range execve-pipes fork-pipes exit-files locks',
    'has 4,096 descriptors',
  ],
  [
    'sets',
    'interests exit-interests close close-copies exit-watchers exit-ends nest nested look pollers exit-pollers ' +
      'kill-pollers terminate-pollers close-counter',
    'waits for thousands of files with epoll, and for sets of sets of them',
  ],
  ['tables', 'vectors', 'reads and writes 1,024 segments on pages that are not there'],
  ['tables', 'getdents umount depths links', 'has huge directories, deep ones, and long symbolic links'],
  ['tables', 'execve-many execve-scattered', 'executes with 180,000 arguments'],
  [
    'crowds',
    'kill-all kill-group stop-group wait leave-children leave-zombies exit-threads exit-running execve-threads ' +
      'signal-threads exit-yielding execve-yielding signal-yielding',
    'signals, leaves and waits for a thousand others',
  ],
  [
    'crowds',
    'timers futex-wake futex-requeue pipe-readers pipe-pollers proc proc-task read-amid',
    'wakes a thousand, or looks at them',
  ],
  [
    'hordes',
    'times leave-stopped leave-zombies wait take-signals exit-signals',
    'leaves or has 28,000 zombies or 200,000 queued signals',
  ],
  ['mounts', 'stack nest spread list', 'has thousands of mounts'],
  ['locks', 'many close-copies exit-copies crowd', 'has thousands of record locks'],
  [
    'lengths',
    'random send-areas close-pipes exit-pipes execve-pipes branches rename seek paths scripts',
    'moves what is dear to make, lets go of full pipes, and walks far through names',
  ],
  ['numbers', 'zombies statistics threads', 'leaves no number free, and looks at as many as there can be'],
];

/** The longest time that nobody was answered, in instructions, by the name of the work. */
function longest(program: string, names: string): Map<string, number> {
  const words = [...withPrograms(program), '--icount', '--memory', '1G'];
  const { status, stdout, stderr } = script(`${program} ${names}`, words, { seconds: 240 });
  assert.equal(status, 0, stderr);
  const found = new Map<string, number>();
  for (const name of names.split(' ')) {
    const told = new RegExp(`^${name}: status 0, (\\d+) beats, longest (\\d+)$`, 'm').exec(stdout.toString());
    assert.ok(told !== null, `${name}: ${stdout}${stderr}`);
    assert.ok(Number(told[1]) >= 3 && Number(told[2]) > 0, `${name}: only ${told[1]} calls`);
    found.set(name, Number(told[2]));
  }
  return found;
}

describe('one process is answered within 1,000,000 instructions while another', () => {
  for (const [program, names, what] of works) {
    it(what, () => {
      for (const [name, time] of longest(program, names)) {
        assert.ok(time < LIMIT, `${name}: ${time} instructions between two answers`);
      }
    });
  }
});

describe('what goes on in slices after its owner', () => {
  // The first round fills pools, and may open a piece of memory for kernel objects.
  it('gives the memory of epoll interests back', () => {
    const works = 'interests exit-interests close close-copies exit-watchers nested';
    const { status, stdout, stderr } = script(
      `${counters}
      sets ${works} >/dev/null; sets ${works} >/dev/null; before=$(settled)
      sets ${works} | grep -c 'status 0'; echo $((before - $(settled)))`,
      [...withPrograms('sets'), '--memory', '512M'],
      { seconds: 120 },
    );
    assert.equal(status, 0, stderr);
    const [done, lost] = stdout.toString().trim().split('\n').map(Number);
    assert.equal(done, works.split(' ').length, `${stdout}${stderr}`);
    assert.ok(lost !== undefined && lost <= 512, `${lost} kB are gone`);
  });
});

describe('when more timers come due at once than fire in one turn', () => {
  it('they all fire, and long calls go on', () => {
    const words = [...withPrograms('meeting'), '--append', 'kairo.budget=1', '--memory', '512M'];
    const { status, stdout, stderr } = script('meeting', words, { seconds: 60 });
    assert.equal(stdout.toString(), 'met\n', stderr);
    assert.equal(status, 0);
  });
});
