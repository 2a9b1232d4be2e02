/**
 * Intervals that do not overlap, in order, with the gaps between them: a balanced tree (Adelson-Velsky and Landis; Knuth,
 * "The Art of Computer Programming" 3, 6.2.3) whose nodes are the intervals themselves. Each node also knows where its
 * subtree begins and ends and the widest gap within, so that room of a given length is found without trying the gaps.
 *
 * Guarantees: every operation costs O(log n), a step to a neighbour O(1) on average. What a node knows of its subtree
 * follows from itself and its two children; so after an interval's ends were changed in place, which must not change
 * the order, `refresh` on it alone sets everything right. Addresses are compared unsigned. The tree never releases
 * anything.
 */

export class Interval {
  start!: u64;
  /** The first address behind it. */
  end!: u64;
  parent!: Interval | null;
  left!: Interval | null;
  right!: Interval | null;
  /** Of the subtree: where the first interval starts, where the last ends, and the widest gap between neighbours. */
  low!: u64;
  high!: u64;
  widest!: u64;
  /** A leaf's is 1. The heights of two siblings differ by one at most. */
  height!: u32;
}

export class IntervalTree<T extends Interval> {
  root!: Interval | null;
  count!: u32;

  /** The interval with the greatest start that is at most `address`. */
  atMost(address: u64): T | null {
    let best: Interval | null = null;
    let node = this.root;
    while (node !== null) {
      if (node.start <= address) {
        best = node;
        node = node.right;
      } else node = node.left;
    }
    return best as T | null;
  }

  /** The interval with the least start that is at least `address`. */
  atLeast(address: u64): T | null {
    let best: Interval | null = null;
    let node = this.root;
    while (node !== null) {
      if (node.start >= address) {
        best = node;
        node = node.left;
      } else node = node.right;
    }
    return best as T | null;
  }

  /** The neighbour above `interval`. */
  after(interval: T): T | null {
    const right = interval.right;
    if (right !== null) return firstOf(right) as T;
    let node: Interval = interval;
    let parent = node.parent;
    while (parent !== null && parent.right === node) {
      node = parent;
      parent = node.parent;
    }
    return parent as T | null;
  }

  /** Puts `interval` in behind `before`, its neighbour below; null: it becomes the first. */
  insertAfter(before: T | null, interval: T): void {
    const root = this.root;
    let parent: Interval | null = null;
    if (before !== null && before.right === null) {
      before.right = interval;
      parent = before;
    } else if (root !== null) {
      parent = firstOf(before === null ? root : (before.right as Interval));
      parent.left = interval;
    } else this.root = interval;
    interval.parent = parent;
    interval.left = null;
    interval.right = null;
    measure(interval);
    this.count++;
    this.settle(parent);
  }

  remove(interval: T): void {
    const left = interval.left;
    const right = interval.right;
    const parent = interval.parent;
    this.count--;
    if (left === null || right === null) {
      this.replace(interval, left === null ? right : left);
      this.settle(parent);
      return;
    }
    // The next interval takes its place.
    const next = firstOf(right);
    const gap = next.parent as Interval;
    if (gap !== interval) {
      this.replace(next, next.right);
      next.right = right;
      right.parent = next;
    }
    next.left = left;
    left.parent = next;
    this.replace(interval, next);
    if (gap !== interval) this.settle(gap);
    this.settle(next);
  }

  /** Takes the intervals out one after another, in no order that matters: in between nothing else is allowed. */
  dismantle(): T | null {
    let node = this.root;
    if (node === null) return null;
    for (;;) {
      const below: Interval | null = node.left !== null ? node.left : node.right;
      if (below === null) break;
      node = below;
    }
    this.replace(node, null);
    this.count--;
    return node as T;
  }

  /** Start or end of `interval` were changed. */
  refresh(interval: T): void {
    this.settle(interval);
  }

  /** Where the highest `length` addresses between `bottom` and `top` begin that are in no interval; 0: there are none. */
  roomBelow(top: u64, bottom: u64, length: u64): u64 {
    if (top < bottom || top - bottom < length) return 0;
    const below = this.atMost(top - 1);
    const end: u64 = below === null || below.end <= top - length ? top : gapBefore(below, length);
    return end >= bottom && end - bottom >= length ? end - length : 0;
  }

