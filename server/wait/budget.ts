/**
 * How much of what one event sets off is done at once: a byte in a pipe may wake ten thousand threads, a signal may
 * concern as many. Whoever does such a thing spends from the budget, and leaves to a chore (chores.ts) what it no longer
 * covers. One unit is a hundred instructions or so; the loop refills it before every turn of a thread or a chore.
 */

const AT_ONCE: i64 = 1000;

/** What is left. Negative: something that cannot be divided took more than was left. */
export let budget: i64 = 1000;

export function refill(): void {
  budget = AT_ONCE;
}

/** @inline */
export function spend(units: i64): void {
  budget -= units;
}
