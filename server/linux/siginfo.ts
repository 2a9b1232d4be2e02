/** siginfo_t of x86_64 (sigaction(2); include/uapi/asm-generic/siginfo.h): 128 bytes, a union after the first 16. */
import { SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGSEGV, SIGTRAP } from '../signal/numbers';
import type { SignalInformation } from '../signal/pending';

export class SignalInformationLayout {
  signal!: i32;
  error!: i32;
  code!: i32;
  padding!: u32;
  pid!: i32;
  uid!: u32;
  status!: i32;
  padding2!: u32;
  userTime!: u64;
  systemTime!: u64;
  rest!: Fixed<u64, 10>;

  clear(): void {
    this.signal = 0;
    this.error = 0;
    this.code = 0;
    this.padding = 0;
    this.pid = 0;
    this.uid = 0;
    this.status = 0;
    this.padding2 = 0;
    this.userTime = 0;
    this.systemTime = 0;
    for (let index: u32 = 0; index < 10; index++) this.rest[index] = 0;
  }

  /** Writes `from` as programs see it: what follows the codes depends on who sent the signal. */
  fill(from: SignalInformation): void {
    this.clear();
    this.signal = from.signal as i32;
    this.error = from.error;
    this.code = from.code;
    const isFault = isFaultSignal(from.signal) && from.code > 0 && from.code < 128;
    if (isFault) {
      // si_addr takes the place of pid and uid.
      this.pid = from.value as i32;
      this.uid = (from.value >> 32) as u32;
      return;
    }
    this.pid = from.pid;
    this.uid = from.uid;
    if (from.signal === SIGCHLD && from.code > 0) {
      this.status = from.status;
      this.userTime = from.userTime;
      this.systemTime = from.systemTime;
      return;
    }
    // si_value follows pid and uid.
    this.status = from.value as i32;
    this.padding2 = (from.value >> 32) as u32;
  }
}

staticAssert(sizeOf<SignalInformationLayout>() === 128, 'siginfo_t is 128 bytes');

function isFaultSignal(signal: u32): boolean {
  return signal === SIGSEGV || signal === SIGBUS || signal === SIGILL || signal === SIGFPE || signal === SIGTRAP;
}
