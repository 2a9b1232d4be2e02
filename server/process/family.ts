/** Parents and children: a list through the children, whose last change decides who is whose. */
import type { Process } from './process';
import { dropAnchor, weighAnchor } from './process-group';

/** Makes `child` a child of `parent`; it is in no list, and a member of its group already. */
export function addChild(parent: Process, child: Process): void {
  const first = parent.firstChild;
  weighAnchor(child);
  child.parent = parent;
  dropAnchor(child);
  child.previousSibling = null;
  child.nextSibling = first;
  if (first !== null) first.previousSibling = child;
  parent.firstChild = child;
}

/** Takes `child` out of the list. It remembers its parent until it is given another. */
export function removeChild(parent: Process, child: Process): void {
  const next = child.nextSibling;
  const previous = child.previousSibling;
  if (previous === null) parent.firstChild = next;
  else previous.nextSibling = next;
  if (next !== null) next.previousSibling = previous;
  child.nextSibling = null;
  child.previousSibling = null;
}
