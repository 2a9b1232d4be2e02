/** Terminal settings as Linux's x86_64 programs see them (termios(3), ioctl_tty(2)): struct termios of TCGETS. */

export const ICRNL: u32 = 0x100;
export const INLCR: u32 = 0x40;
export const IGNCR: u32 = 0x80;
export const ISTRIP: u32 = 0x20;
export const IXON: u32 = 0x400;
export const IXANY: u32 = 0x800;
export const OPOST: u32 = 1;
export const ONLCR: u32 = 4;
export const OCRNL: u32 = 8;
export const ISIG: u32 = 1;
export const ICANON: u32 = 2;
export const ECHO: u32 = 8;
export const ECHOE: u32 = 0x10;
export const ECHOK: u32 = 0x20;
export const ECHONL: u32 = 0x40;
export const NOFLSH: u32 = 0x80;
export const TOSTOP: u32 = 0x100;
export const ECHOCTL: u32 = 0x200;
export const ECHOKE: u32 = 0x800;
export const IEXTEN: u32 = 0x8000;

export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSTART = 8;
export const VSTOP = 9;
export const VSUSP = 10;
export const VEOL = 11;
export const VREPRINT = 12;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;

export class Termios {
  input!: u32;
  output!: u32;
  control!: u32;
  local!: u32;
  line!: u8;
  characters!: Fixed<u8, 19>;
}

staticAssert(sizeOf<Termios>() === 36, 'struct termios of the kernel is 36 bytes');

export class WindowSize {
  rows!: u16;
  columns!: u16;
  pixelsAcross!: u16;
  pixelsDown!: u16;
}

/** What a terminal has when it is first opened (Linux's tty_std_termios). */
export function setStandard(termios: Termios): void {
  termios.input = ICRNL | IXON;
  termios.output = OPOST | ONLCR;
  // 38400 baud as Linux says by default, 8 bits, receiver on, hang up on close.
  termios.control = 0xcbd;
  termios.local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
  const characters = termios.characters;
  characters[VINTR] = 3;
  characters[VQUIT] = 28;
  characters[VERASE] = 127;
  characters[VKILL] = 21;
  characters[VEOF] = 4;
  characters[VTIME] = 0;
  characters[VMIN] = 1;
  characters[VSTART] = 17;
  characters[VSTOP] = 19;
  characters[VSUSP] = 26;
  characters[VREPRINT] = 18;
  characters[13] = 15;
  characters[VWERASE] = 23;
  characters[VLNEXT] = 22;
}
