/** Ports of the devices that the kernel itself drives. IN and OUT themselves are intrinsics of this folder. */

/** First 16550 (COM1): console and log. */
export const PORT_COM1: u64 = 0x3f8;
/** QEMU's and Bochs' debug console: a byte written appears on the host; reads give 0xe9 where it exists. */
export const PORT_DEBUG_CONSOLE: u64 = 0xe9;
/** QEMU's isa-debug-exit: a value v ends QEMU with status 2v+1. */
export const PORT_DEBUG_EXIT: u64 = 0xf4;
/** 8259 interrupt controllers. */
export const PORT_PIC_MASTER: u64 = 0x20;
export const PORT_PIC_SLAVE: u64 = 0xa0;
/** 8254 timer: counter 0, and the mode of all. */
export const PORT_PIT_COUNTER0: u64 = 0x40;
export const PORT_PIT_MODE: u64 = 0x43;
/** MC146818 clock: index and data. */
export const PORT_CMOS_INDEX: u64 = 0x70;
export const PORT_CMOS_DATA: u64 = 0x71;
/** 8042 keyboard controller and the PIIX/ICH reset control register. */
export const PORT_KEYBOARD_COMMAND: u64 = 0x64;
export const PORT_RESET_CONTROL: u64 = 0xcf9;
/** VGA's CRT controller: index and data. */
export const PORT_CRT_INDEX: u64 = 0x3d4;
export const PORT_CRT_DATA: u64 = 0x3d5;
