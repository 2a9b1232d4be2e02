/**
 * Where the randomized tests begin, and how much they do. Without a word from outside a run is the same each time, so a
 * failure is the last change's; `make fuzz` takes a new seed and does more. A failure names the seed to repeat it with.
 */

/** KAIRO_SEED; the first round uses it, the next one seed + 1, and so on. */
export const seed = Number(process.env.KAIRO_SEED ?? 1);

/** KAIRO_EFFORT: multiplies the number of rounds. */
export const effort = Number(process.env.KAIRO_EFFORT ?? (process.env.CI ? 4 : 1));
