/**
 * An endpoint: where senders and receivers meet. The queue holds waiting senders or waiting receivers, never both, in
 * arrival order; `state` says which.
 */
import { ThreadQueue } from '../ipc/thread-queue.js';
import { KernelObject } from './kernel-object.js';

export enum EndpointState {
  Idle = 0,
  Sending = 1,
  Receiving = 2,
}

export class Endpoint extends KernelObject {
  queue!: Inline<ThreadQueue>;
  state!: EndpointState;
}

staticAssert(sizeOf<Endpoint>() <= 64, 'an endpoint takes 2^ENDPOINT_BITS bytes');

/** Stands in for the handler of a thread that has none: nobody ever receives from it. */
export const noEndpoint: Endpoint = reserve();
