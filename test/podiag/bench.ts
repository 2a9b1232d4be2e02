// Prints what podiag costs beside the bare look-ups, for growing numbers of processes on this Linux:
// the last part of `make bench`.
import { Container } from './container.js';
import { countChildren, startSleepers, timeByHand, timePodiag } from './cost.js';

/** Descriptors that each process holds. */
const perProcess = 10;

const container = await Container.start();
console.log('\npodiag on this machine, beside ps and one readlink for each descriptor');
console.log('| processes | descriptors | podiag | ps + readlink each | ratio | children (strace -f -c) |');
console.log('|---:|---:|---:|---:|---:|---:|');
let running = 0;
for (const processes of [10, 50, 100, 250, 500, 1000]) {
  await startSleepers(container, processes - running, perProcess);
  running = processes;
  const [podiag, byHand] = [timePodiag(container, 5), timeByHand(container, 3)];
  const cells = [
    `${processes}`,
    `${processes * perProcess}`,
    `${podiag.toFixed(0)} ms`,
    `${byHand.toFixed(0)} ms`,
    (podiag / byHand).toFixed(2),
    `${countChildren(container)}`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
await container.stop();
