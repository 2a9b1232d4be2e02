/**
 * Load averages (getloadavg(3)): the number of runnable processes, averaged with exponential decay over 1, 5 and 15
 * minutes. They are brought up to date when somebody asks, by as many steps of five seconds as have passed; between two
 * questions the load is taken to have been what it is found to be now.
 */
import { monotonicNanoseconds } from './clock';

/** Five seconds, and exp(-5 s / period) in 1/65536. */
const STEP: u64 = 5000000000;
const DECAY: readonly u32[] = [60296, 64453, 65173];
/** After so many steps the past weighs nothing. */
const MOST_STEPS: u64 = 720;

const averages: Fixed<u64, 3> = reserve();
let stepsDone: u64 = 0;

/** Average 0, 1 or 2 in 1/65536, given how many processes can run now. */
export function loadAverage(index: u64, running: u64): u64 {
  const now: u64 = monotonicNanoseconds() / STEP;
  let steps: u64 = now - stepsDone;
  if (steps > MOST_STEPS) steps = MOST_STEPS;
  stepsDone = now;
  while (steps !== 0) {
    for (let period: u64 = 0; period < 3; period++) {
      const decay: u64 = DECAY[period];
      averages[period] = (averages[period] * decay + (running << 16) * (65536 - decay)) >>> 16;
    }
    steps -= 1;
  }
  return averages[index];
}
