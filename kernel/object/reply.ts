/**
 * A Reply: keeps one caller between its message and the answer, so that answers may come late and in any order.
 *
 * `caller` is the thread that waits for the answer. `keeper` is the thread that will put its next caller here; a
 * Reply has one keeper at most, so two receivers never compete for it. `owner` is the foreign thread it was bound to
 * (TcbSetForeign); such a Reply keeps only that thread and never has a keeper.
 */
import { KernelObject } from './kernel-object.js';
import type { Tcb } from './tcb.js';

export class Reply extends KernelObject {
  caller!: Tcb | null;
  keeper!: Tcb | null;
  owner!: Tcb | null;
}

staticAssert(sizeOf<Reply>() <= 64, 'a Reply takes 2^REPLY_BITS bytes');
