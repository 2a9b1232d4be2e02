/**
 * Makes the hybrid ISO with grub-mkrescue: El Torito for BIOS and UEFI, and an MBR and EFI partition for USB sticks.
 * GRUB hands the kernel a multiboot2 information structure and the root file system as its one module.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface IsoContents {
  kernel: string;
  initrd: string;
  grubConfig: string;
  output: string;
}

/** The volume carries this time, 2026-01-01T00:00:00Z; files carry that of the build, and two builds differ in it. */
const EPOCH = '1767225600';

export function buildIso(contents: IsoContents): void {
  const tree = mkdtempSync(join(tmpdir(), 'kairo-iso-'));
  try {
    mkdirSync(join(tree, 'boot/grub'), { recursive: true });
    copyFileSync(contents.kernel, join(tree, 'boot/kairo.elf'));
    copyFileSync(contents.initrd, join(tree, 'boot/root.cpio'));
    writeFileSync(join(tree, 'boot/grub/grub.cfg'), contents.grubConfig);
    const result = spawnSync('grub-mkrescue', ['-o', contents.output, '--compress=no', tree], {
      encoding: 'utf8',
      env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH },
    });
    if (result.error !== undefined) throw result.error;
    if (result.status !== 0) throw new Error(`grub-mkrescue failed:\n${result.stderr}`);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/**
 * A menu of one entry that starts at once with the given command line. The last thing it does is to write a newline to
 * QEMU's debug console (port 0xe9), which tells the runner that firmware and GRUB have left the serial lines alone.
 */
export function isoGrubConfig(words: string[]): string {
  const quoted = splitWords(words.join(' '))
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  return `set timeout=0
if [ "$grub_platform" = efi ]; then
  insmod efi_gop
  insmod efi_uga
fi
menuentry 'Kairo' {
  multiboot2 /boot/kairo.elf ${quoted}
  module2 --nounzip /boot/root.cpio
  insmod iorw
  outb 0xe9 0x0a
}
`;
}

/**
 * The words of a kernel command line. Double quotes keep spaces in a word (Linux's lib/cmdline.c, next_arg) and are
 * taken away here: GRUB puts its own around a word with a space (grub-core/lib/cmdline.c).
 */
function splitWords(line: string): string[] {
  const words = line.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}
