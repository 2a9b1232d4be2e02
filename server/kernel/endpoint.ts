/** Where clients' calls and faults arrive, and the notification that carries interrupts and the clock. */
import { ROOT_TCB_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { ObjectKind } from '../../lib/abi/object-kind';
import { invoke } from '../arch/x86_64/kernel-call';
import { makeObject } from './objects';
import { stop } from './stop';

/** The endpoint that the event loop receives from. */
export let serverEndpoint: u32 = 0;
/** Bound to the server's thread: its bits arrive there as well. */
export let eventNotification: u32 = 0;
/** Keeps a native caller of ours until it is answered. */
export let nativeReply: u32 = 0;

/** Makes all three; once, at boot. */
export function makeEndpoints(): void {
  serverEndpoint = makeObject(ObjectKind.Endpoint, 0);
  eventNotification = makeObject(ObjectKind.Notification, 0);
  nativeReply = makeObject(ObjectKind.Reply, 0);
  if (serverEndpoint === 0 || eventNotification === 0 || nativeReply === 0) stop('no memory for the endpoint');
  const error = invoke(ROOT_TCB_SLOT, Invocation.TcbBindNotification, eventNotification, 0, 0, 0);
  if (error !== KernelError.None) stop('the notification cannot be bound');
}
