/** The system under load and under attack: nothing is lost, limits hold, and what survives goes on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from './kairo.js';
import { counters } from './server/programs.js';

/** Thirty commands with pipes and loops over /proc, as a monitoring script has them. */
const survey = `
survey() {
  for d in /proc/[0-9]*; do
    read -r line <"$d/stat" || continue
    set -- $line
    echo "$1 $2 $4"
  done 2>/dev/null | sort -n | head -5
  ls /proc/self/fd | wc -l
  grep -E 'MemTotal|MemFree' /proc/meminfo | tr -s ' ' | cut -d' ' -f1
  cat /proc/loadavg /proc/uptime /proc/version | wc -l
  ps | awk '{print $1}' | sort | uniq | wc -l
  echo text | sed 's/t/T/' | tr a-z A-Z | md5sum
  find /etc -type f | xargs cat | wc -c
  (sleep 0.01; exit 3) & wait $!
  mkdir /tmp/s && echo x >/tmp/s/f && cp /tmp/s/f /tmp/s/g && rm -r /tmp/s
  x=$(uname -m; hostname; date +%s; id -u; pwd)
  cat <<END | tail -1
here
document
END
  dd if=/dev/zero bs=4096 count=20 2>/dev/null | gzip | gunzip | wc -c
  env | sort | head -2
  seq 1 200 | grep 7 | wc -l
} >/dev/null 2>&1
`;

describe('memory', () => {
  it('in use returns to where it was after a script of thirty commands, 100 times over', () => {
    const { status, stdout, stderr } = script(
      `${counters}${survey}
      heap() { awk '/^Slab/ {print $2}' /proc/meminfo; }
      for i in 1 2 3 4 5; do survey; done
      before=$(settled); heap=$(heap)
      i=0; while [ $i -lt 100 ]; do survey; i=$((i + 1)); done
      echo "$((before - $(settled))) $(($(heap) - heap))"`,
      [],
      { seconds: 300 },
    );
    assert.equal(status, 0, stderr);
    const [pages, heap] = stdout.toString().trim().split(' ').map(Number);
    // A page kept by each round would be 400 kB; one piece of memory for kernel objects, 256 kB, may have been opened.
    assert.ok(pages !== undefined && pages <= 320, `${pages} kB are gone`);
    assert.ok(heap !== undefined && heap <= 32, `the heap grew by ${heap} kB`);
  });

  it('when it runs out costs the offender its life, and the system goes on', () => {
    const { status, stdout, stderr } = script(
      `awk 'BEGIN {s = "x"; while (1) s = s s}' & wait $!; echo "offender $?"; seq 1 1000 | sort -n | tail -1`,
      ['--memory', '64M', '--verbose'],
      { seconds: 120 },
    );
    assert.equal(stdout.toString(), 'offender 137\n1000\n', stderr);
    assert.match(stderr, /out of memory/i);
    assert.equal(status, 0);
  });
});

describe('processes', () => {
  it('a thousand live at once', () => {
    const { status, stdout, stderr } = script(
      `i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i + 1)); done
      ls -d /proc/[0-9]* | wc -l
      kill $(jobs -p); wait; echo "all gone"; ls -d /proc/[0-9]* | wc -l`,
      ['--memory', '512M'],
      { seconds: 240 },
    );
    assert.equal(status, 0, stderr);
    const [alive, gone, left] = stdout.toString().split('\n');
    assert.ok(Number(alive) >= 1001, `${alive} processes`);
    assert.equal(gone, 'all gone');
    assert.ok(Number(left) < 20, `${left} left`);
  });

  it('a fork bomb hits its limit with EAGAIN, and the shell survives', () => {
    const { status, stdout, stderr } = script(
      `su -s /bin/sh nobody -c 'ulimit -u 60; bomb() { bomb | bomb & }; bomb' 2>/tmp/said
      sleep 3
      grep -q "can't fork: Resource temporarily unavailable" /tmp/said && echo "EAGAIN"
      echo survived`,
      [],
      { seconds: 60 },
    );
    assert.match(stdout.toString(), /EAGAIN\nsurvived\n$/, stderr);
    assert.equal(status, 0);
  });

  it('one process is answered while another reads 256 MB of zeros', () => {
    const { status, stdout, stderr } = script(
      `dd if=/dev/zero of=/dev/null bs=256M count=1 2>/dev/null & reader=$!
      i=0; while kill -0 $reader 2>/dev/null && [ $i -lt 100 ]; do i=$((i + 1)); done
      echo "answered $([ $i -ge 20 ] && echo many times)"; wait $reader; echo "read $?"`,
      ['--memory', '512M'],
      { seconds: 120 },
    );
    assert.equal(stdout.toString(), 'answered many times\nread 0\n', stderr);
    assert.equal(status, 0);
  });
});
