/**
 * Work of the server's own that goes on in slices: nobody waits for an answer to it, but it would hold everybody up if
 * it were done at once (the memory of the dead, a thousand threads to be woken). The loop does one slice of the chore
 * that has waited longest, in turn with the slices of long calls.
 */

export abstract class Chore {
  nextChore!: Chore | null;
  /** In the list. One that is doing its slice is not, and may begin itself again. */
  isUnderway!: boolean;

  /** Does what takes about 100,000 instructions; true when nothing is left. A chore that is done may release itself. */
  abstract slice(): boolean;
}

export let firstChore: Chore | null = null;
let lastChore: Chore | null = null;

/** Puts `chore` behind the others, unless it is in the list already. */
export function begin(chore: Chore): void {
  if (chore.isUnderway) return;
  chore.isUnderway = true;
  chore.nextChore = null;
  const last = lastChore;
  if (last === null) firstChore = chore;
  else last.nextChore = chore;
  lastChore = chore;
}

/** Does a slice of the first chore, which then stands behind the others if it is not done; false: there was none. */
export function doChore(): boolean {
  const chore = firstChore;
  if (chore === null) return false;
  const next = chore.nextChore;
  firstChore = next;
  if (next === null) lastChore = null;
  chore.isUnderway = false;
  if (!chore.slice()) begin(chore);
  return true;
}
