/** What is counted per real user, across processes: for RLIMIT_NPROC (getrlimit(2)) and of epoll's interests (epoll(7)). */
import { OrderedMap } from '../../lib/ordered-map';
import { release } from '../memory/heap';

export class User {
  uid!: u32;
  processes!: u32;
  /** Sets of interests that count here, and the interests in all of them. */
  sets!: u32;
  watches!: u32;
}

const users: OrderedMap<User> = reserve();

/** The record of `uid`, with one more process counted. */
export function joinUser(uid: u32): User {
  let user = users.get(uid as u64);
  if (user === null) {
    user = new User();
    user.uid = uid;
    users.set(uid as u64, user);
  }
  user.processes += 1;
  return user;
}

/** One process less. */
export function leaveUser(user: User): void {
  user.processes -= 1;
  forgetIfUnused(user);
}

/** One set of interests less. */
export function leaveSets(user: User): void {
  user.sets -= 1;
  forgetIfUnused(user);
}

function forgetIfUnused(user: User): void {
  if (user.processes !== 0 || user.sets !== 0) return;
  users.delete(user.uid as u64);
  release(addressOf(user));
}
