; From the loader's 32-bit protected mode, paging off, to kernel_main in long mode at the image's linked address.
; The tables built here map nothing but the image (2M pages, at its physical and its linked address); kernel_main
; replaces them with W^X ones (kernel/arch/x86_64/kernel-map.ts) before it reads anything else.

%include "constants.inc"
%include "layout.inc"

global multiboot2_entry
global pvh_entry
global kernel_root_table
global table_reserve
global table_reserve_end
global boot_stack_guard
global boot_stack_top
global emergency_stacks

extern kernel_main
extern leave_kernel
extern image_end

PRESENT      equ 1 << 0
WRITABLE     equ 1 << 1
LARGE        equ 1 << 7

CR0_KEEP     equ 0x00000011             ; PE and ET; everything else is set below
CR0_SET      equ 0x80010023             ; PG, WP, NE, MP, PE
CR4_PAE      equ 1 << 5
EFER         equ 0xc0000080
EFER_LME     equ 1 << 8
EFER_NXE     equ 1 << 11

section .text
bits 32

; Multiboot2 3.3: eax is the loader's magic, ebx the physical address of the information.
multiboot2_entry:
        cmp eax, 0x36d76289
        jne unknown_loader
        mov ebp, PROTOCOL_MULTIBOOT2
        jmp enter

; PVH (Xen docs/misc/pvh.pandoc): ebx is the physical address of hvm_start_info.
pvh_entry:
        mov ebp, PROTOCOL_PVH

enter:
        cli
        cld
        mov esp, PHYSICAL(boot_stack_top)
        mov esi, ebx                    ; CPUID overwrites ebx

        ; Long mode is what this kernel runs in (SDM 2A, CPUID 80000001H).
        mov eax, 0x80000000
        cpuid
        cmp eax, 0x80000001
        jb no_long_mode
        mov eax, 0x80000001
        cpuid
        bt edx, 29
        jnc no_long_mode
        mov edi, edx                    ; bit 20: NX

        ; One directory of 2M pages from 0 to the end of the image, seen at 0 and at KERNEL_BASE.
        mov eax, PHYSICAL(boot_pointers) + PRESENT + WRITABLE
        mov [PHYSICAL(boot_root_table)], eax
        mov [PHYSICAL(boot_root_table) + 511 * 8], eax
        mov eax, PHYSICAL(boot_image_directory) + PRESENT + WRITABLE
        mov [PHYSICAL(boot_pointers)], eax
        mov [PHYSICAL(boot_pointers) + 510 * 8], eax
        mov eax, PRESENT + WRITABLE + LARGE
        mov ecx, PHYSICAL(boot_image_directory)
.next_page:
        mov [ecx], eax
        add ecx, 8
        add eax, 1 << 21
        cmp eax, PHYSICAL(image_end)
        jb .next_page

        mov eax, CR4_PAE
        mov cr4, eax
        mov eax, PHYSICAL(boot_root_table)
        mov cr3, eax
        mov ecx, EFER
        rdmsr
        or eax, EFER_LME
        bt edi, 20
        jnc .no_nx
        or eax, EFER_NXE
.no_nx:
        wrmsr
        mov eax, cr0
        and eax, CR0_KEEP
        or eax, CR0_SET
        mov cr0, eax
        lgdt [PHYSICAL(boot_gdt_register)]
        jmp KERNEL_CODE:PHYSICAL(long_mode)

; Nothing can be said in a way this machine surely shows, so say it in all of them: debugcon, COM1, the text screen.
unknown_loader:
        mov esi, PHYSICAL(unknown_loader_text)
        jmp say
no_long_mode:
        mov esi, PHYSICAL(no_long_mode_text)
say:
        mov edi, 0xb8000
.next:
        lodsb
        test al, al
        jz .stop
        out 0xe9, al
        mov dx, 0x3f8
        out dx, al
        mov ah, 0x0f
        stosw
        jmp .next
.stop:
        cli
        hlt
        jmp .stop

bits 64
long_mode:
        mov rax, high
        jmp rax
high:
        xor eax, eax
        mov ds, eax
        mov es, eax
        mov fs, eax
        mov gs, eax
        ; Reset leaves a local descriptor table of 64 KB at address 0, which a program could map and fill with gates.
        lldt ax
        mov ss, eax                     ; null is a valid ss at ring 0 in 64-bit mode (SDM 3A 5.3.1)
        mov rsp, boot_stack_top
        mov edi, ebp                    ; BootProtocol
        mov esi, esi                    ; physical address of the loader's information
        xor ebp, ebp                    ; the end of every backtrace
        call kernel_main
        jmp leave_kernel

section .rodata
unknown_loader_text: db "Kairo: started by a loader that is neither multiboot2 nor PVH.", 0
no_long_mode_text:   db "Kairo: this processor has no 64-bit mode.", 0

        align 8
boot_gdt:
        dq 0
        dq 0x00af9b000000ffff           ; KERNEL_CODE: 64-bit, ring 0
        dq 0x00cf93000000ffff           ; KERNEL_DATA
boot_gdt_end:
boot_gdt_register:
        dw boot_gdt_end - boot_gdt - 1
        dd PHYSICAL(boot_gdt)

section .bss nobits alloc noexec write align=4096
kernel_root_table:    resb 4096
table_reserve:        resb 24 * 4096    ; kernel-map.ts takes tables from here on, and in the end the boot tables too
boot_root_table:      resb 4096
boot_pointers:        resb 4096
boot_image_directory: resb 4096
table_reserve_end:
boot_stack_guard:     resb 4096         ; not mapped later: an overflow is a double fault, which has its own stack
                      resb 16384
boot_stack_top:
emergency_stacks:     resb 3 * 4096     ; NMI, double fault, machine check (descriptors.ts)
