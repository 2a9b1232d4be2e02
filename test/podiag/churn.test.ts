// podiag while processes come and go: it never says anything but its report, never mixes two processes that had the
// same number one after the other, and never loses one that was there all the time.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Container } from './container.js';
import { parseReport, processOf, shownAs } from './report.js';
import { pathOf, staticBusybox } from './tools.js';

/** The number that two short-lived programs take in turns. */
const reused = 5000;

// ns_last_pid is the number after which the kernel looks for a free one (proc_sys_kernel(5)). A program lives for some
// clock ticks, so that its start time differs from its successor's.
const takeTurns = `
import os, signal, sys, time
os.chdir(sys.argv[1])
print('ready', flush=True)
while True:
    for name in ('alpha', 'beta'):
        with open('/proc/sys/kernel/ns_last_pid', 'w') as last:
            last.write('${reused - 1}')
        child = os.fork()
        if child == 0:
            os.dup2(os.open(name + '.txt', os.O_RDONLY), 9)
            os.execv('busybox-' + name, ['busybox', 'tail', '-f', name + '.txt'])
        time.sleep(0.03)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
`;

describe('podiag while processes come and go', () => {
  let container: Container;

  before(async () => {
    container = await Container.start();
    writeFileSync(join(container.scratch, 'stable.txt'), '');
    const stable = `exec 7<${join(container.scratch, 'stable.txt')}; echo ready; exec sleep 9001`;
    await container.workload([staticBusybox(), 'sh', '-c', stable]);
  });

  after(() => container.stop());

  function inspect(argumentList: string[] = []) {
    const result = container.podiag(argumentList);
    assert.equal(result.errors, '');
    assert.equal(result.status, 0);
    return parseReport(result.output);
  }

  test('REQ-PO-021 hundreds of processes start and end each second', async () => {
    const flicker = 'echo ready; while :; do sleep 0 & sleep 0.01 | cat & sleep 0; done';
    const flickers = [];
    for (let count = 0; count < 2; count++) {
      flickers.push(await container.workload([staticBusybox(), 'sh', '-c', flicker]));
    }
    const seen = new Set<number>();
    let ended = 0;
    // At the least 20 times, and until chance has shown what it must.
    for (let run = 0; run < 20 || (run < 400 && ended === 0); run++) {
      const report = inspect();
      assert.ok(report.processes.has(1));
      assert.match(shownAs(processOf(report, 'sleep 9001'), 7), /stable\.txt$/);
      for (const pid of report.processes.keys()) seen.add(pid);
      ended += report.ended;
    }
    assert.ok(seen.size > 40, `${seen.size} different processes seen`);
    assert.ok(ended > 0, 'at least one process ended while it was read');
    for (const { process } of flickers) process.kill('SIGKILL');
  });

  test('REQ-PO-021 two programs that take the same number in turns are never mixed', async () => {
    for (const name of ['alpha', 'beta']) {
      writeFileSync(join(container.scratch, `${name}.txt`), '');
      copyFileSync(staticBusybox(), join(container.scratch, `busybox-${name}`));
    }
    const path = join(container.scratch, 'turns.py');
    writeFileSync(path, takeTurns);
    const turns = await container.workload([pathOf('python3'), path, container.scratch]);
    const seen = new Map<string, number>();
    const few = () => ['alpha', 'beta'].some((name) => (seen.get(name) ?? 0) <= 5);
    for (let run = 0; run < 150 || (run < 2000 && few()); run++) {
      const process = inspect().processes.get(reused);
      if (!process) continue;
      const texts = [process.command, process.executable, ...[...process.descriptors.values()].map(({ text }) => text)];
      const names = ['alpha', 'beta'].filter((name) => texts.concat(process.maps).some((text) => text.includes(name)));
      assert.ok(names.length < 2, `mixed: ${texts.join(', ')}`);
      for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    assert.ok(!few(), `seen: ${JSON.stringify([...seen])}`);
    turns.process.kill('SIGKILL');
  });
});
