/** Limits of the whole machine: numbers of processes, memory, a full file system. Whoever exceeds one is told or ended. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from '../kairo.js';
import { counters, withPrograms } from './programs.js';

/** A shell function that doubles itself for as long as it may. */
const bomb = `bomb() { while :; do (bomb) & (bomb) & sleep 1; done; }`;

/** Kernel objects take memory in pieces of this many kB (server/kernel/objects.ts); an opened one counts as used. */
const KERNEL_PIECE = 512;

describe('processes', () => {
  it('a thousand live at once in 256 MB, and leave nothing behind', () => {
    const { status, stdout, stderr } = script(
      `${counters}
      many() { i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i + 1)); done; }
      many; kill $(jobs -p); wait
      before=$(settled)
      many; alive; kill $(jobs -p); wait; lost=$((before - $(settled)))
      alive; echo $lost`,
      ['--memory', '256M'],
      { seconds: 240 },
    );
    assert.equal(status, 0, stderr);
    const [most, least, lost] = stdout.toString().trim().split('\n').map(Number);
    assert.ok(most !== undefined && most >= 1001, `${stdout}${stderr}`);
    assert.ok(least !== undefined && least < 10, stdout.toString());
    assert.ok(lost !== undefined && lost <= 256, `${lost} KB are gone`);
  });

  it('of an unprivileged user end at ulimit -u with EAGAIN; others are not touched', () => {
    const { status, stdout, stderr } = script(
      `${counters}
      printf 'user:x:1000:1000::/tmp:/bin/sh\\n' >>/etc/passwd
      ulimit -u 40
      su user -c '${bomb}; bomb' 2>/tmp/said & sleep 3
      echo "alive $(($(alive) <= 60))"
      grep -q "can't fork: Resource temporarily unavailable" /tmp/said && echo EAGAIN
      su user -c 'kill -9 -1' 2>/dev/null; wait; sleep 0.5
      echo "left $(ps -o user | grep -c '^user')"`,
      [],
      { seconds: 60 },
    );
    assert.equal(stdout.toString(), 'alive 1\nEAGAIN\nleft 0\n', stderr);
    assert.equal(status, 0);
  });

  it("of root end at the machine's limit with EAGAIN, and the shell goes on", () => {
    const { status, stdout, stderr } = script(
      `${counters}
      before=$(alive)
      sh -c 'while :; do sleep 1000 & done' 2>/tmp/said
      grep -q "can't fork: Resource temporarily unavailable" /tmp/said && echo EAGAIN
      [ $(alive) -ge 200 ] && killall -9 sleep; sleep 1
      [ $(alive) -eq $before ] && echo survived`,
      ['--memory', '64M', '--verbose'],
      { seconds: 120 },
    );
    assert.equal(stdout.toString(), 'EAGAIN\nsurvived\n', stderr);
    assert.doesNotMatch(stderr, /out of memory/);
    assert.equal(status, 0, stderr);
  });
});

describe('memory', () => {
  // The first rounds fill the pools. Later ones may open another piece of memory for kernel objects, when processes that
  // ended and new ones happen to overlap as they never did before; a leak would cost something every time.
  it('that runs out costs the offender its life, once and again; the log says so, and nothing is lost', () => {
    const hog = `awk 'BEGIN {s = "x"; while (1) s = s s}'; echo "offender $?"`;
    const { status, stdout, stderr } = script(
      `${counters}
      for i in 1 2 3; do ${hog}; before=$(settled); done
      for i in 1 2 3 4 5 6 7 8 9; do ${hog}; after=$(settled); done
      echo $((before - after))`,
      ['--memory', '64M', '--verbose'],
      { seconds: 240 },
    );
    const [, offenders, lost] = /^((?:offender 137\n)*)(-?\d+)\n$/.exec(stdout.toString()) ?? [];
    assert.equal(offenders, 'offender 137\n'.repeat(12), `${stdout}${stderr}`);
    assert.equal(stderr.match(/out of memory: killed process \d+ \(awk\)/g)?.length, 12, stderr);
    assert.ok(Number(lost) <= KERNEL_PIECE, `${lost} kB are gone`);
    assert.equal(status, 0);
  });

  // Each sleeper starts in the address space that the large process left, so that the next large one begins afresh.
  it('for the page tables of a large process serves the next one, wherever that runs', () => {
    const { status, stdout, stderr } = script(
      `${counters}
      large() { dd if=/dev/zero of=/dev/null bs=300M count=1 2>&1 | grep -q '1+0 records out' && settled >/dev/null; }
      sleepers() { i=0; while [ $i -lt 12 ]; do $1; sleep 1000 & i=$((i + 1)); done; kill $(jobs -p); wait; }
      large && sleepers true; before=$(settled)
      sleepers large; echo $((before - $(settled)))`,
      ['--memory', '1G'],
      { seconds: 120 },
    );
    assert.equal(status, 0, stderr);
    const lost = Number(stdout.toString().trim());
    assert.ok(lost <= 2 * KERNEL_PIECE, `${lost} kB are gone`);
  });

  it('of a full tmpfs is ENOSPC, and comes back with the file', () => {
    const { status, stdout, stderr } = script(
      `${counters}
      mkdir /tmp/small; mount -t tmpfs -o size=4m tmpfs /tmp/small
      fill() { dd if=/dev/zero of="$1" bs=64k; echo "dd $?"; }
      fill /tmp/small/file 2>&1 | grep -o 'No space left on device\\|dd 1'
      stat -c %s /tmp/small/file
      umount /tmp/small
      for i in 1 2 3; do fill /tmp/warm-up 2>&1 | grep -q 'dd 1'; rm /tmp/warm-up; before=$(settled); done
      fill /tmp/file 2>&1 | grep -o 'No space left on device\\|dd 1'
      rm /tmp/file
      echo $((before - $(settled)))`,
      ['--memory', '64M', '--verbose'],
      { seconds: 60 },
    );
    const full = 'No space left on device\ndd 1\n';
    const [, said, lost] = /^(.*?)(-?\d+)\n$/s.exec(stdout.toString()) ?? [];
    assert.equal(said, `${full}4194304\n${full}`, stderr);
    assert.ok(Number(lost) <= KERNEL_PIECE, `${lost} kB are gone`);
    assert.doesNotMatch(stderr, /out of memory/);
    assert.equal(status, 0);
  });
});

describe("epoll's interests", () => {
  it('of a user end at /proc/sys/fs/epoll/max_user_watches with ENOSPC, and count no more when their set is gone', () => {
    const { status, stdout } = script(
      `cd /proc/sys/fs/epoll; most=$(cat max_user_watches); echo $((most > 10000))
      echo -1 2>/dev/null >max_user_watches || echo refused
      echo 5000 >max_user_watches; cat max_user_watches
      for i in 1 2 3; do sets interests 2>&1; done | cut -d , -f 1
      echo 4000 >max_user_watches; sets interests 2>&1 | cut -d , -f 1
      echo $most >max_user_watches; sets interests 2>&1 | cut -d , -f 1`,
      withPrograms('sets'),
      { seconds: 60 },
    );
    const done = 'interests: status 0\n';
    assert.equal(
      stdout.toString(),
      `1\nrefused\n5000\n${done.repeat(3)}epoll_ctl: No space left on device\ninterests: status 1\n${done}`,
    );
    assert.equal(status, 0);
  });
});
