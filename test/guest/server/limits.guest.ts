/** Limits of the whole machine: numbers of processes, memory, a full file system. Whoever exceeds one is told or ended. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from '../kairo.js';
import { counters } from './programs.js';

/** A shell function that doubles itself for as long as it may. */
const bomb = `bomb() { while :; do (bomb) & (bomb) & sleep 1; done; }`;

describe('processes', () => {
  it('a thousand live at once in 256 MB, and leave nothing behind', () => {
    const { status, stdout, stderr } = script(
      `${counters}
      many() { i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i + 1)); done; }
      many; kill $(jobs -p); wait; sleep 0.2
      before=$(unused)
      many; alive; kill $(jobs -p); wait; sleep 0.2
      alive; echo $((before - $(unused)))`,
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
  // The first rounds, of the same shape, fill the pools of kernel objects; what counts is that later ones cost nothing.
  it('that runs out costs the offender its life, once and again; the log says so, and nothing is lost', () => {
    const hog = `awk 'BEGIN {s = "x"; while (1) s = s s}'; echo "offender $?"`;
    const { status, stdout, stderr } = script(
      `${counters}
      for i in 1 2 3 4; do ${hog}; done; before=$(unused)
      for i in 1 2 3 4; do ${hog}; done
      [ $((before - $(unused))) -le 128 ] && echo nothing lost`,
      ['--memory', '64M', '--verbose'],
      { seconds: 120 },
    );
    assert.equal(stdout.toString(), `${'offender 137\n'.repeat(8)}nothing lost\n`, stderr);
    assert.equal(stderr.match(/out of memory: killed process \d+ \(awk\)/g)?.length, 8, stderr);
    assert.equal(status, 0);
  });

  it('of a full tmpfs is ENOSPC, and comes back with the file', () => {
    const { status, stdout, stderr } = script(
      `${counters}
      mkdir /tmp/small; mount -t tmpfs -o size=4m tmpfs /tmp/small
      fill() { dd if=/dev/zero of="$1" bs=64k; echo "dd $?"; }
      fill /tmp/small/file 2>&1 | grep -o 'No space left on device\\|dd 1'
      stat -c %s /tmp/small/file
      umount /tmp/small
      for i in 1 2 3; do fill /tmp/warm-up 2>&1 | grep -q 'dd 1'; rm /tmp/warm-up; sleep 0.5; done
      before=$(unused)
      fill /tmp/file 2>&1 | grep -o 'No space left on device\\|dd 1'
      rm /tmp/file; sleep 1
      [ $((before - $(unused))) -le 64 ] && echo nothing lost`,
      ['--memory', '64M', '--verbose'],
      { seconds: 60 },
    );
    const full = 'No space left on device\ndd 1\n';
    assert.equal(stdout.toString(), `${full}4194304\n${full}nothing lost\n`, stderr);
    assert.doesNotMatch(stderr, /out of memory/);
    assert.equal(status, 0);
  });
});
