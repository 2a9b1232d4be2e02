/** /proc/cpuinfo: what the processor says of itself (Intel SDM 2A, CPUID). */
import { processorWord } from '../../arch/x86_64/processor';
import { ticksToNanoseconds } from '../../time/clock';
import type { Text } from '../text';

const EAX: u64 = 0;
const EBX: u64 = 1;
const ECX: u64 = 2;
const EDX: u64 = 3;
/** The brand string is in three leaves of sixteen characters. */
const BRAND: u64 = 0x8000_0002;

export function writeProcessor(text: Text): void {
  const signature = processorWord(1, EAX);
  text.putString('processor\t: 0\nvendor_id\t: ');
  putCharacters(text, processorWord(0, EBX));
  putCharacters(text, processorWord(0, EDX));
  putCharacters(text, processorWord(0, ECX));
  text.putString('\ncpu family\t: ');
  text.putDecimal(((signature >>> 8) & 15) + ((signature >>> 20) & 255));
  text.putString('\nmodel\t\t: ');
  text.putDecimal(((signature >>> 4) & 15) | ((signature >>> 12) & 0xf0));
  text.putString('\nmodel name\t: ');
  for (let leaf: u64 = 0; leaf < 3; leaf++) {
    for (let word: u64 = EAX; word <= EDX; word++) putCharacters(text, processorWord(BRAND + leaf, word));
  }
  text.putString('\nstepping\t: ');
  text.putDecimal(signature & 15);
  // A million ticks take this many nanoseconds; MHz is ticks per microsecond.
  const span: u64 = ticksToNanoseconds(1000000);
  const kilohertz: u64 = span === 0 ? 0 : 1000000000000 / span;
  text.putString('\ncpu MHz\t\t: ');
  text.putDecimal(kilohertz / 1000);
  text.putByte(46);
  text.putPadded(kilohertz % 1000, 3, 48);
  text.putString('\nphysical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n\n');
}

/** Four characters in a register, the lowest byte first; zeros end the text. */
function putCharacters(text: Text, word: u64): void {
  for (let shift: u64 = 0; shift < 32; shift += 8) {
    const byte: u64 = (word >>> shift) & 255;
    if (byte !== 0) text.putByte(byte);
  }
}
