/** The auxiliary vector (getauxval(3)): what the kernel tells a program about itself and the machine. */
import { hardwareCapabilities } from '../arch/x86_64/cpu-features';
import type { Credentials } from './credentials';

const AT_PHDR: u64 = 3;
const AT_PHENT: u64 = 4;
const AT_PHNUM: u64 = 5;
const AT_PAGESZ: u64 = 6;
const AT_BASE: u64 = 7;
const AT_FLAGS: u64 = 8;
const AT_ENTRY: u64 = 9;
const AT_UID: u64 = 11;
const AT_EUID: u64 = 12;
const AT_GID: u64 = 13;
const AT_EGID: u64 = 14;
const AT_PLATFORM: u64 = 15;
const AT_HWCAP: u64 = 16;
const AT_CLKTCK: u64 = 17;
const AT_SECURE: u64 = 23;
const AT_RANDOM: u64 = 25;
const AT_HWCAP2: u64 = 26;
const AT_EXECFN: u64 = 31;
const AT_MINSIGSTKSZ: u64 = 51;
/** The signal frame with the largest register state we save, and room to spare (sigaltstack(2)). */
const SMALLEST_SIGNAL_STACK: u64 = 3632;
const TICKS_PER_SECOND: u64 = 100;

/** The vector, the terminating pair included. */
export const vector: Fixed<u64, 40> = reserve();
let length: u64 = 0;

/** What differs from program to program. */
export class ProgramFacts {
  headers!: u64;
  headerCount!: u64;
  base!: u64;
  entry!: u64;
  platform!: u64;
  random!: u64;
  path!: u64;
  isSecure!: boolean;
}

function put(kind: u64, value: u64): void {
  vector[length] = kind;
  vector[length + 1] = value;
  length += 2;
}

/** Fills `vector`, in Linux's order; gives its length in words. */
export function fillVector(facts: ProgramFacts, credentials: Credentials): u64 {
  length = 0;
  put(AT_MINSIGSTKSZ, SMALLEST_SIGNAL_STACK);
  put(AT_HWCAP, hardwareCapabilities());
  put(AT_PAGESZ, 4096);
  put(AT_CLKTCK, TICKS_PER_SECOND);
  put(AT_PHDR, facts.headers);
  put(AT_PHENT, 56);
  put(AT_PHNUM, facts.headerCount);
  put(AT_BASE, facts.base);
  put(AT_FLAGS, 0);
  put(AT_ENTRY, facts.entry);
  put(AT_UID, credentials.uid);
  put(AT_EUID, credentials.euid);
  put(AT_GID, credentials.gid);
  put(AT_EGID, credentials.egid);
  put(AT_SECURE, facts.isSecure ? 1 : 0);
  put(AT_RANDOM, facts.random);
  put(AT_HWCAP2, 0);
  put(AT_EXECFN, facts.path);
  put(AT_PLATFORM, facts.platform);
  put(0, 0);
  return length;
}
