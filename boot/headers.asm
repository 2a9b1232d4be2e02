; What a loader looks for in the image: the multiboot2 header (GRUB, BIOS and UEFI) and the PVH entry note (QEMU
; -kernel, microvm). Both name a 32-bit entry in boot/entry.asm by its physical address.

%include "constants.inc"

extern multiboot2_entry
extern pvh_entry

; Multiboot2 specification 2.0, 3.1. It must lie in the image's first 32 KB, aligned to 8.
section .multiboot2 progbits alloc noexec nowrite align=8
MAGIC        equ 0xe85250d6
ARCHITECTURE equ 0                      ; 32-bit protected mode of i386
header:
        dd MAGIC, ARCHITECTURE, header_end - header
        dd 0x100000000 - (MAGIC + ARCHITECTURE + (header_end - header))

        align 8                         ; 3.1.10: modules start on a page, so that one can become a Region
        dw 6, 0
        dd 8

        align 8                         ; 3.1.8: a console is welcome and none is required; text mode is understood
        dw 4, 1
        dd 12
        dd 2

        align 8                         ; 3.1.9: a linear framebuffer of any size is understood (optional tag)
        dw 5, 1
        dd 20
        dd 0, 0, 32

        align 8                         ; 3.1.7: the entry, physical
        dw 3, 0
        dd 12
        dd PHYSICAL(multiboot2_entry)

        align 8                         ; 3.1.3: end of tags
        dw 0, 0
        dd 8
header_end:

; Xen's public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY. QEMU reads a word of the note as wide as the ELF class.
section .note.pvh note alloc noexec nowrite align=4
        dd 4, 8, 18
        db "Xen", 0
        dq PHYSICAL(pvh_entry)
