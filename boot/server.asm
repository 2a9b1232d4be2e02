; The process server's ELF file, inside the kernel image: PVH passes exactly one module, and that is the root file system.
; The kernel copies its segments out when it makes the root task (kernel/root-task.ts).

global server_image_start
global server_image_end

section .embedded progbits alloc noexec nowrite align=4096
server_image_start:
        incbin "server.elf"
server_image_end:
