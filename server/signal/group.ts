/**
 * Signals to whole process groups from the system itself: a key on the terminal, a hang-up. A large group gets its signal
 * in slices, in order of pids, and one signal after the other, so that SIGHUP comes before SIGCONT at every member.
 */
import { release } from '../memory/heap';
import { findGroup, nextProcess } from '../process/pids';
import type { Process } from '../process/process';
import type { ProcessGroup } from '../process/process-group';
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { SignalInformation } from './pending';
import { sendToProcess } from './send';

/** What a signal to a member takes, in units of the budget. */
const MEMBER: i64 = 8;

/** A signal on its way to a group. */
class Delivery {
  next!: Delivery | null;
  group!: ProcessGroup;
  number!: i32;
  /** Members from this pid on have not got it. */
  from!: i32;
  information!: Inline<SignalInformation>;
}

let first: Delivery | null = null;
let last: Delivery | null = null;

class DeliveryChore extends Chore {
  override slice(): boolean {
    while (budget > 0) {
      const delivery = first;
      if (delivery === null) return true;
      const process = nextProcess(delivery.from);
      // The group may have ended meanwhile, but a number is not used again so soon.
      if (process === null || findGroup(delivery.number) !== delivery.group) {
        finish(delivery);
        continue;
      }
      spend(1);
      delivery.from = (process.number + 1) as i32;
      if (process.group === delivery.group) sendToProcess(process, delivery.information);
    }
    return first === null;
  }
}

let chore: DeliveryChore | null = null;

function finish(delivery: Delivery): void {
  first = delivery.next;
  if (first === null) last = null;
  release(addressOf(delivery));
}

const copy: SignalInformation = reserve();

/** Sends to every member of `group`. */
export function sendToGroup(group: ProcessGroup, information: SignalInformation): void {
  if (first !== null || (group.memberCount as i64) * MEMBER > budget) {
    sendLater(group, information);
    return;
  }
  copy.copyFrom(information);
  let member = group.firstMember;
  while (member !== null) {
    const next: Process | null = member.nextInGroup;
    sendToProcess(member, copy);
    member = next;
  }
}

function sendLater(group: ProcessGroup, information: SignalInformation): void {
  const delivery = new Delivery();
  delivery.group = group;
  delivery.number = group.number;
  delivery.from = 1;
  delivery.information.copyFrom(information);
  const before = last;
  if (before === null) first = delivery;
  else before.next = delivery;
  last = delivery;
  let worker = chore;
  if (worker === null) {
    worker = new DeliveryChore();
    chore = worker;
  }
  begin(worker);
}
