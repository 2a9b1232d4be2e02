/** podiag in Kairo's default root: it shows what this /proc has, and prints no error of its own or of a utility. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from './kairo.js';

describe('podiag on Kairo', () => {
  /** Three programs, and podiag once each of them runs. */
  const workload = `mkfifo /tmp/f; sleep 90 >/tmp/log & cat /tmp/f | wc -c & exec 7<>/tmp/f
    started() { grep -hx 'cat\\|sleep\\|wc' /proc/[0-9]*/comm 2>/dev/null | sort | tr '\\n' ' '; }
    until [ "$(started)" = 'cat sleep wc ' ]; do usleep 10000; done
    podiag; echo "status $?" >&2`;

  it('REQ-PO-002 lists every process, the first included, with state, command line and program', () => {
    const { stdout, stderr } = script(workload);
    const text = stdout.toString();
    assert.match(text, /^PROCESSES \d+$/m);
    assert.match(text, /^PID 1 {2}S {2}\/bin\/busybox sh \/init$/m);
    assert.match(text, /^PID \d+ {2}S {2}sleep 90$/m);
    assert.match(text, /^ {2}exe +\/bin\/busybox$/m);
    assert.equal(stderr, 'status 0\n');
  });

  it('REQ-PO-010 and REQ-PO-012 show open files by path and pipes as pipes', () => {
    const text = script(workload).stdout.toString();
    assert.match(text, /^ {2}fd 1 +w +file +\/tmp\/log$/m);
    assert.match(text, /^ {2}fd 1 +w +pipe +\d+ -> \d+ wc \(fd 0\)$/m);
  });

  it('REQ-PO-020 as an unprivileged user shows what it may see, without an error', () => {
    const { stdout, stderr, status } = script('cd /; exec su -s /bin/sh nobody -c podiag');
    assert.match(stdout.toString(), /^PROCESSES \d+$/m);
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
