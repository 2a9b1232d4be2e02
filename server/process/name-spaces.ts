/**
 * The name spaces that a process shares or owns besides mounts and pids: each a reference-counted object, copied or
 * renewed by clone, unshare and rfork (clone(2), Plan 9 fork(2)). The first of each belongs to init.
 */
import { release } from '../memory/heap';

/** Host and domain name, and sockets to come: what the network name space and the UTS name space of Linux hold. */
export class NetworkNamespace {
  references!: u32;
  hostName!: Fixed<u8, 65>;
  hostNameLength!: u32;
  domainName!: Fixed<u8, 65>;
  domainNameLength!: u32;

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }
}

/** System V and POSIX message objects are found through it. */
export class IpcNamespace {
  references!: u32;

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }
}

/** Plan 9's environment group (rfork's RFENVG); Linux processes keep theirs in memory. */
export class EnvironmentGroup {
  references!: u32;

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }
}

/** Plan 9's note group (rfork's RFNOTEG): whom a note to the group reaches. */
export class SignalGroup {
  references!: u32;

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }
}
