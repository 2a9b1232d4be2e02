; The `syscall` instruction: from a thread to the kernel's TypeScript. The way back is boot/leave.asm.
; A native thread keeps only rip and rsp (its stub declares the rest clobbered); a foreign thread keeps everything, in
; its UTCB page, where its handler reads and writes it. Entered with interrupts off and flags cleared by IA32_FMASK,
; rcx = rip, r11 = rflags, the user's rsp still in place (SDM 2B, SYSCALL).

%include "constants.inc"
%include "layout.inc"

global system_call_entry

extern kernel_native_operation
extern kernel_foreign_system_call
extern leave_kernel

section .text
bits 64

align 64
system_call_entry:
        swapgs
        mov [gs:Cpu.scratch], rsp
        mov rsp, [gs:Cpu.current]
        cmp byte [rsp + Tcb.foreign], 0
        jne .foreign

        ; rdi rsi rdx r10 r8 r9 are already the C arguments, but for the fourth; rax is the seventh.
        mov [rsp + Tcb.frame + FRAME.rip], rcx
        mov rcx, [gs:Cpu.scratch]
        mov [rsp + Tcb.frame + FRAME.rsp], rcx
        mov rsp, [gs:Cpu.kernelStackTop]
        mov rcx, r10
        push rax
        call kernel_native_operation
        jmp leave_kernel

        ; cs, ss, vector and original stay as they were: every exit forces the first two, and only faults have the others.
        ; So do rcx and r11, which the instruction itself overwrote: what is in the frame is the thread's own of before.
.foreign:
        mov rsp, [rsp + Tcb.registers]
        mov [rsp + FRAME.rdi], rdi
        mov [rsp + FRAME.rsi], rsi
        mov [rsp + FRAME.rdx], rdx
        mov [rsp + FRAME.rax], rax
        mov [rsp + FRAME.r8], r8
        mov [rsp + FRAME.r9], r9
        mov [rsp + FRAME.r10], r10
        mov [rsp + FRAME.rbx], rbx
        mov [rsp + FRAME.rbp], rbp
        mov [rsp + FRAME.r12], r12
        mov [rsp + FRAME.r13], r13
        mov [rsp + FRAME.r14], r14
        mov [rsp + FRAME.r15], r15
        mov [rsp + FRAME.rip], rcx
        mov [rsp + FRAME.rflags], r11
        mov rcx, [gs:Cpu.scratch]
        mov [rsp + FRAME.rsp], rcx
        mov rdi, [gs:Cpu.current]
        mov rsi, rsp
        mov rsp, [gs:Cpu.kernelStackTop]
        call kernel_foreign_system_call
        jmp leave_kernel
