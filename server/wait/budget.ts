/**
 * How much of what one event sets off is done at once: a byte in a pipe may wake ten thousand threads, a signal may
 * concern as many. Whoever does such a thing spends from the budget, and leaves to a chore (chores.ts) what it no longer
 * covers. One unit is a hundred instructions or so; the loop refills it before every turn of a thread or a chore.
 */

const USUAL: i64 = 1000;

let atOnce: i64 = USUAL;
/** What is left. Negative: something that cannot be divided took more than was left. */
export let budget: i64 = USUAL;

/** kairo.budget=N: so that tests see few things take what many take otherwise. */
export function setBudget(units: u64): void {
  if (units !== 0) atOnce = units as i64;
}

export function refill(): void {
  budget = atOnce;
}

/** @inline */
export function spend(units: i64): void {
  budget -= units;
}
