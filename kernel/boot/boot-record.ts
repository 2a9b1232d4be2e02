/**
 * What the loader told, copied out of its memory into one place, whatever protocol it spoke. Everything optional is
 * zero when it is absent.
 */

/** boot/constants.inc knows these numbers. */
export enum BootProtocol {
  None = 0,
  Multiboot2 = 1,
  Pvh = 2,
}

export enum ScreenKind {
  None = 0,
  /** Linear, with the pixel format below. */
  Framebuffer = 1,
  /** 80 by 25 cells of VGA text. */
  Text = 2,
}

export const COMMAND_LINE_BYTES = 2048;

export class BootRecord {
  protocol!: BootProtocol;
  /** Without a final 0. */
  commandLine!: Fixed<u8, 2048>;
  commandLineLength!: u64;
  commandLineWasCut!: boolean;
  /** The first module: the initial root file system. */
  modulePhysical!: u64;
  moduleBytes!: u64;
  /** The ACPI root pointer: where it lies, or a copy that the loader made (20 or 36 bytes). */
  acpiPhysical!: u64;
  acpiCopyBytes!: u64;
  acpiCopy!: Fixed<u8, 36>;

  screenKind!: ScreenKind;
  screenBitsPerPixel!: u8;
  screenRedShift!: u8;
  screenGreenShift!: u8;
  screenBlueShift!: u8;
  screenPhysical!: u64;
  screenPitch!: u32;
  screenWidth!: u32;
  screenHeight!: u32;

  /** RAM that the loader reported, in bytes. */
  totalMemory!: u64;
}

export const bootRecord: BootRecord = reserve();

/** Adds one character of the command line; what does not fit is cut, and remembered. */
export function appendCommandLine(character: u8): void {
  if (bootRecord.commandLineLength === COMMAND_LINE_BYTES) {
    bootRecord.commandLineWasCut = true;
    return;
  }
  bootRecord.commandLine[bootRecord.commandLineLength] = character;
  bootRecord.commandLineLength++;
}
