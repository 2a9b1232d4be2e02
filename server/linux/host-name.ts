/** Names of the machine: uname(2), sethostname(2), setdomainname(2). */

import { addressOfString, copyMemory, fillMemory } from '../../lib/arch/x86_64/bytes';
import { copyIn, copyOut } from '../memory/copy';
import type { NetworkNamespace } from '../process/name-spaces';
import type { Thread } from '../process/thread';
import { EFAULT, EINVAL, EPERM } from './errno';

/** What programs may test for: the Linux release whose system calls are offered. */
export const RELEASE = '6.1.0-kairo';
export const VERSION = '#1 Kairo';
const FIELD: u64 = 65;
const NAME_LIMIT: u64 = 64;
const CAP_SYS_ADMIN: u32 = 21;

/** struct new_utsname: six fields of 65 bytes. */
const names: Fixed<u8, 390> = reserve();

function put(field: u64, address: u64, length: u64): void {
  const at = addressOf(names) + field * FIELD;
  fillMemory(at, 0, FIELD);
  copyMemory(at, address, length);
}

function putText(field: u64, text: string): void {
  put(field, addressOfString(text), text.length);
}

export function setName(network: NetworkNamespace, name: string): void {
  copyMemory(addressOf(network.hostName), addressOfString(name), name.length);
  network.hostNameLength = name.length;
  copyMemory(addressOf(network.domainName), addressOfString('(none)'), 6);
  network.domainNameLength = 6;
}

export function sysUname(thread: Thread): i64 {
  const network = thread.process.network;
  putText(0, 'Linux');
  put(1, addressOf(network.hostName), network.hostNameLength as u64);
  putText(2, RELEASE);
  putText(3, VERSION);
  putText(4, 'x86_64');
  put(5, addressOf(network.domainName), network.domainNameLength as u64);
  return copyOut(thread.space, thread.frame.rdi, addressOf(names), FIELD * 6) === FIELD * 6 ? 0 : -EFAULT;
}

/** Checks a new name and reads it over the old one, which stays if the client's address faults. */
function readName(thread: Thread, destination: u64): i64 {
  const length = thread.frame.rsi;
  if (!thread.process.capabilities.has(CAP_SYS_ADMIN)) return -EPERM;
  if (length > NAME_LIMIT) return -EINVAL;
  if (copyIn(thread.space, addressOf(names), thread.frame.rdi, length) !== length) return -EFAULT;
  copyMemory(destination, addressOf(names), length);
  return 0;
}

export function sysSethostname(thread: Thread): i64 {
  const network = thread.process.network;
  const result = readName(thread, addressOf(network.hostName));
  if (result === 0) network.hostNameLength = thread.frame.rsi as u32;
  return result;
}

export function sysSetdomainname(thread: Thread): i64 {
  const network = thread.process.network;
  const result = readName(thread, addressOf(network.domainName));
  if (result === 0) network.domainNameLength = thread.frame.rsi as u32;
  return result;
}