  /** Puts `other` in the place of `node` below the node's parent. */
  private replace(node: Interval, other: Interval | null): void {
    const parent = node.parent;
    if (other !== null) other.parent = parent;
    if (parent === null) this.root = other;
    else if (parent.left === node) parent.left = other;
    else parent.right = other;
  }

  /** Balances and measures again from `from` upwards, as far as anything changes. */
  private settle(from: Interval | null): void {
    let node = from;
    while (node !== null) {
      const lean: i64 = heightOf(node.left) - heightOf(node.right);
      if (lean > 1) node = this.leanRight(node);
      else if (lean < -1) node = this.leanLeft(node);
      else if (!measure(node)) return;
      node = node.parent;
    }
  }

  /** The left side of `node` is two higher: gives what takes its place. */
  private leanRight(node: Interval): Interval {
    const left = node.left as Interval;
    if (heightOf(left.left) < heightOf(left.right)) this.raise(left.right as Interval);
    const top = node.left as Interval;
    this.raise(top);
    return top;
  }

  private leanLeft(node: Interval): Interval {
    const right = node.right as Interval;
    if (heightOf(right.right) < heightOf(right.left)) this.raise(right.left as Interval);
    const top = node.right as Interval;
    this.raise(top);
    return top;
  }

  /** Rotates `node` into its parent's place. */
  private raise(node: Interval): void {
    const parent = node.parent as Interval;
    this.replace(parent, node);
    if (parent.left === node) {
      const middle = node.right;
      parent.left = middle;
      if (middle !== null) middle.parent = parent;
      node.right = parent;
    } else {
      const middle = node.left;
      parent.right = middle;
      if (middle !== null) middle.parent = parent;
      node.left = parent;
    }
    parent.parent = node;
    measure(parent);
    measure(node);
  }
}

function heightOf(node: Interval | null): i64 {
  return node === null ? 0 : node.height;
}

/** The lowest interval of a subtree. */
function firstOf(start: Interval): Interval {
  let node = start;
  for (;;) {
    const left = node.left;
    if (left === null) return node;
    node = left;
  }
}

/** Finds out again what `node` knows of its subtree; false: it knew. */
function measure(node: Interval): boolean {
  const left = node.left;
  const right = node.right;
  let low: u64 = node.start;
  let high: u64 = node.end;
  let widest: u64 = 0;
  let height: u64 = 0;
  if (left !== null) {
    low = left.low;
    height = left.height;
    widest = node.start - left.high;
    if (left.widest > widest) widest = left.widest;
  }
  if (right !== null) {
    high = right.high;
    if (right.height > height) height = right.height;
    if (right.low - node.end > widest) widest = right.low - node.end;
    if (right.widest > widest) widest = right.widest;
  }
  height++;
  if (low === node.low && high === node.high && widest === node.widest && height === node.height) return false;
  node.low = low;
  node.high = high;
  node.widest = widest;
  node.height = height as u32;
  return true;
}

/** The end of the highest gap of `length` that lies below `interval`; that below all intervals ends where they begin. */
function gapBefore(interval: Interval, length: u64): u64 {
  let node = interval;
  for (;;) {
    const left = node.left;
    let low: u64 = node.start;
    if (left !== null) {
      if (node.start - left.high >= length) return node.start;
      if (left.widest >= length) return highestGap(left, length);
      low = left.low;
    }
    let parent = node.parent;
    while (parent !== null && parent.left === node) {
      node = parent;
      parent = node.parent;
    }
    if (parent === null || low - parent.end >= length) return low;
    node = parent;
  }
}

/** The end of the highest gap of `length` between intervals of a subtree that has one. */
function highestGap(start: Interval, length: u64): u64 {
  let node = start;
  for (;;) {
    const right = node.right;
    if (right !== null && right.widest >= length) {
      node = right;
      continue;
    }
    if (right !== null && right.low - node.end >= length) return right.low;
    const left = node.left as Interval;
    if (node.start - left.high >= length) return node.start;
    node = left;
  }
}
